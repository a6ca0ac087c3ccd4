import { describe, expect, it } from 'vitest';
import { inferParam } from '../../../../adapters/foundry/translate/parameters.js';
import { param } from '../site.js';

describe('a param', () => {
  it.each([
    // Numbers, where filters find them as numbers.
    ['0', 'integer', 0],
    ['-7', 'integer', -7],
    ['+7', 'integer', 7],
    ['007', 'integer', 7],
    ['9007199254740991', 'integer', 9007199254740991],
    ['9007199254740993', 'integer', 9007199254740993n],
    ['9223372036854775807', 'integer', 9223372036854775807n],
    ['-9223372036854775808', 'integer', -9223372036854775808n],
    ['9223372036854775808', 'double', 2 ** 63],
    ['0.001', 'double', 0.001],
    ['1.0', 'double', 1],
    ['1e3', 'double', 1000],
    ['.5', 'double', 0.5],
    // What JSON has no number for.
    ['nan', 'string', 'nan'],
    ['inf', 'string', 'inf'],
    ['1e999', 'string', '1e999'],
    ['', 'string', ''],
    [' ', 'string', ' '],
    // Truths as JSON and Python write them.
    ['true', 'boolean', true],
    ['True', 'boolean', true],
    ['false', 'boolean', false],
    ['False', 'boolean', false],
    ['TRUE', 'string', 'TRUE'],
    ['yes', 'string', 'yes'],
    // Times in UTC.
    ['2026-11-26T12:00:00Z', 'datetime', '2026-11-26T12:00:00Z'],
    ['2026-11-26T12:00:00.123Z', 'datetime', '2026-11-26T12:00:00.123Z'],
    ['2026-11-26T12:00:00.123456+00:00', 'datetime', '2026-11-26T12:00:00.123456+00:00'],
    ['2026-11-26 12:00:00+00:00', 'datetime', '2026-11-26T12:00:00+00:00'],
    ['2026-11-26T12:00:00', 'string', '2026-11-26T12:00:00'],
    ['2026-11-26T12:00:00+02:00', 'string', '2026-11-26T12:00:00+02:00'],
    ['2026-11-26', 'string', '2026-11-26'],
    ['2026-02-30T12:00:00Z', 'string', '2026-02-30T12:00:00Z'],
    // Anything else.
    ['relu', 'string', 'relu'],
    ['[1,2]', 'string', '[1,2]'],
    ['null', 'string', 'null'],
  ])('%j is %s %s', (text, type, value) => {
    expect(inferParam(param('k', text))).toEqual({ type, value });
  });

  it('that its writer took for no number is none, nor one that is not finite', () => {
    expect(inferParam({ text: '5', number: null })).toEqual({ type: 'string', value: '5' });
    expect(inferParam({ text: '1e400', number: Number.POSITIVE_INFINITY })).toEqual({
      type: 'string',
      value: '1e400',
    });
  });
});
