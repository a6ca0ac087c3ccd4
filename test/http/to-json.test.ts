import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/http/to-json.js';

describe('a value as JSON text', () => {
  it.each<[unknown, string]>([
    [{ a: [1, 'x', null, undefined], b: undefined }, '{"a":[1,"x",null,null]}'],
    [{ step: 9_223_372_036_854_775_807n, at: [-1n] }, '{"step":9223372036854775807,"at":[-1]}'],
    [{ a: undefined, b: [undefined, 1n], c: '\u2028"\\' }, '{"b":[null,1],"c":"\u2028\\"\\\\"}'],
    [undefined, 'null'],
    [0n, '0'],
  ])('%#', (value, text) => {
    expect(toJson(value)).toBe(text);
  });
});
