import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFolderArtifactStore } from '../../src/artifacts/folder-store.js';
import { aRoot, filesOf, treeOf, writeTexts } from '../conformance/artifacts/fixtures.js';
import { full } from './support.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'franca-artifacts-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function start(...words: readonly (string | number)[]) {
  const program = fileURLToPath(new URL('artifacts-child.ts', import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', program, ...words.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('artifacts', () => {
  const megabytes = full ? 5 * 1024 : 1024;

  it(`a file of ${megabytes} MB is written, read, packed and unpacked in little memory`, async () => {
    const child = start('measure', folder, aRoot(), megabytes);
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { rise, ...sizes } = JSON.parse(line);
    const size = megabytes * 1024 * 1024;
    expect(sizes).toEqual({ written: size, read: size, bytes: size });
    expect(rise).toBeLessThan(100);
  });

  it('a writer that is killed leaves no half file, and what is left of it goes at the next start', async () => {
    const store = createFolderArtifactStore(folder);
    const root = aRoot();
    await writeTexts(store, root, { 'folder/file': 'before' });
    for (let round = 0; round < (full ? 20 : 3); round += 1) {
      const child = start('write', folder, root);
      const closed = once(child, 'close');
      await once(createInterface({ input: child.stdout }), 'line');
      child.kill('SIGKILL');
      await closed;
      expect(readdirSync(join(folder, '.tmp'))).toHaveLength(1);
      expect(await treeOf(store, root)).toEqual({ 'folder/file': 'before' });
      await store.removeLeftovers();
      expect(readdirSync(join(folder, '.tmp'))).toEqual([]);
    }
    await writeTexts(store, root, { 'folder/file': 'after' });
    expect(await filesOf(store, root)).toEqual(['folder/file']);
  });
});
