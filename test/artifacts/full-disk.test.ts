import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createFolderArtifactStore } from '../../src/artifacts/folder-store.js';
import { artifactPath } from '../../src/core/artifact-path.js';
import { aRoot, codeOf, textAt, treeOf, writeTexts } from '../conformance/artifacts/fixtures.js';
import { inPieces, tarHeader, tarOf, tenGigabytes } from '../conformance/artifacts/tar.js';

/** A disk of 4 MB, if this user may mount one. */
function mountSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'franca-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
}

const disk = mountSmallDisk();

describe.skipIf(disk === null)('a full disk (skipped where this user may not mount one)', () => {
  const folder = join(disk ?? '', 'artifacts');
  const large = randomBytes(6_000_000);
  const limits = { maxEntries: 10, maxBytes: 100_000_000, maxRatio: 100 };

  afterAll(() => {
    execFileSync('umount', [disk ?? '']);
    rmSync(disk ?? '', { recursive: true });
  });

  function expectNothingLeft(): void {
    expect(readdirSync(join(folder, '.tmp'))).toEqual([]);
  }

  it('is unavailable, keeps what was there, gives its room back, and the repeat succeeds', async () => {
    const store = createFolderArtifactStore(folder);
    const root = aRoot();
    const path = artifactPath('a/file');
    await writeTexts(store, root, { 'a/file': 'before' });
    const archive = await tarOf([{ name: 'x', text: large.toString('base64') }]);
    expect(await codeOf(store.write(root, path, inPieces(large, 100_000)))).toBe('unavailable');
    expectNothingLeft();
    expect(await codeOf(store.unpack(root, inPieces(archive, 100_000), limits))).toBe('unavailable');
    expectNothingLeft();
    const swelling = tenGigabytes(await tarHeader('zeros', 10 ** 10));
    expect(await codeOf(store.unpack(root, swelling, { ...limits, maxBytes: 2_000_000 }))).toBe('too_large');
    expectNothingLeft();
    expect(await treeOf(store, root)).toEqual({ 'a/file': 'before' });

    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(bavail * bsize));
    expect(await codeOf(store.write(root, artifactPath('b/c/d'), inPieces(large.subarray(0, 1))))).toBe(
      'unavailable',
    );
    expect(await textAt(store, root, 'a/file')).toBe('before');
    expect(await store.remove(root, path)).toBe(true);
    rmSync(join(folder, 'ballast'));
    await store.write(root, path, inPieces(large.subarray(0, 2_000_000)));
    expect(await store.stat(root, path)).toMatchObject({ size: 2_000_000 });
    expectNothingLeft();
  });
});
