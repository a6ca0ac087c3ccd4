import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../../../src/core/ports/index.js';
import { openStore } from '../../../src/store/open.js';
import { now } from './fixtures.js';

/** A store on SQLite for the tests beside this call, in a folder that goes with them. Gives it once they run. */
export function useStore(): () => Store {
  const folder = mkdtempSync(join(tmpdir(), 'franca-store-'));
  let store: Store;

  beforeAll(async () => {
    store = await openStore({ dataFolder: folder, url: null, now });
  });

  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  return () => store;
}
