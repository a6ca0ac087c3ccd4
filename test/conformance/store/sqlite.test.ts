import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../src/store/open.js';
import { storeConformance } from './suite.js';

storeConformance('SQLite', async (now) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'franca-store-'));
  const open = () => openStore({ dataFolder, url: null, now });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async close() {
      await store.close();
      await rm(dataFolder, { recursive: true });
    },
  };
});
