import type { z } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import { entityKey } from '../../../adapters/mlflow/wire/keys.js';
import {
  enumOf,
  optionalCount,
  optionalInt64,
  optionalText,
  requiredDouble,
  requiredInt64,
  requiredText,
  textsInQuery,
} from '../../../adapters/mlflow/wire/values.js';

function faultOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

describe('texts', () => {
  it.each([undefined, null, ''])('%j is missing where one is required', (value) => {
    expect(faultOf(requiredText, value)).toBe('is missing');
  });

  it.each([5, true, [], {}])('%j is none', (value) => {
    expect(faultOf(requiredText, value)).toBe('must be a text');
    expect(faultOf(optionalText, value)).toBe('must be a text');
  });

  it('may be null where none is required', () => {
    expect(optionalText.parse(null)).toBeUndefined();
    expect(optionalText.parse('')).toBe('');
  });
});

describe('64-bit integers', () => {
  it.each<[unknown, bigint]>([
    [7, 7n],
    [7.0, 7n],
    ['7', 7n],
    ['-0', 0n],
    ['+7', 7n],
    ['1600000000000.0', 1_600_000_000_000n],
    [-(2n ** 63n), -(2n ** 63n)],
    ['9223372036854775807', 2n ** 63n - 1n],
  ])('%s', (value, number) => {
    expect(requiredInt64.parse(value)).toBe(number);
  });

  it.each([1.5, '1.5', 'x', true, [], 2n ** 63n, '9223372036854775808', 2 ** 60, '9'.repeat(31)])(
    '%s is none',
    (value) => {
      expect(faultOf(requiredInt64, value)).toBe('must be a whole number of 64 bits');
    },
  );

  it('are missing where they are required', () => {
    for (const value of [undefined, null, '']) expect(faultOf(requiredInt64, value)).toBe('is missing');
    expect(optionalInt64.parse(null)).toBeUndefined();
  });

  it('count in 32 bits', () => {
    expect(optionalCount.parse('12')).toBe(12);
    expect(faultOf(optionalCount, 2 ** 31)).toBe('must be a whole number of 64 bits');
  });
});

describe('numbers', () => {
  it.each<[unknown, number]>([
    [1.5, 1.5],
    ['1.5', 1.5],
    ['-1e-3', -0.001],
    ['.5', 0.5],
    [2n ** 60n, 2 ** 60],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
  ])('%s', (value, number) => {
    expect(requiredDouble.parse(value)).toBe(number);
  });

  it.each(['abc', '1e999', '0x10', '1,5', true, {}])('%s is none', (value) => {
    expect(faultOf(requiredDouble, value)).toBe('must be a number');
  });
});

describe('keys', () => {
  it.each(['a', 'A b_c-d.e:f/g', 'ünicode 漢字', 'a..b', '.a', 'k'.repeat(250)])('%s', (key) => {
    expect(entityKey.parse(key)).toBe(key);
  });

  it.each([
    ['../x', 'path'],
    ['/x', 'path'],
    ['a//b', 'path'],
    ['a/./b', 'path'],
    ['a/', 'path'],
    ['..a', 'path'],
    ['.', 'path'],
    ['..', 'path'],
    ['a!', 'may only contain'],
    ['a\\b', 'may only contain'],
    ['😀', 'may only contain'],
    ['k'.repeat(251), 'longer than 250'],
  ])('%s is none', (key, words) => {
    expect(faultOf(entityKey, key)).toContain(words);
  });
});

describe('others', () => {
  it('an enum is a name or a number, and anything else is none', () => {
    const schema = enumOf(['A', 'B']);
    expect([1, 'B', 'b', 0, null, {}].map((value) => schema.parse(value))).toEqual([
      'A',
      'B',
      ...Array(4).fill(undefined),
    ]);
    expect(faultOf(schema, 3)).toBe('must be one of the numbers');
  });

  it('a list in an address comes as one text or several', () => {
    expect([undefined, 'a', ['a', 'b']].map((value) => textsInQuery.parse(value))).toEqual([
      [],
      ['a'],
      ['a', 'b'],
    ]);
  });
});
