import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFolderArtifactStore, type FolderArtifactStore } from '../../src/artifacts/folder-store.js';
import { type ArtifactRoot, artifactPath } from '../../src/core/artifact-path.js';
import {
  aRoot,
  codeOf,
  filesOf,
  listed,
  textAt,
  treeOf,
  writeTexts,
} from '../conformance/artifacts/fixtures.js';
import { bufferOf, bytesOf, inPieces, tarOf } from '../conformance/artifacts/tar.js';

const limits = { maxEntries: 1000, maxBytes: 100_000_000, maxRatio: 100 };

let site: string;
let folder: string;
let store: FolderArtifactStore;
let root: ArtifactRoot;
/** Where the job writes. */
let outputs: string;

beforeEach(async () => {
  site = mkdtempSync(join(tmpdir(), 'franca-artifacts-'));
  folder = join(site, 'artifacts');
  store = createFolderArtifactStore(folder);
  root = aRoot();
  outputs = await store.localFolder(root);
  mkdirSync(join(site, 'outside'));
  writeFileSync(join(site, 'outside', 'secret'), 'secret');
});

afterEach(() => rmSync(site, { recursive: true }));

function scratch(): string[] {
  return readdirSync(join(folder, '.tmp'));
}

describe('links to other roots', () => {
  it('lead programs there, stay, are never shown, and go without what they lead to', async () => {
    const [view, later] = [aRoot(), aRoot()];
    await writeTexts(store, root, { 'a/b': 'text' });
    const links = [
      { name: '1-ä', root },
      { name: '2', root: later },
    ];
    await store.link(view, links);
    await store.link(view, [{ name: '1-ä', root: later }]);
    const folderOfView = await store.localFolder(view);
    expect(readFileSync(join(folderOfView, '1-ä', 'a', 'b'), 'utf8')).toBe('text');
    expect(existsSync(join(folderOfView, '2'))).toBe(false);
    await writeTexts(store, later, { c: 'late' });
    expect(readFileSync(join(folderOfView, '2', 'c'), 'utf8')).toBe('late');
    expect(await treeOf(store, view)).toEqual({});
    await expect(store.link(view, [{ name: '../x', root }])).rejects.toThrow('not a name');
    expect(await store.remove(view, null)).toBe(true);
    expect(existsSync(folderOfView)).toBe(false);
    expect(await treeOf(store, root)).toEqual({ 'a/b': 'text' });
  });
});

describe('what a job writes into its folder', () => {
  it('is listed, read and archived as it is', async () => {
    mkdirSync(join(outputs, 'model'));
    writeFileSync(join(outputs, 'model', 'weights'), 'w');
    expect(await treeOf(store, root)).toEqual({ 'model/weights': 'w' });
    writeFileSync(join(outputs, 'model', 'run.sh'), 'true', { mode: 0o755 });
    const other = aRoot();
    await store.unpack(other, store.archive(root, null), limits);
    expect(execFileSync(join(await store.localFolder(other), 'model', 'run.sh'))).toHaveLength(0);
  });

  it('and what is uploaded lie in one folder', async () => {
    await writeTexts(store, root, { 'a/b': 'text' });
    expect(readFileSync(join(outputs, 'a', 'b'), 'utf8')).toBe('text');
  });

  it('is not shown where no client could name it', async () => {
    for (const name of ['back\\slash', 'new\nline', '~home']) writeFileSync(join(outputs, name), '');
    writeFileSync(Buffer.concat([Buffer.from(`${outputs}/`), Buffer.from([0x61, 0xff])]), '');
    mkdirSync(join(outputs, 'tab\t'));
    writeFileSync(join(outputs, 'tab\t', 'file'), '');
    writeFileSync(join(outputs, 'plain'), '');
    expect(await listed(store, root)).toMatchObject([{ path: 'plain' }]);
    expect(await filesOf(store, root)).toEqual(['plain']);
    expect(await store.remove(root, null)).toBe(true);
    expect([existsSync(outputs), scratch()]).toEqual([false, []]);
  });

  it('ends with an error if it is cut short while it is read', async () => {
    writeFileSync(join(outputs, 'log'), Buffer.alloc(1_000_000));
    const content = await store.read(root, artifactPath('log'));
    truncateSync(join(outputs, 'log'), 10);
    expect(content && (await codeOf(bufferOf(content.bytes)))).toBe('unavailable');
  });

  it('fails an archive if it is cut short while it is packed', async () => {
    for (const name of ['a', 'b']) writeFileSync(join(outputs, name), randomBytes(5_000_000));
    const archive = store.archive(root, null)[Symbol.asyncIterator]();
    await archive.next();
    truncateSync(join(outputs, 'a'), 10);
    const rest = bufferOf({ [Symbol.asyncIterator]: () => archive });
    expect(await codeOf(rest)).toBe('unavailable');
  });

  it('is let go of when an archive is left in the middle of a file', async () => {
    for (const name of ['a', 'b']) writeFileSync(join(outputs, name), randomBytes(5_000_000));
    const open = () => readdirSync('/proc/self/fd', { withFileTypes: true }).length;
    const before = open();
    const archive = store.archive(root, null)[Symbol.asyncIterator]();
    await archive.next();
    expect(open()).toBeGreaterThan(before);
    await archive.return?.();
    await vi.waitFor(() => expect(open()).toBe(before));
  });

  it('is removed however deep it is, and whatever its rights', async () => {
    const program = `const fs = require('node:fs');
      for (let i = 0; i < 620; i += 1) { fs.mkdirSync('dddddd'); process.chdir('dddddd'); }
      fs.writeFileSync('file', '');`;
    execFileSync(process.execPath, ['-e', program], { cwd: outputs });
    mkdirSync(join(outputs, 'locked', 'inner'), { recursive: true });
    writeFileSync(join(outputs, 'locked', 'file'), '');
    execFileSync('chmod', ['-R', 'a-w', join(outputs, 'locked')]);
    expect(await filesOf(store, root)).toEqual(['locked/file']);
    expect(await store.remove(root, null)).toBe(true);
    expect([existsSync(outputs), scratch()]).toEqual([false, []]);
  });
});

describe('links', () => {
  beforeEach(() => {
    symlinkSync(join(site, 'outside', 'secret'), join(outputs, 'file'));
    symlinkSync(join(site, 'outside'), join(outputs, 'folder'));
    symlinkSync('/proc/self/root', join(outputs, 'system'));
    symlinkSync('nowhere', join(outputs, 'broken'));
    writeFileSync(join(outputs, 'plain'), 'plain');
    symlinkSync('plain', join(outputs, 'inside'));
  });

  it('are not shown, read, archived or copied', async () => {
    expect(await listed(store, root)).toMatchObject([{ path: 'plain' }]);
    expect(await treeOf(store, root)).toEqual({ plain: 'plain' });
    for (const path of ['file', 'folder', 'inside', 'broken', 'folder/secret', 'system/etc/passwd']) {
      expect(await store.stat(root, artifactPath(path))).toBeNull();
      expect(await store.read(root, artifactPath(path))).toBeNull();
      expect(await listed(store, root, path, { recursive: true })).toEqual([]);
    }
    const [copied, unpacked] = [aRoot(), aRoot()];
    await store.copy(root, copied);
    await store.unpack(unpacked, store.archive(root, null), limits);
    expect(await treeOf(store, copied)).toEqual({ plain: 'plain' });
    expect(await treeOf(store, unpacked)).toEqual({ plain: 'plain' });
  });

  it('are not written through, but a file may take the place of one', async () => {
    expect(await codeOf(store.write(root, artifactPath('folder/new'), bytesOf('x')))).toBe('invalid');
    expect(await codeOf(store.write(root, artifactPath('broken/new'), bytesOf('x')))).toBe('invalid');
    await writeTexts(store, root, { file: 'mine' });
    expect(await textAt(store, root, 'file')).toBe('mine');
    expect(readdirSync(join(site, 'outside'))).toEqual(['secret']);
    expect(readFileSync(join(site, 'outside', 'secret'), 'utf8')).toBe('secret');
    expect(scratch()).toEqual([]);
  });

  it('are removed themselves, and what they lead to stays', async () => {
    expect(await store.remove(root, artifactPath('folder/secret'))).toBe(false);
    expect(await store.remove(root, artifactPath('folder'))).toBe(true);
    mkdirSync(join(outputs, 'sub'));
    symlinkSync(join(site, 'outside'), join(outputs, 'sub', 'folder'));
    expect(await store.remove(root, null)).toBe(true);
    expect(readdirSync(join(site, 'outside'))).toEqual(['secret']);
    expect([existsSync(outputs), scratch()]).toEqual([false, []]);
  });

  it('in the place of the root lead nowhere', async () => {
    rmSync(outputs, { recursive: true });
    symlinkSync(join(site, 'outside'), outputs);
    expect(await filesOf(store, root)).toEqual([]);
    expect(await store.read(root, artifactPath('secret'))).toBeNull();
    expect(await codeOf(store.write(root, artifactPath('new'), bytesOf('x')))).toBe('invalid');
    expect(await codeOf(store.localFolder(root))).toBe('invalid');
    expect(await codeOf(store.copy(aRoot(), root))).toBe('conflict');
    await store.unpack(root, inPieces(await tarOf([{ name: 'new', text: 'x' }])), limits);
    expect(await treeOf(store, root)).toEqual({ new: 'x' });
    expect(readdirSync(join(site, 'outside'))).toEqual(['secret']);
  });

  it('that come and go lead nobody out', async () => {
    mkdirSync(join(outputs, 'd'));
    writeFileSync(join(outputs, 'd', 'secret'), 'own');
    const program = fileURLToPath(new URL('swap-links.mjs', import.meta.url));
    const swapper = spawn(process.execPath, [program, join(outputs, 'd'), join(site, 'outside')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(swapper, 'close');
    const seen = new Set<string | null>();
    try {
      await once(swapper.stdout, 'data');
      for (let round = 0; round < 500; round += 1) {
        seen.add(await textAt(store, root, 'd/secret'));
        if (round % 10 > 0) continue;
        await store.write(root, artifactPath('d/new'), bytesOf('x')).catch(() => undefined);
        await store.remove(root, artifactPath('d/new'));
      }
    } finally {
      swapper.kill('SIGKILL');
      await closed;
    }
    expect(seen).toContain('own');
    expect(seen).not.toContain('secret');
    expect(readdirSync(join(site, 'outside'))).toEqual(['secret']);
  });
});

it('pipes and sockets are neither shown nor opened', async () => {
  execFileSync('mkfifo', [join(outputs, 'pipe')]);
  expect(await listed(store, root)).toEqual([]);
  expect(await store.read(root, artifactPath('pipe'))).toBeNull();
  expect((await bufferOf(store.archive(root, null))).length).toBeGreaterThan(0);
});

it('a file does not become a folder', async () => {
  await writeTexts(store, root, { a: 'file' });
  expect(await codeOf(store.write(root, artifactPath('a/b'), bytesOf('x')))).toBe('invalid');
  expect(await treeOf(store, root)).toEqual({ a: 'file' });
  expect(scratch()).toEqual([]);
});

it.each(['', '..', '.tmp', 'a/b', '../x'])('%j is no root', async (name) => {
  const bad = name as ArtifactRoot;
  await expect(listed(store, bad)).rejects.toThrow(TypeError);
  await expect(store.remove(bad, null)).rejects.toThrow(TypeError);
  await expect(store.copy(root, bad)).rejects.toThrow(TypeError);
});

describe('leftovers of a killed server', () => {
  it('are removed, and a root that was just being replaced comes back', async () => {
    const other = aRoot();
    await writeTexts(store, other, { new: '2' });
    const left = join(folder, '.tmp');
    writeFileSync(join(left, 'x.part'), 'half');
    mkdirSync(join(left, 'y.tree', 'deep'), { recursive: true });
    symlinkSync(site, join(left, 'y.tree', 'link'));
    writeFileSync(join(left, 'z.gone'), '');
    mkdirSync(join(left, `${other}.1.old`));
    rmSync(outputs, { recursive: true });
    mkdirSync(join(left, `${root}.2.old`));
    writeFileSync(join(left, `${root}.2.old`, 'code'), '1');
    await createFolderArtifactStore(folder).removeLeftovers();
    expect(scratch()).toEqual([]);
    expect(await treeOf(store, root)).toEqual({ code: '1' });
    expect(await treeOf(store, other)).toEqual({ new: '2' });
    expect(existsSync(join(site, 'outside', 'secret'))).toBe(true);
  });
});

describe('a copy of a root outside the store', () => {
  it('has every file, those that may be executed as such, and none that a link leads to', async () => {
    const target = join(site, 'target');
    mkdirSync(target);
    const archive = await tarOf([
      { name: 'a/b/run', text: 'run', mode: 0o755 },
      { name: 'a/data', text: 'x'.repeat(1_000_000) },
      { name: 'top', text: '' },
    ]);
    await store.unpack(root, inPieces(archive, 65_536), limits);
    symlinkSync(join(site, 'outside'), join(folder, root, 'link'));
    symlinkSync(join(site, 'outside', 'secret'), join(folder, root, 'secret'));
    await store.checkout(root, target);
    const files = readdirSync(target, { recursive: true, encoding: 'utf8' }).sort();
    expect(files).toEqual(['a', 'a/b', 'a/b/run', 'a/data', 'top']);
    expect(statSync(join(target, 'a/b/run')).mode & 0o777).toBe(0o700);
    expect(statSync(join(target, 'a/data'))).toMatchObject({ size: 1_000_000 });
    expect(statSync(join(target, 'top')).mode & 0o777).toBe(0o600);
  });

  it('is not made of a root that is not there', async () => {
    expect(await codeOf(store.checkout(aRoot(), site))).toBe('not_found');
  });
});
