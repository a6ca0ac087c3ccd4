import { describe, expect, it } from 'vitest';
import { amountOf, parseQuantity } from '../../src/core/quantity.js';

describe('a Kubernetes quantity', () => {
  it.each([
    ['1', 1],
    ['.5', 0.5],
    ['100m', 0.1],
    ['1.5Gi', 1.5 * 1024 ** 3],
    ['2M', 2_000_000],
    ['1e3', 1000],
    ['-1Ki', -1024],
  ])('%s is %d', (text, amount) => {
    expect(amountOf(text)).toBeCloseTo(amount, 9);
  });

  it.each(['', ' 1', '1 ', '1mi', '1KI', 'Ki', '1e', '1e9999', '0x1', '1,5', 'NaN', '9'.repeat(400)])(
    '%j is none',
    (text) => {
      expect(amountOf(text)).toBeNull();
    },
  );

  it('keeps its digits apart from its unit', () => {
    expect(parseQuantity('0.1Mi')).toEqual({ digits: 0.1, unit: 'Mi', factor: 1024 ** 2 });
  });
});
