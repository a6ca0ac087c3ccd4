import { describe, expect, it } from 'vitest';
import {
  parseWireTime,
  toWireTime,
  toWireTimeOf,
  toWireTimeOrNull,
} from '../../../../adapters/polyaxon/translate/time.js';

describe('times', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01 00:00', 0],
    ['1970-01-01T00:00:01.5+00:00', 1_500_000],
    ['1970-01-01 00:00:00,000001', 1],
    ['1970-01-01T00:00:00.1234569Z', 123_456],
    ['1970-01-01T01:30:00+01:30', 0],
    ['1969-12-31T23:00:00-01', 0],
    ['1970-01-01T00:00:00 UTC', 0],
    ['1969-12-31T23:59:59.999999Z', -1],
    [' 2018-08-22T19:25:05.764283+0000 ', 1_534_965_905_764_283],
  ])('%s is %d', (text, micros) => {
    expect(parseWireTime(text)).toBe(micros);
  });

  it.each([
    '',
    'now',
    '2018-02-30',
    '2018-02-30 00:00',
    '2018-13-01 00:00',
    '2018-01-01T24:00:00Z',
    '1',
    '2300-01-01 00:00',
    '2018-01-01T00:00:00+24:00',
    '0000-01-01T00:00:00Z',
    '2018-01-01T00:00:60Z',
  ])('%s is none', (text) => {
    expect(parseWireTime(text)).toBeNull();
  });

  it('are written with microseconds and an offset, and come back', () => {
    const text = '2018-08-22T19:25:05.764283+00:00';
    expect(toWireTime(parseWireTime(text) ?? 0)).toBe(text);
    expect(toWireTime(-1)).toBe('1969-12-31T23:59:59.999999+00:00');
    expect(toWireTimeOf(0, 7)).toBe('1970-01-01T00:00:00.000007+00:00');
    expect(toWireTimeOrNull(null)).toBeNull();
  });
});
