import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunKey } from '../../../src/core/ids.js';
import { compareInTime, type MetricPoint, type StoredPoint } from '../../../src/core/metrics.js';
import type { MetricRepository, Store } from '../../../src/core/ports/index.js';
import { aPlace, aPoint, aRun, nobody } from './fixtures.js';
import type { Subject } from './suite.js';

/** Few values each, so that many points share their times, steps and values. */
const crowdedPoint: fc.Arbitrary<MetricPoint> = fc
  .record({
    value: fc.constantFrom(null, Number.NaN, 0, -1, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    step: fc.constantFrom(null, -1n, 0n, 1n, 2n ** 63n - 1n, -(2n ** 63n)),
    timestampMs: fc.constantFrom(0n, 5n, -(2n ** 63n), 2n ** 63n - 1n),
    timestampUs: fc.constantFrom(0, 999),
  })
  .map(({ value, ...rest }) => aPoint('m', value, rest));

/** All that a paged read gives, read in pages of this size. */
async function allPages<T extends { readonly seq: number }>(
  size: number,
  read: (page: { after?: T; limit: number }) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const after = found.at(-1);
    const page = await read({ ...(after === undefined ? {} : { after }), limit: size });
    found.push(...page);
    if (page.length < size) return found;
  }
}

async function append(
  store: Store,
  runKey: RunKey,
  points: readonly MetricPoint[],
): Promise<readonly StoredPoint[]> {
  return store.transaction((tx) => tx.metrics.append(runKey, points, 1));
}

/** The finite points by their places, as counted over the whole history. */
async function seriesOf(metrics: MetricRepository, runKey: RunKey) {
  const history = await metrics.history(runKey, 'm', { limit: 10_000 });
  const seen = history.filter((point) => point.kind !== 'null');
  return seen.map((point, ordinal) => ({ point, ordinal })).filter(({ point }) => point.kind === 'finite');
}

/** Histories of one metric, whole and in parts. */
export function historyCases(subject: Subject): void {
  describe('histories', () => {
    it('are read by time, step and value, in pages of any size', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      await fc.assert(
        fc.asyncProperty(
          fc.array(crowdedPoint, { maxLength: 40 }),
          fc.integer({ min: 1, max: 12 }),
          async (points, size) => {
            const run = await aRun(store, project);
            const stored = await append(store, run.key, [...points, aPoint('other', 7)]);
            const expected = stored
              .filter((point) => point.key === 'm' && point.kind !== 'null')
              .sort(compareInTime);
            const read = await allPages<StoredPoint>(size, (page) =>
              store.read.metrics.sortedHistory(run.key, 'm', page),
            );
            expect(read).toEqual(expected);
          },
        ),
        { numRuns: 60 },
      );
    });

    it('neither skip nor repeat a point while others are added before and behind', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const first = await append(
        store,
        run.key,
        [1, 2, 3, 4].map((step) => aPoint('m', step, { step: BigInt(step) })),
      );
      const page = await store.read.metrics.sortedHistory(run.key, 'm', { limit: 2 });
      expect(page).toEqual(first.slice(0, 2));
      const [late] = await append(store, run.key, [
        aPoint('m', 9, { timestampMs: 1_700_000_000_001n }),
        aPoint('m', 8, { timestampMs: 1n }),
      ]);
      const after = page[1];
      if (after === undefined) throw new Error('the page has two points');
      const rest = await store.read.metrics.sortedHistory(run.key, 'm', { after, limit: 10 });
      expect(rest).toEqual([...first.slice(2), late]);
    });

    it('give their finite points by place, with the ordinals of all', async () => {
      const { store } = subject;
      const { metrics } = store.read;
      const { project } = await aPlace(store);
      await fc.assert(
        fc.asyncProperty(
          fc.array(crowdedPoint, { maxLength: 60 }),
          fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 8 }),
          async (points, pages) => {
            const run = await aRun(store, project);
            await append(store, run.key, points.slice(10));
            for (const [offset, limit] of pages) {
              const expected = await seriesOf(metrics, run.key);
              expect(await metrics.series(run.key, 'm', { offset, limit })).toEqual(
                expected.slice(offset, offset + limit),
              );
              // What was found before must not be taken for true when points came in before it.
              if (offset % 2 === 0) await append(store, run.key, points.slice(0, 10));
            }
          },
        ),
        { numRuns: 40 },
      );
    });

    it('give a page behind many points, wherever it begins', async () => {
      const { store } = subject;
      const { metrics } = store.read;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const size = 120_000;
      const points = Array.from({ length: size }, (_, index) =>
        aPoint('m', index % 3 === 0 ? Number.NaN : index, { step: null, timestampMs: BigInt(index) }),
      );
      await append(store, run.key, points);
      const finite = points.flatMap((point, ordinal) => (point.kind === 'finite' ? [ordinal] : []));
      for (const offset of [79_990, 50_001, 79_998, 60_000, 60_005, 80_000, 0]) {
        const read = await metrics.series(run.key, 'm', { offset, limit: 5 });
        expect(read.map(({ ordinal }) => ordinal)).toEqual(finite.slice(offset, offset + 5));
        expect(read.map(({ point }) => point.value)).toEqual(finite.slice(offset, offset + 5));
      }
    });

    it('are spread over the rows that have the metric', async () => {
      const { store } = subject;
      const { metrics } = store.read;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const batches = Array.from({ length: 300 }, (_, index) => {
        const both = [aPoint('m', index), aPoint('other', index)];
        return index >= 100 && index < 200 ? [aPoint('other', index)] : both;
      });
      await store.transaction((tx) => tx.metrics.appendBatches(run.key, batches, 1));
      const rowsOf = async (rows: { from: number; through: number; count: number }) =>
        (await metrics.spread(run.key, 'm', rows)).map((point) => point.row);
      expect(await rowsOf({ from: 1, through: 300, count: 4 })).toEqual([1, 76, 201, 276]);
      expect(await rowsOf({ from: 99, through: 202, count: 200 })).toEqual([99, 100, 201, 202]);
      expect(await rowsOf({ from: 101, through: 200, count: 5 })).toEqual([]);
      expect(await metrics.spread(nobody.run, 'm', { from: 1, through: 9, count: 3 })).toEqual([]);
    });

    it('have one summary each', async () => {
      const { store } = subject;
      const { metrics } = store.read;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      await append(store, run.key, [aPoint('a', 1), aPoint('b', 2), aPoint('none', null)]);
      const all = (await metrics.summaries([run.key])).get(run.key) ?? [];
      expect([await metrics.summary(run.key, 'a'), await metrics.summary(run.key, 'b')]).toEqual(all);
      expect(await metrics.summary(run.key, 'none')).toBeNull();
      expect(await metrics.summary(nobody.run, 'a')).toBeNull();
    });
  });
}
