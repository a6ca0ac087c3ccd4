import { cpSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunKey } from '../../src/core/ids.js';
import { openStore } from '../../src/store/open.js';
import { aPlace, aRun, now } from '../conformance/store/fixtures.js';
import { startStoreProcess } from './store-process.js';

const acknowledgements = process.env.FRANCA_TEST_FULL === '1' ? 2_000 : 300;

const folder = mkdtempSync(join(tmpdir(), 'franca-torn-'));
const killed = join(folder, 'killed');
let runKey: RunKey;
let acknowledged: { step: number; walSize: number }[] = [];

beforeAll(async () => {
  const store = await openStore({ dataFolder: killed, url: null, now });
  const { project } = await aPlace(store);
  runKey = (await aRun(store, project)).key;
  await store.close();
  const child = startStoreProcess('tail', killed, runKey);
  await child.printed(acknowledgements);
  acknowledged = (await child.kill()).map((line) => {
    const [step = -1, walSize = -1] = line.split(' ').map(Number);
    return { step, walSize };
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The steps that are there after the WAL of a copy was damaged, after the store itself found the database sound. */
async function stepsAfter(
  name: string,
  damage: (wal: string, size: number) => Promise<void> | void,
): Promise<number[]> {
  const copy = join(folder, name.replaceAll(' ', '-'));
  cpSync(killed, copy, { recursive: true });
  rmSync(join(copy, 'franca.db-shm'), { force: true });
  const wal = join(copy, 'franca.db-wal');
  await damage(wal, statSync(wal).size);
  const store = await openStore({ dataFolder: copy, url: null, now });
  const points = await store.read.metrics.rows(runKey, { limit: 1_000_000 });
  await store.close();
  const database = new BetterSqlite(join(copy, 'franca.db'));
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
  const counts = new Map<number, number>();
  for (const { step } of points) counts.set(Number(step), (counts.get(Number(step)) ?? 0) + 1);
  expect([...counts.values()].every((count) => count === 5)).toBe(true);
  const steps = [...counts.keys()].sort((a, b) => a - b);
  expect(steps).toEqual(Array.from({ length: steps.length }, (_, index) => index + 1));
  return steps;
}

const lastStepWithin = (size: number): number =>
  Math.max(0, ...acknowledged.filter(({ walSize }) => walSize <= size).map(({ step }) => step));

it('a kill alone loses nothing that was acknowledged', async () => {
  const steps = await stepsAfter('whole', () => undefined);
  expect(steps.length).toBeGreaterThanOrEqual(acknowledged.length);
});

it.each([1, 24, 500, 4_096, 4_120, 20_000, 100_000])(
  'a WAL that lost its last %i bytes loses no transaction that lies before',
  async (bytes) => {
    let left = 0;
    const steps = await stepsAfter(`cut ${bytes}`, (wal, size) => {
      left = size - bytes;
      truncateSync(wal, left);
    });
    expect(steps.length).toBeGreaterThanOrEqual(lastStepWithin(left));
    expect(lastStepWithin(left)).toBeGreaterThan(0);
  },
);

it.each([10, 5_000, 50_000])(
  'a WAL whose last %i bytes are rubbish loses no transaction before them',
  async (bytes) => {
    let left = 0;
    const steps = await stepsAfter(`rubbish ${bytes}`, async (wal, size) => {
      left = size - bytes;
      const file = await open(wal, 'r+');
      await file.write(Buffer.alloc(bytes, 0xa5), 0, bytes, left);
      await file.close();
    });
    expect(steps.length).toBeGreaterThanOrEqual(lastStepWithin(left));
  },
);

it('a WAL that was lost as a whole leaves the last checkpoint', async () => {
  const steps = await stepsAfter('lost', (wal) => writeFileSync(wal, ''));
  expect(steps).toEqual([]);
});
