import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunKey } from '../../../src/core/ids.js';
import {
  comparePoints,
  type MetricPoint,
  type MetricSummary,
  pointNumber,
  type StoredPoint,
} from '../../../src/core/metrics.js';
import type { Store } from '../../../src/core/ports/index.js';
import { aPlace, aPoint, aRun, nobody } from './fixtures.js';
import type { Subject } from './suite.js';

const least = -(2n ** 63n);
const greatest = 2n ** 63n - 1n;

const int64 = fc.oneof(
  fc.bigInt({ min: least, max: greatest }),
  fc.constantFrom(least, greatest, 0n, -1n, 2n ** 53n, 2n ** 53n + 1n),
  fc.bigInt({ min: 0n, max: 3n }),
);

const anyPoint: fc.Arbitrary<MetricPoint> = fc
  .record({
    key: fc.constantFrom('loss', 'acc', 'LOSS', ''),
    value: fc.option(fc.double({ noNaN: false })),
    step: fc.option(int64),
    timestampMs: int64,
    timestampUs: fc.integer({ min: 0, max: 999 }),
  })
  .map(({ key, value, ...rest }) => aPoint(key, value, rest));

/** The order of a history: by time, then no step before any step, then arrival. */
function inHistory(a: StoredPoint, b: StoredPoint): number {
  const sign = (x: bigint | number, y: bigint | number): number => (x < y ? -1 : x > y ? 1 : 0);
  return (
    sign(a.timestampMs, b.timestampMs) ||
    sign(a.timestampUs, b.timestampUs) ||
    sign(Number(a.step !== null), Number(b.step !== null)) ||
    sign(a.step ?? 0n, b.step ?? 0n) ||
    sign(a.seq, b.seq)
  );
}

/** The summary as counted anew from all points, without the code under test. */
function recompute(points: readonly StoredPoint[]): Omit<MetricSummary, 'updatedAt'> | null {
  const seen = points.filter((point) => point.kind !== 'null');
  const numbers = seen
    .map(pointNumber)
    .filter((number): number is number => number !== null && !Number.isNaN(number));
  const last = [...seen].sort((a, b) => comparePoints(a, b) || a.seq - b.seq).at(-1);
  if (last === undefined) return null;
  const { row: _row, seq, ...plain } = last;
  return {
    key: last.key,
    count: seen.length,
    finite: seen.filter((point) => point.kind === 'finite').length,
    min: numbers.length === 0 ? null : Math.min(...numbers),
    max: numbers.length === 0 ? null : Math.max(...numbers),
    last: plain,
    lastSeq: seq,
  };
}

/** The whole history of a metric, read in pages. */
async function wholeHistory(
  store: Store,
  runKey: RunKey,
  key: string,
  limit: number,
): Promise<StoredPoint[]> {
  const found: StoredPoint[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await store.read.metrics.history(runKey, key, {
      limit,
      ...(last === undefined ? {} : { after: last }),
    });
    found.push(...page);
    if (page.length < limit) return found;
  }
}

/** All points of a run, read in pages. */
async function wholeRun(store: Store, runKey: RunKey, limit: number): Promise<StoredPoint[]> {
  const found: StoredPoint[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await store.read.metrics.rows(runKey, {
      limit,
      ...(last === undefined ? {} : { after: last }),
    });
    found.push(...page);
    if (page.length < limit) return found;
  }
}

/** Metric points and their summaries. */
export function metricCases(subject: Subject): void {
  describe('metrics', () => {
    it('gives the points of one call and one (step, time) one row, and counts on in the next call', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const points = [
        aPoint('loss', 1, { step: 1n }),
        aPoint('acc', 0.5, { step: 1n }),
        aPoint('loss', 2, { step: 2n }),
        aPoint('acc', 0.6, { step: 1n, timestampUs: 1 }),
        aPoint('acc', 0.7, { step: null }),
        aPoint('extra', 0.7, { step: 1n }),
      ];
      await store.transaction((tx) => tx.metrics.append(run.key, points, 1));
      await store.transaction((tx) => tx.metrics.append(run.key, points.slice(0, 2), 2));
      await store.transaction((tx) => tx.metrics.append(run.key, [], 3));
      const stored = await wholeRun(store, run.key, 3);
      expect(stored.map(({ key, row, seq }) => [key, row, seq])).toEqual([
        ['loss', 1, 1],
        ['acc', 1, 2],
        ['extra', 1, 6],
        ['loss', 2, 3],
        ['acc', 3, 4],
        ['acc', 4, 5],
        ['loss', 5, 7],
        ['acc', 5, 8],
      ]);
    });

    it('keeps 64 bits, duplicates, special values and absent steps exactly', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const steps = [null, least, -1n, 0n, 2n ** 53n + 1n, greatest, greatest];
      const points = [
        ...steps.map((step) => aPoint('m', 1, { step })),
        aPoint('m', Number.NaN, { timestampMs: least }),
        aPoint('m', Number.POSITIVE_INFINITY, { timestampMs: greatest, timestampUs: 999 }),
        aPoint('m', Number.NEGATIVE_INFINITY, { timestampMs: 2n ** 53n + 1n }),
        aPoint('m', null, { timestampMs: -5n }),
        aPoint('m', 5e-324, { timestampMs: -4n }),
        aPoint('m', 1.7976931348623157e308, { timestampMs: -3n }),
        { ...aPoint('m', 0, { timestampMs: -2n }), value: -0 },
      ];
      await store.transaction((tx) => tx.metrics.append(run.key, points, 1));
      const history = await wholeHistory(store, run.key, 'm', 2);
      const expected = points.map((point, index) => ({
        ...point,
        value: point.value === 0 ? 0 : point.value,
        seq: index + 1,
      }));
      const plain = history.map(({ row: _row, ...point }) => point);
      expect(plain).toEqual(expected.sort((a, b) => inHistory({ ...a, row: 0 }, { ...b, row: 0 })));
      expect(Object.is(history.find((point) => point.timestampMs === -2n)?.value, 0)).toBe(true);
      expect(await store.read.metrics.history(run.key, 'none', { limit: 5 })).toEqual([]);
      expect(await store.read.metrics.history(nobody.run, 'm', { limit: 5 })).toEqual([]);
    });

    it('keeps summaries that equal those counted anew, whatever is logged in whatever order', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(anyPoint, { maxLength: 12 }), { minLength: 1, maxLength: 5 }),
          async (calls) => {
            const run = await aRun(store, project);
            for (const points of calls)
              await store.transaction((tx) => tx.metrics.append(run.key, points, 9));
            const stored = await wholeRun(store, run.key, 1_000);
            expect(stored.map((point) => point.seq).sort((a, b) => a - b)).toEqual(
              calls.flat().map((_, index) => index + 1),
            );
            const keys = [...new Set(stored.map((point) => point.key))].sort();
            const expected = keys.flatMap((key) => {
              const summary = recompute(stored.filter((point) => point.key === key));
              return summary === null ? [] : [{ ...summary, updatedAt: 9 }];
            });
            const summaries = (await store.read.metrics.summaries([run.key])).get(run.key) ?? [];
            expect([...summaries].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual(expected);
            for (const key of keys) {
              const own = stored.filter((point) => point.key === key).sort(inHistory);
              expect(await wholeHistory(store, run.key, key, 3)).toEqual(own);
            }
          },
        ),
        { numRuns: 40 },
      );
    });

    it('takes thousands of points and metrics in one call, and many writers of one run at once', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const batch = (writer: number) =>
        Array.from({ length: 700 }, (_, index) =>
          aPoint(`m${(index * 3) % 350}`, index, { step: BigInt(writer) }),
        );
      const orders = Array.from({ length: 8 }, (_, writer) =>
        writer % 2 === 0 ? batch(writer) : batch(writer).reverse(),
      );
      await Promise.all(
        orders.map((points) => store.transaction((tx) => tx.metrics.append(run.key, points, 1))),
      );
      const stored = await wholeRun(store, run.key, 1_000);
      expect(stored).toHaveLength(5_600);
      expect(new Set(stored.map((point) => point.seq)).size).toBe(5_600);
      // Every metric comes twice in each batch, and a row has it once.
      expect(new Set(stored.map((point) => point.row)).size).toBe(16);
      const summaries = (await store.read.metrics.summaries([run.key])).get(run.key) ?? [];
      expect(summaries).toHaveLength(350);
      expect(new Set(summaries.map((summary) => summary.count))).toEqual(new Set([16]));
    });

    it('give each batch rows of its own, without gaps', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      expect(await store.read.metrics.lastRow(run.key)).toBe(0);
      const other = { timestampMs: 5n };
      const batches = [
        [aPoint('a', 1), aPoint('b', 2)],
        [],
        [aPoint('a', 3), aPoint('a', 4, other), aPoint('b', null)],
        [aPoint('a', 5)],
      ];
      const stored = await store.transaction((tx) => tx.metrics.appendBatches(run.key, batches, 1));
      expect(stored.map((point) => point.row)).toEqual([1, 1, 2, 3, 2, 4]);
      expect(await store.read.metrics.lastRow(run.key)).toBe(4);
      const after = { row: 1, seq: Number.MAX_SAFE_INTEGER };
      const rest = await store.read.metrics.rows(run.key, { after, limit: 2 });
      expect(rest).toEqual([stored[2], stored[4]]);
    });

    it('have a metric once in a row: its n-th value at one place is in the n-th row', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const later = { timestampMs: 5n };
      const points = [
        aPoint('a', 1),
        aPoint('a', 1),
        aPoint('b', 2),
        aPoint('c', 3, later),
        aPoint('a', 4),
        aPoint('b', 5),
        aPoint('c', 6, later),
      ];
      const stored = await store.transaction((tx) => tx.metrics.append(run.key, points, 1));
      expect(stored.map(({ row }) => row)).toEqual([1, 2, 1, 3, 4, 2, 5]);
      expect(await store.read.metrics.lastRow(run.key)).toBe(5);
    });

    it('keep which worker logged a row, and give each worker rows of its own', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const points = [
        aPoint('a', 1),
        aPoint('a', 2, { worker: 'worker-1' }),
        aPoint('b', 3, { worker: 'worker-1' }),
        aPoint('b', 4),
        aPoint('b', 5, { worker: '' }),
      ];
      const stored = await store.transaction((tx) => tx.metrics.append(run.key, points, 1));
      expect(stored.map(({ row, worker }) => [row, worker])).toEqual([
        [1, undefined],
        [2, 'worker-1'],
        [2, 'worker-1'],
        [1, undefined],
        [3, ''],
      ]);
      const byRow = [...stored].sort((a, b) => a.row - b.row || a.seq - b.seq);
      expect(await wholeRun(store, run.key, 2)).toEqual(byRow);
      const [summary] = (await store.read.metrics.summaries([run.key])).get(run.key) ?? [];
      expect(summary?.last).toEqual(aPoint('a', 2));
    });

    it('refuses a run that is not there', async () => {
      const write = subject.store.transaction((tx) => tx.metrics.append(nobody.run, [aPoint('m', 1)], 1));
      await expect(write).rejects.toMatchObject({ detail: { code: 'not_found', entity: 'run' } });
    });
  });
}
