import { describe, expect, it } from 'vitest';
import { CoreError } from '../../src/core/errors.js';
import {
  and,
  attribute,
  between,
  checkFilter,
  checkOrder,
  compare,
  contains,
  endsWith,
  everyRun,
  exists,
  type Filter,
  likePattern,
  match,
  metric,
  noRun,
  not,
  type Order,
  oneOf,
  or,
  param,
  queryLimits,
  startsWith,
  statusIn,
  tag,
  totalOrder,
} from '../../src/core/query.js';

const leaf = compare(attribute('name'), 'eq', 'v');

function nested(depth: number, wrap: (filter: Filter) => Filter): Filter {
  let filter: Filter = leaf;
  for (let level = 0; level < depth; level += 1) filter = wrap(filter);
  return filter;
}

function problemOf(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof CoreError && error.code === 'invalid') return error.message;
    throw error;
  }
}

describe('a filter', () => {
  const any = { wildcard: 'any' } as const;
  it.each<[string, Filter]>([
    ['of nothing', everyRun],
    ['of no run', noRun],
    ['of no status', statusIn([])],
    ['by text', compare(attribute('name'), 'lt', '')],
    ['by time', between(attribute('createdAt'), -1, Number.MAX_SAFE_INTEGER)],
    ['by truth', compare(attribute('managed'), 'eq', true)],
    ['by the number of a param', compare(param('lr', 'number'), 'ge', 0.1)],
    ['by an infinite metric', compare(metric('loss'), 'eq', Number.POSITIVE_INFINITY)],
    ['by NaN', compare(metric('loss'), 'ne', Number.NaN)],
    ['by pattern', startsWith(tag('k'), '%')],
    ['of the greatest depth', nested(queryLimits.depth, not)],
    ['of the greatest size', and(...Array.from({ length: queryLimits.nodes - 1 }, () => leaf))],
    ['of the most lookups', and(...Array.from({ length: queryLimits.lookups }, () => exists(tag('k'))))],
    ['of the most values', oneOf(param('k'), Array.from({ length: queryLimits.values }, String))],
    [
      'of the most wildcards',
      match(
        tag('k'),
        Array.from({ length: queryLimits.wildcards }, () => any),
      ),
    ],
    ['of the longest text', compare(param('k'), 'eq', 'x'.repeat(queryLimits.textLength))],
  ])('%s is taken', (_name, filter) => {
    expect(problemOf(() => checkFilter(filter))).toBeNull();
  });

  it.each<[string, Filter, RegExp]>([
    ['nested too deeply', nested(queryLimits.depth + 1, not), /nested too deeply/],
    ['nested beyond any stack', nested(200_000, (filter) => and(filter)), /nested too deeply/],
    ['of 5,000 conditions', and(...Array.from({ length: 5_000 }, () => leaf)), /too many conditions/],
    ['of many nested ones', nested(9, (filter) => or(filter, filter)), /too many conditions/],
    [
      'of too many lookups',
      or(...Array.from({ length: queryLimits.lookups + 1 }, () => not(exists(metric('k'))))),
      /on params, metrics and tags/,
    ],
    [
      'of too many values',
      oneOf(param('k'), Array.from({ length: queryLimits.values + 1 }, String)),
      /too many values/,
    ],
    [
      'of too many values together',
      and(...[0, 1].map(() => oneOf(param('k'), Array.from({ length: 600 }, String)))),
      /too many values/,
    ],
    [
      'of a long text',
      compare(param('k'), 'eq', 'x'.repeat(queryLimits.textLength + 1)),
      /the param "k" is too long/,
    ],
    [
      'of a long pattern',
      contains(param('k'), 'x'.repeat(queryLimits.textLength + 1)),
      /the param "k" is too long/,
    ],
    ['of a long key', exists(tag('k'.repeat(queryLimits.textLength + 1))), /a key is too long/],
    [
      'of too many wildcards',
      match(
        tag('k'),
        Array.from({ length: queryLimits.wildcards + 1 }, () => any),
      ),
      /too many wildcards/,
    ],
    [
      'of a number for a text',
      compare(param('k'), 'eq', 1),
      /the param "k" can only be compared with a text/,
    ],
    [
      'of a text for a number',
      compare(metric('m'), 'gt', '1'),
      /the metric "m" can only be compared with a number/,
    ],
    [
      'of a text for a truth',
      compare(attribute('managed'), 'eq', 'true'),
      /managed can only be compared with true or false/,
    ],
    [
      'of a half time',
      compare(attribute('createdAt'), 'lt', 0.5),
      /createdAt can only be compared with a whole number/,
    ],
    ['of an endless time', between(attribute('createdAt'), 0, Number.POSITIVE_INFINITY), /whole number/],
    ['of an inexact key', oneOf(attribute('key'), [2 ** 53]), /whole number/],
    [
      'of a pattern for a number',
      endsWith(attribute('number'), '1'),
      /number can only be compared with a whole number/,
    ],
    ['less than NaN', compare(metric('m'), 'lt', Number.NaN), /NaN/],
    ['of NaN for a least value', compare(metric('m', 'min'), 'eq', Number.NaN), /NaN/],
    ['of NaN for a param', compare(param('k', 'number'), 'eq', Number.NaN), /NaN/],
    ['of NaN in a list', oneOf(metric('m'), [Number.NaN]), /NaN/],
    ['up to NaN', between(metric('m'), 0, Number.NaN), /NaN/],
  ])('%s is refused', (_name, filter, message) => {
    expect(problemOf(() => checkFilter(filter))).toMatch(message);
  });
});

describe('an order', () => {
  const byName = { field: attribute('name'), direction: 'desc' } as const;

  it('is taken with the most terms, and refused with more or with a long key', () => {
    const terms = Array.from({ length: queryLimits.orderTerms }, () => byName);
    expect(problemOf(() => checkOrder(terms))).toBeNull();
    expect(problemOf(() => checkOrder([...terms, byName]))).toMatch(/too many terms/);
    const longKey = param('k'.repeat(queryLimits.textLength + 1));
    expect(problemOf(() => checkOrder([{ field: longKey, direction: 'asc' }]))).toMatch(/key is too long/);
  });

  const byKey = (direction: 'asc' | 'desc') => ({ field: attribute('key'), direction });
  it.each<[string, Order, Order]>([
    ['none', [], [{ field: attribute('createdAt'), direction: 'asc' }, byKey('asc')]],
    ['one by name', [byName], [byName, byKey('desc')]],
    ['one by key', [byKey('asc'), byName], [byKey('asc'), byName]],
    [
      'one by id',
      [{ field: attribute('id'), direction: 'asc' }],
      [{ field: attribute('id'), direction: 'asc' }],
    ],
    [
      'one by a tag named key',
      [{ field: tag('key'), direction: 'asc' }],
      [{ field: tag('key'), direction: 'asc' }, byKey('asc')],
    ],
  ])('is made total: %s', (_name, order, total) => {
    expect(totalOrder(order)).toEqual(total);
  });
});

describe('a LIKE pattern', () => {
  const any = { wildcard: 'any' };
  const one = { wildcard: 'one' };
  it.each([
    ['', []],
    ['a', ['a']],
    ['%', [any]],
    ['_a%%b', [one, 'a', any, any, 'b']],
    ['\\%*?[', ['\\', any, '*?[']],
  ])('%s is read', (text, pattern) => {
    expect(likePattern(text)).toEqual(pattern);
  });
});
