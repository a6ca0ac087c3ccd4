import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { cheapBomb, type TarEntry, tarHeader, tarOf } from '../../conformance/artifacts/tar.js';
import { watchMemory } from '../../support/memory.js';
import { projectAt } from '../../support/polyaxon.js';
import { form } from '../doors.js';
import { type Attack, notFitting, others, type Tried } from '../matrix.js';
import type { AttackSite } from '../site.js';

const long = 'n'.repeat(300);

/** Entries that an archive may not have, some of names that only a record of their own can hold. */
const hostileEntries: Readonly<Record<string, (site: AttackSite) => readonly TarEntry[]>> = {
  'a file above': () => [{ name: '../escaped', text: 'x' }],
  'a file far above': () => [{ name: `${'../'.repeat(20)}tmp/franca-escaped`, text: 'x' }],
  'a file above by a detour': () => [{ name: 'a/../../escaped', text: 'x' }],
  'an absolute file': () => [{ name: '/tmp/franca-escaped', text: 'x' }],
  'a folder above': () => [{ name: '../escaped/', type: 'directory' }],
  'a link to a folder, and a file behind it': ({ folder }) => [
    { name: 'out', type: 'symlink', linkname: folder },
    { name: 'out/escaped', text: 'x' },
  ],
  'a link to a file, and a file over it': ({ folder }) => [
    { name: 'out', type: 'symlink', linkname: join(folder, 'secret') },
    { name: 'out', text: 'x' },
  ],
  'a link to /etc/passwd': () => [{ name: 'passwd', type: 'symlink', linkname: '/etc/passwd' }],
  'a hard link to the database': ({ server }) => [
    { name: 'db', type: 'link', linkname: join(server.dataFolder, 'franca.db') },
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

const upload = { method: 'PUT', path: '/api/v1/root/p/repo/upload' } as const;

/** Each archive is refused whole, and the code that was there before stays. */
async function climbing(site: AttackSite): Promise<void> {
  for (const [name, entries] of Object.entries(hostileEntries)) {
    const archive = await tarOf([{ name: 'first', text: 'x' }, ...entries(site)]);
    const request = { ...upload, ...form('repo', `${name}.tar.gz`, archive) };
    await site.refused('polyaxon', request, { status: 400, words: 'archive' });
  }
  expect(existsSync('/tmp/franca-escaped')).toBe(false);
  expect(readdirSync(site.folder).sort()).toEqual(['data', 'secret']);
}

type Archive = Uint8Array | AsyncIterable<Uint8Array>;

/** Small uploads that unpack to much, and what is said of each. */
const bombs: readonly (readonly [
  archive: () => Archive | Promise<Archive>,
  status: number,
  words: string,
])[] = [
  [
    async () => cheapBomb(await tarHeader('zeros', 8_000_000_000)),
    413,
    'the archive holds more than 1073741824 bytes',
  ],
  [() => cheapBomb(Buffer.alloc(1024)), 413, 'the archive swells'],
  [async () => cheapBomb(await tarHeader('zeros', 100_000_000)), 413, 'the archive swells'],
  [
    () => tarOf(Array.from({ length: 20_000 }, (_, n) => ({ name: `${n}`, text: '' }))),
    413,
    'the archive holds more than 10000 entries',
  ],
  [async () => gzipSync(await tarOf([{ name: 'main.py', text: 'pass' }])), 400, 'is not a whole tar.gz'],
  [() => gzipSync(Buffer.alloc(60_000_000)), 413, 'the archive swells'],
];

/** As many megabytes as the server may have while it refuses what would be gigabytes. */
const bounded = 250;

async function swelling(site: AttackSite): Promise<void> {
  const project = projectAt(site.server.url);
  const highest = watchMemory(site.server.pid);
  for (const [archive, status, words] of bombs) {
    const answer = await project.upload(await archive());
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(words)]);
  }
  const header = await tarHeader('zeros', 900_000_000);
  const atOnce = Array.from({ length: 4 }, () => project.upload(cheapBomb(header)));
  expect((await project.send('GET', '/experiments')).status).toBe(200);
  expect((await Promise.all(atOnce)).map(({ status }) => status)).toEqual([413, 413, 413, 413]);
  expect(highest()).toBeLessThan(bounded);
}

const elsewhere = () => notFitting('unpacks nothing: only code for Polyaxon comes as an archive');
const only = (polyaxon: Tried) => others({ polyaxon }, elsewhere);

export const climbingArchives: Attack = { name: 'a tar that climbs or links', cells: only(climbing) };

export const swellingArchives: Attack = { name: 'a tar.gz that swells', cells: only(swelling) };
