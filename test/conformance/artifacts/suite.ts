import { createHash, randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ArtifactRoot, artifactPath, codePrefix, codeRoot } from '../../../src/core/artifact-path.js';
import type { ArtifactStore } from '../../../src/core/ports/index.js';
import {
  aRoot,
  codeOf,
  filesOf,
  listed,
  type OpenArtifactStore,
  textAt,
  treeOf,
  writeTexts,
} from './fixtures.js';
import { ordinaryPaths } from './paths.js';
import { archiveCases } from './suite-archives.js';
import { bufferOf, bytesOf, inPieces } from './tar.js';

/** What the cases of a suite see: one store for all of them, and for each a root of its own. */
export interface Subject {
  readonly store: ArtifactStore;
  readonly root: ArtifactRoot;
}

/** What every artifact store must do, wherever it keeps the bytes. */
export function describeArtifactStore(name: string, open: () => Promise<OpenArtifactStore>): void {
  describe(`artifact store in ${name}`, () => {
    let opened: OpenArtifactStore | null = null;
    let root = aRoot();
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened?.close();
    });
    beforeEach(() => {
      root = aRoot();
    });
    const subject: Subject = {
      get store() {
        if (opened === null) throw new Error('the store is not open');
        return opened.store;
      },
      get root() {
        return root;
      },
    };
    writeCases(subject);
    readCases(subject);
    listCases(subject);
    removeCases(subject);
    archiveCases(subject);
  });
}

function writeCases(subject: Subject): void {
  describe('write', () => {
    it('gives size, time and SHA-256, and keeps every byte', async () => {
      const { store, root } = subject;
      const bytes = randomBytes(1_000_003);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const written = await store.write(root, artifactPath('a/b.bin'), inPieces(bytes, 70_001));
      expect(written).toMatchObject({ size: bytes.length, sha256 });
      const { size, modifiedAt } = written;
      expect(await store.stat(root, artifactPath('a/b.bin'))).toMatchObject({ size, modifiedAt });
      const content = await store.read(root, artifactPath('a/b.bin'));
      expect(content).toMatchObject({ size, modifiedAt, start: 0, length: bytes.length });
      expect((await bufferOf(content?.bytes ?? inPieces(bytes, 0))).equals(bytes)).toBe(true);
    });

    it('takes an empty file', async () => {
      const { store, root } = subject;
      expect(await store.write(root, artifactPath('empty'), bytesOf(''))).toMatchObject({ size: 0 });
      expect(await textAt(store, root, 'empty')).toBe('');
      expect(await listed(store, root)).toMatchObject([{ kind: 'file', path: 'empty', size: 0 }]);
    });

    it('replaces a file; who reads the old one reads it to its end', async () => {
      const { store, root } = subject;
      const path = artifactPath('file');
      const old = 'old'.repeat(400_000);
      await store.write(root, path, bytesOf(old));
      const before = await store.read(root, path);
      await store.write(root, path, bytesOf('new'));
      expect(before && (await bufferOf(before.bytes)).toString()).toBe(old);
      expect(await textAt(store, root, 'file')).toBe('new');
    });

    it('shows nothing of a file that is being written, and nothing if its stream fails', async () => {
      const { store, root } = subject;
      const failure = new Error('the client is gone');
      const seen: unknown[] = [];
      async function* broken() {
        yield Buffer.alloc(100_000);
        seen.push(await filesOf(store, root), await textAt(store, root, 'kept'));
        throw failure;
      }
      await writeTexts(store, root, { kept: 'before' });
      await expect(store.write(root, artifactPath('fresh'), broken())).rejects.toBe(failure);
      await expect(store.write(root, artifactPath('kept'), broken())).rejects.toBe(failure);
      expect(seen).toEqual([['kept'], 'before', ['kept'], 'before']);
      expect(await treeOf(store, root)).toEqual({ kept: 'before' });
    });

    it('of many writers of one path one wins whole', async () => {
      const { store, root } = subject;
      const path = artifactPath('shared/file');
      const texts = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(200_000));
      await Promise.all(texts.map((text) => store.write(root, path, inPieces(Buffer.from(text), 9_999))));
      expect(texts).toContain(await textAt(store, root, 'shared/file'));
      expect(await filesOf(store, root)).toEqual(['shared/file']);
    });

    it('the last of two writers to finish wins', async () => {
      const { store, root } = subject;
      const path = artifactPath('file');
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      async function* slow() {
        yield Buffer.from('slow, ');
        await gate;
        yield Buffer.from('and last');
      }
      const last = store.write(root, path, slow());
      await store.write(root, path, bytesOf('quick'));
      expect(await textAt(store, root, 'file')).toBe('quick');
      release();
      await last;
      expect(await textAt(store, root, 'file')).toBe('slow, and last');
    });

    it.each(ordinaryPaths)('keeps a file at %j', async (path) => {
      const { store, root } = subject;
      await writeTexts(store, root, { [path]: path });
      expect(await treeOf(store, root)).toEqual({ [path]: path });
      expect(await store.stat(root, artifactPath(path))).toMatchObject({ kind: 'file', path });
      expect(await store.remove(root, artifactPath(path))).toBe(true);
      expect(await filesOf(store, root)).toEqual([]);
    });

    it('refuses a path where a folder is', async () => {
      const { store, root } = subject;
      await writeTexts(store, root, { 'a/b': 'text' });
      expect(await codeOf(store.write(root, artifactPath('a'), bytesOf('x')))).toBe('invalid');
      expect(await treeOf(store, root)).toEqual({ 'a/b': 'text' });
    });
  });
}

function readCases(subject: Subject): void {
  describe('read and stat', () => {
    it.each([
      [{ start: 0 }, '0123456789'],
      [{ start: 3 }, '3456789'],
      [{ start: 3, end: 3 }, '3'],
      [{ start: 0, end: 8 }, '012345678'],
      [{ start: 9, end: 1000 }, '9'],
    ])('gives the range %j', async (range, text) => {
      const { store, root } = subject;
      await writeTexts(store, root, { digits: '0123456789' });
      const content = await store.read(root, artifactPath('digits'), range);
      expect(content).toMatchObject({ size: 10, start: range.start, length: text.length });
      expect(content && (await bufferOf(content.bytes)).toString()).toBe(text);
    });

    it.each([{ start: 10 }, { start: 5, end: 4 }, { start: -1 }, { start: 0.5 }, { start: Number.NaN }])(
      'refuses the range %j',
      async (range) => {
        const { store, root } = subject;
        await writeTexts(store, root, { digits: '0123456789' });
        expect(await codeOf(store.read(root, artifactPath('digits'), range))).toBe('invalid');
      },
    );

    it('can be given up before and after the first bytes', async () => {
      const { store, root } = subject;
      await writeTexts(store, root, { file: 'x'.repeat(2_000_000) });
      await (await store.read(root, artifactPath('file')))?.close();
      const content = await store.read(root, artifactPath('file'));
      for await (const chunk of content?.bytes ?? []) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
    });

    it.each(['nothing', 'a/nothing', 'a', 'a/b/c', 'nothing/at/all'])('no file is at %s', async (path) => {
      const { store, root } = subject;
      await writeTexts(store, root, { 'a/b': 'text' });
      expect(await store.read(root, artifactPath(path))).toBeNull();
    });

    it('stat tells files, folders and nothing apart', async () => {
      const { store, root } = subject;
      const before = Date.now() * 1000;
      await writeTexts(store, root, { 'a/b': 'text' });
      const file = await store.stat(root, artifactPath('a/b'));
      expect(file).toMatchObject({ kind: 'file', path: 'a/b', size: 4 });
      // Clocks of disks and of far stores differ; a minute is not what this is about.
      expect(Math.abs((file?.kind === 'file' ? file.modifiedAt : 0) - before)).toBeLessThan(60_000_000);
      expect(await store.stat(root, artifactPath('a'))).toEqual({ kind: 'folder', path: 'a' });
      expect(await store.stat(root, artifactPath('a/b/c'))).toBeNull();
      expect(await store.stat(root, artifactPath('c'))).toBeNull();
      expect(await store.stat(aRoot(), artifactPath('a'))).toBeNull();
    });
  });
}

async function rootsOf(store: ArtifactStore, prefix: string): Promise<ArtifactRoot[]> {
  const found: ArtifactRoot[] = [];
  for await (const each of store.roots(prefix)) found.push(each);
  return found;
}

function listCases(subject: Subject): void {
  const paths = ['a/b/c', 'a-b', 'a/b-c', 'z', 'A', 'a.txt', '\u{1f600}', '\uff5e', 'a/b/d/e'];

  describe('list', () => {
    beforeEach(() => writeTexts(subject.store, subject.root, Object.fromEntries(paths.map((p) => [p, p]))));

    it('gives the roots whose names begin so, and no others', async () => {
      const { store } = subject;
      const lost = codeRoot(v7());
      await writeTexts(store, lost, { file: '' });
      await writeTexts(store, subject.root, { file: '' });
      const found = await rootsOf(store, codePrefix);
      expect(found).toContain(lost);
      expect(found).not.toContain(subject.root);
      expect(await rootsOf(store, subject.root)).toEqual([subject.root]);
      await store.remove(lost, null);
      expect(await rootsOf(store, lost)).toEqual([]);
    });

    it('gives one level, in the order of the bytes', async () => {
      const { store, root } = subject;
      expect((await listed(store, root)).map(({ kind, path }) => [kind, path])).toEqual([
        ['file', 'A'],
        ['file', 'a-b'],
        ['file', 'a.txt'],
        ['folder', 'a'],
        ['file', 'z'],
        ['file', '\uff5e'],
        ['file', '\u{1f600}'],
      ]);
      expect((await listed(store, root, 'a')).map(({ path }) => path)).toEqual(['a/b-c', 'a/b']);
    });

    it('gives every file below, in the order of the bytes', async () => {
      const { store, root } = subject;
      const sorted = [...paths].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await filesOf(store, root)).toEqual(sorted);
      const below = await listed(store, root, 'a/b', { recursive: true });
      expect(below.map(({ path }) => path)).toEqual(['a/b/c', 'a/b/d/e']);
      expect(below.map((entry) => entry.kind === 'file' && entry.size)).toEqual([5, 7]);
    });

    it('is empty for a file, for nothing and for an unknown root', async () => {
      const { store, root } = subject;
      expect(await listed(store, root, 'z')).toEqual([]);
      expect(await listed(store, root, 'nothing', { recursive: true })).toEqual([]);
      expect(await listed(store, aRoot())).toEqual([]);
    });
  });

  it('lists more files than fit into one batch, each once', async () => {
    const { store, root } = subject;
    const names = Array.from({ length: 600 }, (_, index) => `f${String(index).padStart(4, '0')}`);
    await Promise.all(names.map((name) => store.write(root, artifactPath(name), bytesOf(name))));
    expect(await filesOf(store, root)).toEqual(names);
  });
}

function removeCases(subject: Subject): void {
  describe('remove', () => {
    it.each([
      ['a file', 'a/b', ['c']],
      ['a folder', 'a', ['c']],
      ['a name that others begin with', 'c', ['a/b']],
    ])('%s', async (_, path, left) => {
      const { store, root } = subject;
      await writeTexts(store, root, { 'a/b': '1', c: '2' });
      expect(await store.remove(root, artifactPath(path))).toBe(true);
      expect(await filesOf(store, root)).toEqual(left);
      expect(await store.remove(root, artifactPath(path))).toBe(false);
    });

    it('the whole root, and no other', async () => {
      const { store, root } = subject;
      const other = aRoot();
      await writeTexts(store, root, { 'a/b': '1', c: '2' });
      await writeTexts(store, other, { c: '3' });
      expect(await store.remove(root, null)).toBe(true);
      expect(await filesOf(store, root)).toEqual([]);
      expect(await store.remove(root, null)).toBe(false);
      expect(await treeOf(store, other)).toEqual({ c: '3' });
      await writeTexts(store, root, { c: 'again' });
      expect(await treeOf(store, root)).toEqual({ c: 'again' });
    });
  });

  describe('copy', () => {
    it('copies all files into a new root, and neither follows the other', async () => {
      const { store, root } = subject;
      const other = aRoot();
      const texts = { 'a/b': '1', 'c?#%': 'x'.repeat(300_000), empty: '' };
      await writeTexts(store, root, texts);
      await store.copy(root, other);
      await writeTexts(store, root, { 'a/b': 'changed' });
      expect(await treeOf(store, other)).toEqual(texts);
    });

    it('never touches a root that holds something', async () => {
      const { store, root } = subject;
      const other = aRoot();
      await writeTexts(store, root, { a: '1' });
      await writeTexts(store, other, { b: '2' });
      expect(await codeOf(store.copy(root, other))).toBe('conflict');
      expect(await treeOf(store, other)).toEqual({ b: '2' });
    });
  });
}
