import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeNumber } from '../../src/core/free-number.js';

describe('a free number', () => {
  it('is the least where numbers were given one after another, found in few questions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 }), fc.nat(100_000), async (first, count) => {
        let questions = 0;
        const found = await freeNumber(first, async (number) => {
          questions += 1;
          return number < first + count;
        });
        expect(found).toBe(first + count);
        expect(questions).toBeLessThanOrEqual(2 * Math.log2(count + 2) + 2);
      }),
    );
  });

  it('is free where there are gaps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 40 })), async (numbers) => {
        const taken = new Set(numbers);
        expect(taken.has(await freeNumber(1, async (number) => taken.has(number)))).toBe(false);
      }),
    );
  });
});
