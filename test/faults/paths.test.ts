import { existsSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inPieces, tarOf } from '../conformance/artifacts/tar.js';
import { createProject, type PolyaxonProject } from '../support/polyaxon.js';
import { type RunningServer, startServer } from '../support/server.js';
import { createSite, leftovers, processesWith, type Site } from './support.js';

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
  it('give what lies in them, whatever it is called, and show nothing else', async () => {
    const id = await plantedRun();
    const outputs = `/experiments/${id}/outputs`;
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

describe('an upload of code', () => {
  const good = () => tarOf([{ name: 'main.py', text: 'pass' }]);

  it('with a name that only looks like a climb has just that name', async () => {
    const name = '%2e%2e/#?%252e';
    expect((await project.upload(await tarOf([{ name, text: 'x' }]))).status).toBe(200);
    const code = await project.send('GET', '/repo/download');
    expect(await namesIn(Buffer.from(await code.arrayBuffer()))).toContain(`file ${name}`);
    expect(leftovers(site).filter((file) => file.endsWith(name))).toHaveLength(1);
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
