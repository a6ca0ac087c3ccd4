import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createFolderArtifactStore } from '../../../src/artifacts/folder-store.js';
import { describeArtifactStore } from './suite.js';

describeArtifactStore('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'franca-artifacts-'));
  return {
    store: createFolderArtifactStore(folder),
    async close() {
      expect(await readdir(join(folder, '.tmp')), 'no case leaves anything behind').toEqual([]);
      await rm(folder, { recursive: true });
    },
  };
});
