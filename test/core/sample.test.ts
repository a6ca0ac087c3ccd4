import { describe, expect, it } from 'vitest';
import { sampleEvenly } from '../../src/core/sample.js';

const upTo = (count: number) => Array.from({ length: count }, (_, place) => place);

describe('a sample', () => {
  // As MLflow 3.17.2 answers get-history-bulk-interval for as many points and this max_results.
  it.each([
    [0, 3, []],
    [3, 3, [0, 1, 2]],
    [2, 2500, [0, 1]],
    [4, 3, [0, 2, 3]],
    [10, 1, [9]],
    [10, 2, [0, 9]],
    [10, 3, [0, 4, 9]],
    [10, 4, [0, 3, 6, 9]],
    [11, 4, [0, 3, 6, 10]],
  ])('of %i points, %i at most', (count, most, expected) => {
    expect(sampleEvenly(upTo(count), most)).toEqual(expected);
  });

  it('has the asked size, the first and the last, and gaps that differ by one but for the last', () => {
    for (const [count, most] of [
      [1000, 7],
      [9999, 2500],
      [2501, 2500],
    ] as const) {
      const sample = sampleEvenly(upTo(count), most);
      const gaps = sample.slice(1, -1).map((item, place) => item - (sample[place] ?? 0));
      expect(sample).toHaveLength(most);
      expect([sample[0], sample.at(-1)]).toEqual([0, count - 1]);
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
    }
  });
});
