import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunKey } from '../../src/core/ids.js';
import type { StoredPoint } from '../../src/core/metrics.js';
import type { Store } from '../../src/core/ports/index.js';
import { openStore } from '../../src/store/open.js';
import { aPlace, aRun, now } from '../conformance/store/fixtures.js';
import { startStoreProcess } from './store-process.js';

const full = process.env.FRANCA_TEST_FULL === '1';
const rounds = full ? 20 : 5;
const acknowledgements = full ? 5_000 : 1_000;
const writers = 8;

/** How many points of each step the run has. */
async function pointsByStep(store: Store, runKey: RunKey): Promise<Map<number, number>> {
  const steps = new Map<number, number>();
  let after: StoredPoint | undefined;
  for (;;) {
    const page = await store.read.metrics.rows(runKey, {
      limit: 10_000,
      ...(after === undefined ? {} : { after }),
    });
    for (const { step } of page) steps.set(Number(step), (steps.get(Number(step)) ?? 0) + 1);
    after = page.at(-1);
    if (page.length < 10_000) return steps;
  }
}

it('what was acknowledged before a SIGKILL is there once, the rest whole or not at all', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'franca-durability-'));
  const open = () => openStore({ dataFolder, url: null, now });
  let store = await open();
  const { project } = await aPlace(store);
  const keys: RunKey[] = [];
  for (let index = 0; index < writers; index += 1) keys.push((await aRun(store, project)).key);
  await store.close();

  const acknowledged = new Map<RunKey, number[]>(keys.map((key) => [key, []]));
  for (let round = 0; round < rounds; round += 1) {
    const child = startStoreProcess('log', dataFolder, round * 1_000_000, ...keys);
    await child.printed(acknowledgements);
    for (const line of await child.kill()) {
      const [key, step] = line.split(' ').map(Number);
      acknowledged.get(key as RunKey)?.push(step ?? -1);
    }
  }

  store = await open();
  let total = 0;
  for (const key of keys) {
    const steps = await pointsByStep(store, key);
    const own = acknowledged.get(key) ?? [];
    expect(own.filter((step) => !steps.has(step))).toEqual([]);
    expect([...steps].filter(([, points]) => points !== 5)).toEqual([]);
    // Each caller has at most one batch under way when it is killed.
    expect(steps.size - own.length).toBeLessThanOrEqual(rounds);
    const summaries = (await store.read.metrics.summaries([key])).get(key) ?? [];
    expect(summaries.map((summary) => summary.count)).toEqual(Array.from({ length: 5 }, () => steps.size));
    const last = Math.max(...steps.keys());
    expect((await store.read.tags.list([key])).get(key)).toEqual([{ key: 'last', value: String(last) }]);
    const params = (await store.read.params.list([key])).get(key) ?? [];
    const numbers = new Set([...steps.keys()].map((step) => step % 100));
    expect(new Set(params.map((param) => param.number))).toEqual(numbers);
    total += own.length;
  }
  expect(total).toBeGreaterThanOrEqual(rounds * acknowledgements);
  await store.close();
  rmSync(dataFolder, { recursive: true });
});
