import { describe, expect, it } from 'vitest';
import { fromParam, fromPoint } from '../../../adapters/submarine/translate/tracking.js';
import type { StoredPoint } from '../../../src/core/metrics.js';

function aPoint(fields: Partial<StoredPoint>): StoredPoint {
  const time = { timestampMs: 1592057969000n, timestampUs: 0 };
  return { key: 'loss', kind: 'finite', value: 0.5, step: 3n, row: 1, seq: 1, ...time, ...fields };
}

describe('metrics and params', () => {
  it.each([
    ['a number', {}, { value: 0.5, isNan: false, step: 3, timestamp: '2020-06-13T14:19:29.000+00:00' }],
    ['without a step', { step: null }, { step: 0 }],
    ['of a step that no double holds', { step: 2n ** 53n + 1n }, { step: 9007199254740993n }],
    ['not a number', { kind: 'nan', value: null }, { value: 0, isNan: true }],
    ['infinity', { kind: 'pinf', value: null }, { value: Number.MAX_VALUE, isNan: false }],
    ['minus infinity', { kind: 'ninf', value: null }, { value: -Number.MAX_VALUE, isNan: false }],
    [
      'a time that no date can show',
      { timestampMs: 2n ** 63n - 1n },
      { timestamp: '9999-12-31T23:59:59.999+00:00' },
    ],
    [
      'a time before all dates',
      { timestampMs: -(2n ** 63n) },
      { timestamp: '0001-01-01T00:00:00.000+00:00' },
    ],
  ] as const)('%s', (_name, point, shown) => {
    expect(fromPoint('e', aPoint(point))).toMatchObject({
      id: 'e',
      key: 'loss',
      workerIndex: 'worker-0',
      ...shown,
    });
  });

  it('a point without a value is not shown', () => {
    expect(fromPoint('e', aPoint({ kind: 'null', value: null }))).toBeNull();
  });

  it('a param is its text', () => {
    const param = { key: 'lr', type: 'double', text: '0.10', number: 0.1 } as const;
    expect(fromParam('e', param)).toEqual({ id: 'e', key: 'lr', value: '0.10', workerIndex: 'worker-0' });
  });
});
