import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { artifactPath } from '../../../src/core/artifact-path.js';
import type { UnpackLimits } from '../../../src/core/ports/index.js';
import { aRoot, codeOf, filesOf, treeOf, writeTexts } from './fixtures.js';
import { hostilePaths } from './paths.js';
import type { Subject } from './suite.js';
import {
  bareTarOf,
  bufferOf,
  bytesOf,
  inPieces,
  type TarEntry,
  tarHeader,
  tarOf,
  tenGigabytes,
} from './tar.js';

const limits: UnpackLimits = { maxEntries: 1000, maxBytes: 100_000_000, maxRatio: 100 };

/** Names that the tar format itself has another word for: `./a` is `a`, and text ends at NUL. */
const meansSomethingInTar = new Set(['', './a', 'a\0', 'a\0.txt/b']);

export function archiveCases(subject: Subject): void {
  describe('archive', () => {
    it('holds every file, and the system’s tar reads it', async () => {
      const { store, root } = subject;
      const deep = `${'long-name-'.repeat(12)}/é/😀.txt`;
      await writeTexts(store, root, { 'a/b': 'x'.repeat(300_000), empty: '', [deep]: 'deep' });
      const folder = mkdtempSync(join(tmpdir(), 'franca-tar-'));
      try {
        writeFileSync(join(folder, 'x.tgz'), await bufferOf(store.archive(root, null)));
        const listing = execFileSync('tar', ['-tzf', 'x.tgz', '--quoting-style=literal'], {
          cwd: folder,
          env: { ...process.env, LC_ALL: 'C.UTF-8' },
        });
        expect(listing.toString().trim().split('\n').sort()).toEqual(['a/b', 'empty', deep].sort());
        expect(execFileSync('tar', ['-xzOf', 'x.tgz', 'a/b'], { cwd: folder })).toHaveLength(300_000);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('of a folder has the paths below it', async () => {
      const { store, root } = subject;
      await writeTexts(store, root, { 'a/b/c': '1', 'a/d': '2', e: '3' });
      const other = aRoot();
      await store.unpack(other, store.archive(root, artifactPath('a')), limits);
      expect(await treeOf(store, other)).toEqual({ 'b/c': '1', d: '2' });
    });

    it('of nothing is whole and empty', async () => {
      const { store, root } = subject;
      const other = aRoot();
      expect(await store.unpack(other, store.archive(root, null), limits)).toEqual({ files: 0, bytes: 0 });
      expect(await filesOf(store, other)).toEqual([]);
    });

    it('can be left early', async () => {
      const { store, root } = subject;
      await writeTexts(store, root, Object.fromEntries([1, 2, 3].map((n) => [`f${n}`, randomText()])));
      for await (const chunk of store.archive(root, null)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await store.remove(root, null)).toBe(true);
    });
  });

  describe('unpack', () => {
    it('takes what tar and Python make', async () => {
      const { store, root } = subject;
      const archive = await tarOf([
        { name: './', type: 'directory' },
        { name: './main.py', text: 'print(1)' },
        { name: 'src/', type: 'directory' },
        { name: 'src/a.py', text: 'x'.repeat(100_000) },
        { name: `${'d/'.repeat(100)}deep.txt`, text: 'deep' },
        { name: 'é😀', text: '' },
      ]);
      expect(await store.unpack(root, inPieces(archive, 100), limits)).toEqual({ files: 4, bytes: 100_012 });
      expect(Object.keys(await treeOf(store, root)).sort()).toEqual(
        [`${'d/'.repeat(100)}deep.txt`, 'main.py', 'src/a.py', 'é😀'].sort(),
      );
    });

    it('replaces what was there', async () => {
      const { store, root } = subject;
      await store.unpack(root, inPieces(await tarOf([{ name: 'old', text: '1' }])), limits);
      await store.unpack(root, inPieces(await tarOf([{ name: 'new', text: '2' }])), limits);
      expect(await treeOf(store, root)).toEqual({ new: '2' });
    });

    it('of several at once leaves one of them, whole', async () => {
      const { store, root } = subject;
      const archives = await Promise.all(
        [0, 1, 2, 3].map((n) => tarOf([1, 2, 3].map((f) => ({ name: `${n}/${f}`, text: `${n}` })))),
      );
      await Promise.all(archives.map((archive) => store.unpack(root, inPieces(archive), limits)));
      const files = await filesOf(store, root);
      expect(files).toHaveLength(3);
      expect(new Set(files.map((file) => file.split('/')[0])).size).toBe(1);
    });

    const attacks: readonly (readonly [string, readonly TarEntry[]])[] = [
      ...hostilePaths
        .filter(([path]) => !meansSomethingInTar.has(path) && !/[\ud800-\udfff]/.test(path))
        .map(
          ([path, reason]) => [`a file that ${reason}`, [{ name: path, text: 'x', type: 'file' }]] as const,
        ),
      ['a folder that climbs', [{ name: '../x/', type: 'directory' }]],
      ['a symbolic link', [{ name: 'x', type: 'symlink', linkname: '/etc/passwd' }]],
      ['a link, and a file through it', [{ name: 'x', type: 'symlink', linkname: '/tmp' }, { name: 'x/y' }]],
      ['a hard link', [{ name: 'x', type: 'link', linkname: '/etc/passwd' }]],
      ['a device', [{ name: 'x', type: 'character-device', devmajor: 1, devminor: 3 }]],
      ['a block device', [{ name: 'x', type: 'block-device', devmajor: 8, devminor: 0 }]],
      ['a pipe', [{ name: 'x', type: 'fifo' }]],
      [
        'a file twice',
        [
          { name: 'x', text: '1' },
          { name: './x', text: '2' },
        ],
      ],
      [
        'a file in a file',
        [
          { name: 'x', text: '1' },
          { name: 'x/y', text: '2' },
        ],
      ],
      [
        'a file that is a folder',
        [
          { name: 'x/y', text: '1' },
          { name: 'x', text: '2' },
        ],
      ],
      [
        'a folder that is a file',
        [
          { name: 'x', text: '1' },
          { name: 'x/', type: 'directory' },
        ],
      ],
    ];
    it.each(attacks)('refuses %s, and keeps what was there', async (_, entries) => {
      const { store, root } = subject;
      await writeTexts(store, root, { kept: 'before' });
      const archive = await tarOf([{ name: 'first', text: 'harmless' }, ...entries]);
      expect(await codeOf(store.unpack(root, inPieces(archive), limits))).toBe('invalid');
      expect(await treeOf(store, root)).toEqual({ kept: 'before' });
    });

    it('refuses what is no tar.gz, or not the whole of one', async () => {
      const { store, root } = subject;
      const entries = [1, 2, 3].map((n) => ({ name: `f${n}`, text: randomText() }));
      const whole = await tarOf(entries);
      const broken = Buffer.from(whole);
      broken.fill(0xff, 50_000, 50_100);
      const bad = [
        Buffer.alloc(0),
        Buffer.from('no archive at all'),
        await bareTarOf(entries),
        whole.subarray(0, 10),
        whole.subarray(0, 60_000),
        whole.subarray(0, -1),
        broken,
      ];
      for (const archive of bad) {
        expect(await codeOf(store.unpack(root, inPieces(archive), limits))).toBe('invalid');
      }
      expect(await filesOf(store, root)).toEqual([]);
    });

    it('refuses too many entries and too many bytes', async () => {
      const { store, root } = subject;
      const many = await tarOf(Array.from({ length: 20 }, (_, n) => ({ name: `f${n}`, text: 'x' })));
      const tight = [
        { ...limits, maxEntries: 19 },
        { ...limits, maxBytes: 19 },
        { ...limits, maxBytes: 5_000 },
      ];
      for (const limit of tight) {
        expect(await codeOf(store.unpack(root, inPieces(many), limit))).toBe('too_large');
      }
      expect(await store.unpack(root, inPieces(many), { ...limits, maxEntries: 20 })).toMatchObject({
        files: 20,
      });
    });

    it('stops at an archive that swells: 10 GB of zeros, and a file that says it is so large', async () => {
      const { store, root } = subject;
      for (const limit of [limits, { ...limits, maxBytes: 10 ** 12 }]) {
        expect(await codeOf(store.unpack(root, tenGigabytes(Buffer.alloc(0)), limit))).toBe('too_large');
        expect(
          await codeOf(store.unpack(root, tenGigabytes(await tarHeader('zeros', 10 ** 10)), limit)),
        ).toBe('too_large');
      }
      const text = '\0'.repeat(20_000_000);
      const swelling = await tarOf([{ name: 'zeros', text }]);
      expect(await codeOf(store.unpack(root, inPieces(swelling), limits))).toBe('too_large');
      expect(await filesOf(store, root)).toEqual([]);
    });

    it('passes on the failure of the stream, and keeps what was there', async () => {
      const { store, root } = subject;
      const failure = new Error('the client is gone');
      const archive = await tarOf([1, 2, 3].map((n) => ({ name: `f${n}`, text: randomText() })));
      async function* cut() {
        yield* inPieces(archive.subarray(0, 60_000));
        throw failure;
      }
      await writeTexts(store, root, { kept: 'before' });
      await expect(store.unpack(root, cut(), limits)).rejects.toBe(failure);
      expect(await treeOf(store, root)).toEqual({ kept: 'before' });
    });

    it('refuses an archive within an endless one of text', async () => {
      const { store, root } = subject;
      async function* endless() {
        for (;;) yield* bytesOf('not gzip');
      }
      expect(await codeOf(store.unpack(root, endless(), limits))).toBe('invalid');
    });
  });
}

/** 53,336 characters that shrink little. */
function randomText(): string {
  return randomBytes(40_000).toString('base64');
}
