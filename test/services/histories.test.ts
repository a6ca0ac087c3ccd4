import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classify, comparePoints, isRepeat, type MetricPoint } from '../../src/core/metrics.js';
import type { Run } from '../../src/core/model.js';
import { readHistory, readSeriesPage, streamHistory } from '../../src/services/metrics/history.js';
import { logMetrics } from '../../src/services/metrics/log.js';
import { historiesOf, sampleHistories } from '../../src/services/metrics/sample.js';
import { createTrackedRun } from '../../src/services/runs/create.js';
import { codeOf } from '../support/code-of.js';
import { aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;

beforeEach(async () => {
  bench = await createBench();
});

afterEach(() => bench.close());

const aPoint = (value: number | null, fields: Partial<MetricPoint> = {}): MetricPoint => ({
  key: 'loss',
  ...classify(value),
  step: 0n,
  timestampMs: 5n,
  timestampUs: 0,
  ...fields,
});

const aRunWith = async (...points: readonly MetricPoint[]): Promise<Run> => {
  const { run } = await createTrackedRun(bench.ctx, aTrackedRequest());
  await logMetrics(bench.ctx, { key: run.key }, points);
  return run;
};

const byStep = (count: number, value = (step: number): number | null => step) =>
  Array.from({ length: count }, (_, step) =>
    aPoint(value(step), { step: BigInt(step), timestampMs: BigInt(1000 + step) }),
  );

const shown = (points: readonly MetricPoint[]) => points.map(({ kind, value }) => value ?? kind);

describe('a history', () => {
  it('is read in pages, with repeats or without, and without null points', async () => {
    const run = await aRunWith(
      aPoint(2),
      aPoint(null),
      aPoint(1),
      aPoint(2, { step: null }),
      aPoint(Number.NaN),
      aPoint(2),
      aPoint(9, { timestampMs: 4n, step: 7n }),
    );
    const pages = async (limit: number, distinct: boolean) => {
      const found: unknown[][] = [];
      for (let after: string | null | undefined; after !== null; ) {
        const options = { limit, distinct, ...(after === undefined ? {} : { after }) };
        const page = await readHistory(bench.ctx, { id: run.id }, 'loss', options);
        expect(page.run.id).toBe(run.id);
        found.push(shown(page.points));
        after = page.next;
      }
      return found;
    };
    expect(await pages(10, false)).toEqual([[9, 'nan', 1, 2, 2, 2]]);
    expect(await pages(4, false)).toEqual([
      [9, 'nan', 1, 2],
      [2, 2],
    ]);
    expect(await pages(10, true)).toEqual([[9, 'nan', 1, 2]]);
    expect(await pages(4, true)).toEqual([[9, 'nan', 1, 2]]);
    expect(await pages(1, true)).toEqual([[9], ['nan'], [1], [2]]);
  });

  it('passes over any number of repeats', async () => {
    const repeats = Array.from({ length: 2_500 }, () => aPoint(1));
    const run = await aRunWith(...repeats, aPoint(2), ...repeats);
    const page = await readHistory(bench.ctx, { id: run.id }, 'loss', { limit: 1, distinct: true });
    expect(shown(page.points)).toEqual([1]);
    const after = page.next ?? '';
    const rest = await readHistory(bench.ctx, { id: run.id }, 'loss', { limit: 5, distinct: true, after });
    expect([shown(rest.points), rest.next]).toEqual([[2], null]);
    expect((await readHistory(bench.ctx, { id: run.id }, 'loss', { limit: 9_000 })).points).toHaveLength(
      5_001,
    );
  });

  it('is empty for a metric that is not there', async () => {
    const run = await aRunWith(aPoint(1));
    const empty = { run, points: [], next: null };
    const page = await readHistory(bench.ctx, { id: run.id }, 'none', { limit: 5 });
    expect({ ...page, run }).toEqual(empty);
    const whole = await streamHistory(bench.ctx, { id: run.id }, 'none');
    expect(whole.summary).toBeNull();
    for await (const points of whole.points) expect(points).toEqual([]);
    const series = await readSeriesPage(bench.ctx, { id: run.id }, 'none', { offset: 0, limit: 5 });
    expect({ ...series, run }).toEqual({ run, summary: null, points: [], ordinals: [] });
  });

  it('takes no place that is forged, or of another history', async () => {
    const run = await aRunWith(aPoint(1), aPoint(2), aPoint(3, { key: 'acc' }), aPoint(4, { key: 'acc' }));
    const other = await aRunWith(aPoint(1), aPoint(2));
    const { next } = await readHistory(bench.ctx, { id: run.id }, 'loss', { limit: 1 });
    const parts: string[] = JSON.parse(Buffer.from(next ?? '', 'base64url').toString());
    const forged = (place: number, text: unknown) =>
      Buffer.from(JSON.stringify(parts.map((part, at) => (at === place ? text : part)))).toString(
        'base64url',
      );
    const read = (after: string, of = run, key = 'loss') =>
      readHistory(bench.ctx, { id: of.id }, key, { limit: 1, after });
    expect(shown((await read(forged(9, ''))).points)).toEqual([2]);
    for (const cursor of [
      '',
      'x',
      '25000',
      Buffer.from('{"a":1}').toString('base64url'),
      Buffer.from(JSON.stringify([...parts, 'more'])).toString('base64url'),
      Buffer.from(JSON.stringify(parts.slice(0, 6))).toString('base64url'),
      forged(0, 'another'),
      forged(1, '9223372036854775808'),
      forged(1, 5),
      forged(1, '1.5'),
      forged(2, '1000'),
      forged(2, '-1'),
      forged(3, '--1'),
      forged(4, 'null'),
      forged(4, 'constructor'),
      forged(5, ''),
      forged(5, 'Infinity'),
      forged(6, '99999999999999999999'),
      forged(6, "1' or 1=1"),
    ]) {
      expect([cursor, await codeOf(read(cursor))]).toEqual([cursor, 'invalid']);
    }
    expect(await codeOf(read(next ?? '', other))).toBe('invalid');
    expect(await codeOf(read(next ?? '', run, 'acc'))).toBe('invalid');
  });

  it('is given whole in pages, each a read of its own, in the order of arrival at one time', async () => {
    const points = [...byStep(2_300), aPoint(null), aPoint(7, { step: 3n }), aPoint(6, { step: 3n })];
    const run = await aRunWith(...points);
    const whole = await streamHistory(bench.ctx, { id: run.id }, 'loss');
    const found: MetricPoint[] = [];
    for await (const page of whole.points) {
      expect(page.length).toBeLessThanOrEqual(1_000);
      // Behind what was read: it is seen; before it: it is not, and nothing is lost.
      if (found.length === 0) await logMetrics(bench.ctx, { id: run.id }, [aPoint(8, { timestampMs: 1n })]);
      found.push(...page);
    }
    expect(found.map((point) => point.value)).toEqual([7, 6, ...byStep(2_300).map((point) => point.value)]);
    expect(whole.summary?.count).toBe(2_302);
  });

  it('is refused to who may not read the run, and of a run that is not there', async () => {
    const run = await aRunWith(aPoint(1));
    const stranger = await bench.as('stranger', null);
    const page = { offset: 0, limit: 1 };
    for (const [ctx, ref, code] of [
      [stranger, { id: run.id }, 'forbidden'],
      [bench.ctx, { projectKey: run.projectKey, number: 99 }, 'not_found'],
    ] as const) {
      expect(await codeOf(readHistory(ctx, ref, 'loss', page))).toBe(code);
      expect(await codeOf(streamHistory(ctx, ref, 'loss'))).toBe(code);
      expect(await codeOf(readSeriesPage(ctx, ref, 'loss', page))).toBe(code);
    }
    expect(await codeOf(sampleHistories(stranger, [{ id: run.id }], 'loss', { maxPoints: 5 }))).toBe(
      'forbidden',
    );
    expect(await codeOf(historiesOf(stranger, [{ id: run.id }], 'loss', 5))).toBe('forbidden');
  });
});

describe('a page of a series', () => {
  it('has the finite points, and the ordinals that the whole history gives them', async () => {
    const run = await aRunWith(
      ...[1, Number.NaN, 2, null, Number.POSITIVE_INFINITY, 3].map((value) => aPoint(value, { step: null })),
    );
    const page = async (offset: number, limit: number) => {
      const { points, ordinals } = await readSeriesPage(bench.ctx, { id: run.id }, 'loss', { offset, limit });
      return points.map((point, place) => [ordinals[place], point.value]);
    };
    expect(await page(0, 10)).toEqual([
      [0, 1],
      [2, 2],
      [4, 3],
    ]);
    expect(await page(1, 1)).toEqual([[2, 2]]);
    expect(await page(2, 9)).toEqual([[4, 3]]);
    expect(await page(3, 9)).toEqual([]);
  });
});

describe('a sample of histories', () => {
  /** What MLflow's rule gives, from all points. */
  const expected = (points: readonly MetricPoint[], most: number) => {
    const inOrder = [...points]
      .sort(comparePoints)
      .filter((point, place, all) => place === 0 || !isRepeat(all[place - 1] ?? point, point));
    if (inOrder.length <= most) return inOrder;
    const firsts = Array.from({ length: most }, (_, part) => {
      const [size, larger] = [Math.floor(inOrder.length / most), inOrder.length % most];
      return inOrder[part * size + Math.min(part, larger)];
    });
    return [...firsts.slice(0, -1), inOrder.at(-1)];
  };
  const plain = (points: readonly MetricPoint[]) =>
    points.map(({ step, timestampMs, kind, value }) => [step ?? 0n, timestampMs, kind, value]);

  it('is taken by step, each run by itself, in the order of the references', async () => {
    const points = Array.from({ length: 700 }, (_, place) =>
      aPoint((place * 37) % 11, {
        step: place % 5 === 0 ? null : BigInt((place * 53) % 97),
        timestampMs: BigInt((place * 31) % 13),
      }),
    );
    const [one, two] = [await aRunWith(...points), await aRunWith(aPoint(1), aPoint(1), aPoint(null))];
    const gone = { projectKey: one.projectKey, number: 99 };
    for (const maxPoints of [1, 2, 3, 10, 699, 2500]) {
      const refs = [{ id: two.id }, gone, { id: one.id }, { id: two.id }];
      const samples = await sampleHistories(bench.ctx, refs, 'loss', { maxPoints });
      expect(samples.map(({ run }) => run.id)).toEqual([two.id, one.id, two.id]);
      expect(plain(samples[1]?.points ?? [])).toEqual(
        plain(expected(points, maxPoints).filter((p) => p !== undefined)),
      );
      expect(shown(samples[0]?.points ?? [])).toEqual([1]);
    }
  });

  it('is taken from the wanted steps alone', async () => {
    const run = await aRunWith(
      ...byStep(100),
      aPoint(-1, { step: 40n, timestampMs: 9_999n }),
      aPoint(5, { step: null }),
    );
    const [sample] = await sampleHistories(bench.ctx, [{ id: run.id }], 'loss', {
      maxPoints: 3,
      startStep: 30n,
      endStep: 40n,
    });
    expect(shown(sample?.points ?? [])).toEqual([30, 34, -1]);
    const [none] = await sampleHistories(bench.ctx, [{ id: run.id }], 'loss', {
      maxPoints: 3,
      startStep: 200n,
    });
    expect(none?.points).toEqual([]);
    expect(await sampleHistories(bench.ctx, [{ id: run.id }], 'acc', { maxPoints: 3 })).toMatchObject([
      { points: [] },
    ]);
  });

  it('of a long history is taken from points all along it, also from few of its steps', async () => {
    const count = 60_000;
    const run = await aRunWith(...byStep(count));
    // A second time through some of the steps, as after a resumption.
    await logMetrics(
      bench.ctx,
      { id: run.id },
      byStep(count + 2_000)
        .slice(-2_000)
        .map((point, place) => ({ ...point, step: BigInt(29_000 + place), value: -1 })),
    );
    const sampled = async (sampling: Parameters<typeof sampleHistories>[3]) => {
      const [sample] = await sampleHistories(bench.ctx, [{ id: run.id }], 'loss', sampling);
      return sample?.points ?? [];
    };
    const whole = await sampled({ maxPoints: 100 });
    expect(whole).toHaveLength(100);
    expect([whole[0]?.step, whole.at(-1)?.step]).toEqual([0n, 59_999n]);
    const gaps = whole.slice(1).map((point, place) => Number(point.step) - Number(whole[place]?.step));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...gaps)).toBeLessThan(1_300);
    const few = await sampled({ maxPoints: 2_500, startStep: 100n, endStep: 119n });
    expect(few.map((point) => point.step)).toEqual(
      Array.from({ length: 20 }, (_, place) => BigInt(100 + place)),
    );
    const repeated = await sampled({ maxPoints: 2_500, startStep: 29_990n, endStep: 30_009n });
    expect(new Set(shown(repeated)).has(-1)).toBe(true);
    expect(
      repeated.every((point) => point.step !== null && point.step >= 29_990n && point.step <= 30_009n),
    ).toBe(true);
  });
});

describe('the histories of several runs', () => {
  it('are given by the ids of the runs, without repeats, up to a number of points of all', async () => {
    const runs = [
      await aRunWith(...byStep(3), ...byStep(3)),
      await aRunWith(...byStep(4)),
      await aRunWith(aPoint(1, { key: 'acc' })),
    ].sort((a, b) => (a.id < b.id ? -1 : 1));
    const refs = [...runs, ...runs].reverse().map(({ id }) => ({ id }));
    const read = async (most: number) =>
      (await historiesOf(bench.ctx, refs, 'loss', most)).map(({ run, points }) => [
        run.number,
        shown(points),
      ]);
    expect(await read(25_000)).toEqual([
      [1, [0, 1, 2]],
      [2, [0, 1, 2, 3]],
      [3, []],
    ]);
    expect(await read(4)).toEqual([
      [1, [0, 1, 2]],
      [2, [0]],
    ]);
    expect(await read(3)).toEqual([[1, [0, 1, 2]]]);
  });
});
