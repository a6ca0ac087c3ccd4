import { existsSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cheapBomb, inPieces, type TarEntry, tarHeader, tarOf } from '../conformance/artifacts/tar.js';
import { watchMemory } from '../support/memory.js';
import { createProject, type PolyaxonProject, rawGet } from '../support/polyaxon.js';
import { type RunningServer, startServer } from '../support/server.js';
import { createSite, full, leftovers, processesWith, type Site } from './support.js';

let site: Site;
let server: RunningServer;
let project: PolyaxonProject;

beforeEach(async () => {
  site = await createSite();
  server = await startServer({ dataFolder: site.dataFolder, port: site.port });
  project = await createProject(server.url);
});

afterEach(async () => {
  await server.stop();
  expect(processesWith(site.folder)).toEqual([]);
  await site.remove();
});

/** What the files that links point at hold; no answer may. */
const secrets = /root:x?:|SQLite format 3|the secret of this machine/;

/** Puts everything into the outputs that leads out of them, or that never ends. */
const plant = (secret: string, database: string) => `
cd "$POLYAXON_RUN_OUTPUTS_PATH"
mkdir model
echo weights > model/weights
echo odd > 'odd #?&%2e%2e name'
ln -s /etc/passwd passwd
ln -s /etc etc
ln -s .. up
ln -s ../../.. model/up
ln -s '${database}' database
ln -s '${secret}' secret
ln -s loop loop
ln -s model inside
mkfifo pipe
mknod null c 1 3 2>/dev/null || true
mknod zero c 1 5 2>/dev/null || true
echo planted
`;

const long = 'n'.repeat(300);

/** Paths as they stand in a query: what they decode to names nothing in the outputs, or nothing that may be shown. */
const hostilePaths = [
  '..',
  '../..',
  '../../../../../../etc/passwd',
  'model/../../../franca.db',
  'model/..',
  './model/weights',
  'model//weights',
  '%2e%2e',
  '%2e%2e%2f%2e%2e%2ffranca.db',
  '..%2ffranca.db',
  '%252e%252e%252f%252e%252e%252ffranca.db',
  '%2Fetc%2Fpasswd',
  '/etc/passwd',
  '//etc/passwd',
  '~root',
  'file:///etc/passwd',
  '%00',
  'model/weights%00',
  'passwd%00.txt',
  '..%5c..%5cfranca.db',
  'model%5cweights',
  '%23',
  '%3F',
  'model/weights%23',
  'model/weights%3Fx',
  'model%0aweights',
  '%ff%fe',
  '%',
  '%c0%ae%c0%ae/franca.db',
  long,
  `model/${long}`,
  `${'d/'.repeat(1000)}f`,
  'passwd',
  'etc',
  'etc/passwd',
  'up',
  'up/up',
  'model/up',
  'model/up/franca.db',
  'database',
  'secret',
  'loop',
  'inside',
  'inside/weights',
  'pipe',
  'null',
  'zero',
];

async function plantedRun(): Promise<number> {
  const secret = join(site.folder, 'secret');
  writeFileSync(secret, 'the secret of this machine');
  const cmd = await site.script('plant.sh', plant(secret, join(site.dataFolder, 'franca.db')));
  const id = await project.submit(cmd);
  await project.waitFor(id, 'succeeded');
  return id;
}

/** The names of what an archive holds. */
async function namesIn(archive: Uint8Array): Promise<readonly string[]> {
  const names: string[] = [];
  const tar = extract();
  tar.end(gunzipSync(archive));
  for await (const entry of tar) {
    names.push(`${entry.header.type} ${entry.header.name}`);
    entry.resume();
  }
  return names.sort();
}

describe('outputs in which a job has planted links, pipes and devices', () => {
  it('give what lies in them, and nothing else by any path', async () => {
    const id = await plantedRun();
    const outputs = `/experiments/${id}/outputs`;
    for (const path of hostilePaths) {
      for (const what of ['files', 'tree']) {
        const target = `${project.path}${outputs}/${what}?path=${path}`;
        const { status, text } = await rawGet(server.port, target);
        expect([400, 404], `${target.slice(0, 200)}: ${status} ${text.slice(0, 200)}`).toContain(status);
        expect(text).not.toMatch(secrets);
      }
    }
    const odd = 'odd #?&%2e%2e name';
    const file = await project.send('GET', `${outputs}/files?path=${encodeURIComponent(odd)}`);
    expect(await file.text()).toBe('odd\n');
    expect(await project.ask('GET', `${outputs}/tree`)).toEqual({ files: [[odd, 4]], dirs: ['model'] });
    expect(await project.ask('GET', `${outputs}/tree?path=model`)).toEqual({
      files: [['weights', 8]],
      dirs: [],
    });
  });

  it('are archived without them', async () => {
    const id = await plantedRun();
    for (const path of ['outputs', 'outputs/download']) {
      const archive = Buffer.from(
        await (await project.send('GET', `/experiments/${id}/${path}`)).arrayBuffer(),
      );
      expect((await namesIn(archive)).filter((name) => !name.startsWith('directory'))).toEqual([
        'file model/weights',
        'file odd #?&%2e%2e name',
      ]);
      expect(gunzipSync(archive).toString('latin1')).not.toMatch(secrets);
    }
  });

  it('are removed without what they point at, and copied without them', async () => {
    const id = await plantedRun();
    const copy = await project.ask<{ id: number }>('POST', `/experiments/${id}/copy`, {
      content: { run: { cmd: 'find "$POLYAXON_RUN_OUTPUTS_PATH" -type l' } },
    });
    await project.waitFor(copy.id, 'succeeded');
    expect(await (await project.send('GET', `/experiments/${copy.id}/logs`)).text()).toBe('');
    const { uuid } = await project.get(id);
    expect((await project.send('DELETE', `/experiments/${id}`)).status).toBe(204);
    const root = uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    await expect
      .poll(() => existsSync(join(site.dataFolder, 'artifacts', root)), { timeout: 20_000 })
      .toBe(false);
    expect(readFileSync(join(site.folder, 'secret'), 'utf8')).toBe('the secret of this machine');
    expect(existsSync('/etc/passwd')).toBe(true);
  });
});

describe('addresses that climb', () => {
  it.each([
    '/api/v1/root/p/experiments/1/outputs/../../../../../../../etc/passwd',
    '/api/v1/root/p/experiments/1/outputs/%2e%2e/%2e%2e/%2e%2e/franca.db',
    '/api/v1/root/p/experiments/1/outputs/files/..%2f..%2ffranca.db?path=a',
    '/api/v1/root/p/experiments/%2e%2e/outputs/tree',
    '/api/v1/root/..%2fp/experiments',
    '/api/v1/root/%252e%252e/repo/download',
    '/api/v1/root/%00/experiments',
    '/api/v1/root/p%5c..%5cp/repo/download',
    '/api/v1/root/%23/experiments',
    '/api/v1/root/%3f/experiments',
    `/api/v1/root/${long}/experiments`,
    '/tensorboard/root/../../etc/passwd',
    '/tensorboard/root/p/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/etc/passwd',
    '//etc/passwd',
  ])('%s is found nowhere', async (target) => {
    const { status, text } = await rawGet(server.port, target);
    expect([400, 404], `${status} ${text.slice(0, 200)}`).toContain(status);
    expect(text).not.toMatch(secrets);
  });
});

/** Every file below the site that no upload may touch, with its content where it is small. */
function surroundings(): readonly string[] {
  return readdirSync(site.folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/franca\.db|^data.artifacts/.test(name))
    .sort();
}

const escaped = (): string => join(site.folder, 'escaped');

/** Entries that an archive may not have, some of names that only a record of their own can hold. */
const hostileEntries: Readonly<Record<string, () => readonly TarEntry[]>> = {
  'a file above': () => [{ name: '../escaped', text: 'x' }],
  'a file far above': () => [{ name: `${'../'.repeat(20)}tmp/franca-escaped`, text: 'x' }],
  'a file above by a detour': () => [{ name: 'a/../../escaped', text: 'x' }],
  'an absolute file': () => [{ name: escaped(), text: 'x' }],
  'a folder above': () => [{ name: '../escaped/', type: 'directory' }],
  'a link to a folder, and a file behind it': () => [
    { name: 'out', type: 'symlink', linkname: site.folder },
    { name: 'out/escaped', text: 'x' },
  ],
  'a link to a file, and a file over it': () => [
    { name: 'out', type: 'symlink', linkname: escaped() },
    { name: 'out', text: 'x' },
  ],
  'a link to /etc/passwd': () => [{ name: 'passwd', type: 'symlink', linkname: '/etc/passwd' }],
  'a hard link to the database': () => [
    { name: 'db', type: 'link', linkname: join(site.dataFolder, 'franca.db') },
  ],
  'a hard link above': () => [{ name: 'db', type: 'link', linkname: '../../franca.db' }],
  'a device': () => [{ name: 'disk', type: 'block-device', devmajor: 8, devminor: 0 }],
  'a terminal': () => [{ name: 'console', type: 'character-device', devmajor: 5, devminor: 1 }],
  'a pipe': () => [{ name: 'pipe', type: 'fifo' }],
  'a NUL in a name': () => [{ name: 'a', pax: { path: 'a\0b' }, text: 'x' }],
  'a backslash': () => [{ name: '..\\..\\escaped', text: 'x' }],
  'a name of 300 characters': () => [{ name: long, pax: { path: long }, text: 'x' }],
  'a file that is a folder too': () => [
    { name: 'a', text: 'x' },
    { name: 'a/b', text: 'x' },
  ],
  'a file twice': () => [
    { name: 'a', text: 'x' },
    { name: 'a', text: 'y' },
  ],
};

describe('an upload of code', () => {
  /** The code is what it was before, and nothing has come beside it. */
  async function expectUnchanged(before: readonly string[]): Promise<void> {
    const code = await project.send('GET', '/repo/download');
    expect(await namesIn(Buffer.from(await code.arrayBuffer()))).toEqual(['file main.py']);
    expect(leftovers(site).filter((name) => /main\.py$/.test(name))).toHaveLength(1);
    expect(leftovers(site)).toHaveLength(2);
    expect(surroundings()).toEqual(before);
    expect(existsSync('/tmp/franca-escaped')).toBe(false);
  }

  const good = () => tarOf([{ name: 'main.py', text: 'pass' }]);

  it.each(Object.keys(hostileEntries))('with %s is refused whole', async (name) => {
    expect((await project.upload(await good())).status).toBe(200);
    const before = surroundings();
    const entries = hostileEntries[name]?.() ?? [];
    const answer = await project.upload(await tarOf([{ name: 'first', text: 'x' }, ...entries]));
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('archive')]);
    await expectUnchanged(before);
  });

  it('with a name that only looks like a climb has just that name', async () => {
    const name = '%2e%2e/#?%252e';
    expect((await project.upload(await tarOf([{ name, text: 'x' }]))).status).toBe(200);
    const code = await project.send('GET', '/repo/download');
    expect(await namesIn(Buffer.from(await code.arrayBuffer()))).toContain(`file ${name}`);
    expect(leftovers(site).filter((file) => file.endsWith(name))).toHaveLength(1);
  });

  const bombs: Readonly<Record<string, () => Promise<Uint8Array | AsyncIterable<Uint8Array>>>> = {
    '10 GB of zeros in one file': async () => cheapBomb(await tarHeader('zeros', 8_000_000_000)),
    '10 GB of zeros behind its end': async () => cheapBomb(Buffer.alloc(1024)),
    '10 GB of zeros in one that says 100 MB': async () => cheapBomb(await tarHeader('zeros', 100_000_000)),
    '20,000 files': () => tarOf(Array.from({ length: 20_000 }, (_, n) => ({ name: `${n}`, text: '' }))),
    'a tar.gz in a gzip': async () => gzipSync(await good()),
    '60 MB of zeros that are a gzip': async () => gzipSync(Buffer.alloc(60_000_000)),
  };
  const names = Object.keys(bombs);

  it.each(names)('that is %s is refused in little memory, and leaves nothing', async (name) => {
    const bomb = await bombs[name]?.();
    if (bomb === undefined) throw new Error('it is one of them');
    expect((await project.upload(await good())).status).toBe(200);
    const before = surroundings();
    const highest = watchMemory(server.pid);
    const answer = await project.upload(bomb);
    const memory = highest();
    expect([400, 413]).toContain(answer.status);
    expect(await answer.text()).toMatch(/archive|body/);
    await expectUnchanged(before);
    expect(memory).toBeLessThan(250);
  });

  it('and eight bombs at once leave the server small, and others served', async () => {
    expect((await project.upload(await good())).status).toBe(200);
    const before = surroundings();
    const highest = watchMemory(server.pid);
    const header = await tarHeader('zeros', 900_000_000);
    const bombsAtOnce = Array.from({ length: full ? 8 : 4 }, () => project.upload(cheapBomb(header)));
    expect((await project.send('GET', '/experiments')).status).toBe(200);
    const statuses = (await Promise.all(bombsAtOnce)).map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 413));
    await expectUnchanged(before);
    expect(highest()).toBeLessThan(250);
  });

  it('goes into no folder that something else was put in the place of', async () => {
    // A hard link that stands in the store beside the code is no part of any archive.
    expect((await project.upload(await good())).status).toBe(200);
    const [root] = readdirSync(join(site.dataFolder, 'artifacts')).filter((name) => name.startsWith('code-'));
    linkSync(join(site.folder, 'witness'), join(site.dataFolder, 'artifacts', root ?? '', 'hard'));
    expect((await project.upload(await good())).status).toBe(200);
    expect(readFileSync(join(site.folder, 'witness'), 'utf8')).toBe('');
    expect(existsSync(join(site.dataFolder, 'artifacts', root ?? ''))).toBe(false);
  });
});

it('an archive that comes in pieces of one byte is taken as any other', async () => {
  const archive = await tarOf([{ name: 'main.py', text: 'pass' }]);
  expect((await project.upload(inPieces(archive, 1))).status).toBe(200);
});
