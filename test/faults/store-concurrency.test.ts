import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { Run } from '../../src/core/model.js';
import { openStore } from '../../src/store/open.js';
import { acquireServerLock } from '../../src/store/server-lock.js';
import { aPlace, aPoint, aRun, newEvent, now } from '../conformance/store/fixtures.js';
import { startStoreProcess } from './store-process.js';

const milliseconds = process.env.FRANCA_TEST_FULL === '1' ? 60_000 : 4_000;

it('16 writers, 16 readers and an admin command in another process never meet a locked database', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'franca-concurrency-'));
  const lock = acquireServerLock(dataFolder);
  const store = await openStore({ dataFolder, url: null, now });
  const { project } = await aPlace(store);
  const shared = await aRun(store, project);
  const deadline = Date.now() + milliseconds;
  const counts = { written: 0, read: 0 };
  const admin = startStoreProcess('admin', dataFolder);

  const write = async (): Promise<void> => {
    const own = await aRun(store, project);
    while (Date.now() < deadline) {
      await store.transaction(async (tx) => {
        await tx.statuses.append(newEvent(own.key));
        await tx.metrics.append(shared.key, [aPoint('loss', counts.written)], now());
      });
      counts.written += 1;
    }
  };
  const read = async (): Promise<void> => {
    const seen = (run: Run): number => run.key;
    while (Date.now() < deadline) {
      const page = await store.read.runs.page({ workspaceKey: project.workspaceKey, limit: 50 });
      await store.read.statuses.list(page.map(seen) as (typeof shared.key)[], { jobs: true });
      const [summary] = (await store.read.metrics.summaries([shared.key])).get(shared.key) ?? [];
      expect(summary?.count ?? 0).toBeGreaterThanOrEqual(0);
      counts.read += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all([...Array.from({ length: 16 }, write), ...Array.from({ length: 16 }, read)]);
  const [administered] = await admin.finish();

  const [summary] = (await store.read.metrics.summaries([shared.key])).get(shared.key) ?? [];
  expect(summary?.count).toBe(counts.written);
  expect(counts.written).toBeGreaterThan(16);
  expect(counts.read).toBeGreaterThan(16);
  expect(Number(administered)).toBeGreaterThan(0);
  await store.close();
  lock.release();
  const database = new BetterSqlite(join(dataFolder, 'franca.db'));
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
  rmSync(dataFolder, { recursive: true });
});
