import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromParam, fromParams, toParams } from '../../../../adapters/polyaxon/translate/params.js';
import type { Param } from '../../../../src/core/params.js';
import { paramOf } from '../../../../src/core/params.js';

describe('params', () => {
  it.each<[unknown, Omit<Param, 'key'>]>([
    [0.1, { type: 'double', text: '0.1', number: 0.1 }],
    ['0.1', { type: 'string', text: '0.1', number: 0.1 }],
    [1, { type: 'integer', text: '1', number: 1 }],
    [1e21, { type: 'double', text: '1e+21', number: 1e21 }],
    [true, { type: 'boolean', text: 'true', number: null }],
    ['relu', { type: 'string', text: 'relu', number: null }],
    ['', { type: 'string', text: '', number: null }],
    ['Infinity', { type: 'string', text: 'Infinity', number: null }],
    ['1e999', { type: 'string', text: '1e999', number: null }],
    [null, { type: 'json', text: 'null', number: null }],
    [[1, 'a'], { type: 'json', text: '[1,"a"]', number: null }],
    [{ a: { b: null } }, { type: 'json', text: '{"a":{"b":null}}', number: null }],
  ])('%j, both ways', (value, param) => {
    expect(paramOf('k', value)).toEqual({ key: 'k', ...param });
    expect(fromParam({ key: 'k', ...param })).toEqual(value);
  });

  it.each<[Omit<Param, 'key'>, unknown]>([
    [{ type: 'boolean', text: 'True', number: null }, true],
    [{ type: 'boolean', text: 'yes', number: null }, 'yes'],
    [{ type: 'double', text: 'nan', number: null }, 'nan'],
    [{ type: 'integer', text: '', number: null }, ''],
    [{ type: 'json', text: '{broken', number: null }, '{broken'],
    [{ type: 'datetime', text: '2018-08-22T00:00:00Z', number: null }, '2018-08-22T00:00:00Z'],
  ])('of other dialects, one way: %j', (param, value) => {
    expect(fromParam({ key: 'k', ...param })).toEqual(value);
  });

  it('are null where there are none', () => {
    expect(fromParams([])).toBeNull();
  });

  it('come back as the JSON that they were', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 }), (values) => {
        expect(JSON.stringify(fromParams(toParams(values)))).toBe(JSON.stringify(values));
      }),
    );
  });
});
