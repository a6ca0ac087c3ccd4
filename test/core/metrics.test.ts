import { describe, expect, it } from 'vitest';
import {
  classify,
  compareInTime,
  comparePoints,
  isRepeat,
  type MetricPoint,
  type StoredPoint,
} from '../../src/core/metrics.js';

let seq = 0;

function aPoint(value: number | null, fields: Partial<MetricPoint> = {}): StoredPoint {
  seq += 1;
  const plain = { key: 'm', ...classify(value), step: 0n, timestampMs: 5n, timestampUs: 0, row: 1, seq };
  return { ...plain, ...fields };
}

describe('values of one step and time', () => {
  it('are ordered as MLflow 3.17.2 shows them, which stores NaN as 0', () => {
    const values = [1, Number.NaN, 0, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null];
    const shown = values.map((value) => aPoint(value)).sort(comparePoints);
    expect(shown.map(({ kind, value }) => value ?? kind)).toEqual(['null', 'ninf', -1, 0, 'nan', 1, 'pinf']);
  });
});

describe('the latest point', () => {
  it('is the greatest by step, then time, then value; no step is step 0', () => {
    const points = [
      aPoint(9, { step: null, timestampMs: 9n }),
      aPoint(1, { step: 1n, timestampMs: 1n }),
      aPoint(2, { step: 1n, timestampMs: 1n, timestampUs: 1 }),
      aPoint(3, { step: -1n, timestampMs: 99n }),
    ];
    expect(points.toSorted(comparePoints).map((point) => point.value)).toEqual([3, 9, 1, 2]);
  });
});

describe('a history', () => {
  it('is ordered by time, then step, then value, then arrival', () => {
    const first = aPoint(1, { step: 7n });
    const repeat = aPoint(1, { step: 7n });
    const points = [
      repeat,
      first,
      aPoint(0, { step: 7n }),
      aPoint(5, { step: null }),
      aPoint(4, { step: -3n }),
      aPoint(6, { timestampMs: 4n, step: 100n }),
    ];
    expect(points.toSorted(compareInTime).map((point) => point.value)).toEqual([6, 4, 5, 0, 1, 1]);
    expect(points.toSorted(compareInTime).slice(-2)).toEqual([first, repeat]);
  });
});

describe('repeats', () => {
  it.each([
    ['the same once more', aPoint(1), aPoint(1), true],
    ['step 0 and no step', aPoint(1), aPoint(1, { step: null }), true],
    ['NaN twice', aPoint(Number.NaN), aPoint(Number.NaN), true],
    ['NaN and 0', aPoint(Number.NaN), aPoint(0), false],
    ['another value', aPoint(1), aPoint(2), false],
    ['another step', aPoint(1), aPoint(1, { step: 1n }), false],
    ['another microsecond', aPoint(1), aPoint(1, { timestampUs: 1 }), false],
  ])('%s', (_name, a, b, expected) => {
    expect(isRepeat(a, b)).toBe(expected);
  });
});
