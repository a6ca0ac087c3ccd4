import { describe, expect, it } from 'vitest';
import { parseRunFilter } from '../../../adapters/mlflow/query/filter.js';
import { parseRunOrder } from '../../../adapters/mlflow/query/order.js';
import { CoreError } from '../../../src/core/errors.js';
import {
  and,
  attribute,
  checkFilter,
  checkOrder,
  compare,
  extension,
  type Field,
  metric,
  type OrderField,
  param,
  rank,
  tag,
} from '../../../src/core/query.js';
import { hostileFilters, hostileTerms } from './hostile-queries.js';
import { runConditions } from './query-cases.js';

/** The error of a refused text. */
function problemOf(work: () => unknown): CoreError {
  try {
    work();
  } catch (error) {
    if (error instanceof CoreError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a filter of runs', () => {
  it.each(runConditions)('%s', (text, filter) => {
    expect(parseRunFilter(text)).toEqual(and(filter));
    checkFilter(parseRunFilter(text));
  });

  const two = and(compare(metric('a'), 'gt', 1), compare(metric('b'), 'lt', 2));
  it.each([
    'metrics.a > 1 AND metrics.b < 2',
    'metrics.a>1 and metrics.b<2',
    '\n metrics.a > 1\tAnd\nmetrics.b < 2 ',
    // As the real server does.
    'metrics.a > 1 metrics.b < 2',
    'AND metrics.a > 1 AND AND metrics.b < 2 AND',
  ])('joins conditions: %j', (text) => {
    expect(parseRunFilter(text)).toEqual(two);
  });

  it.each(['', 'AND'])('that is %j takes every run', (text) => {
    expect(parseRunFilter(text)).toEqual(and());
  });

  it.each(hostileFilters)('is refused at $at: $text', ({ text, at }) => {
    const problem = problemOf(() => parseRunFilter(text));
    expect(problem.detail).toMatchObject({ code: 'invalid', issues: [{ path: 'filter' }] });
    expect(problem.message).toMatch(new RegExp(`^filter: at ${at}: [^\\0\\n]{10,400}$`));
  });
});

const loss = metric('loss');
const a = param('a');
const shownName = attribute('shownName');
const began = attribute('beganAt');
const finished = attribute('finishedAt');

const asc = (field: OrderField) => ({ field, direction: 'asc' }) as const;
const desc = (field: OrderField) => ({ field, direction: 'desc' }) as const;
const ties = [desc(began), asc(attribute('id'))];

const terms: readonly (readonly [string, Field & OrderField])[] = [
  ['metrics.loss', loss],
  ['metric.`val/loss`', metric('val/loss')],
  ['params.a', a],
  ['tag."a b"', tag('a b')],
  ['tags.mlflow.parentRunId', attribute('parentName')],
  ['run_name', shownName],
  ['attributes.end_time', finished],
  ['user_id', extension('mlflow', 'userId', '')],
  [
    'status',
    rank('status', [
      ['failed', 'upstream_failed'],
      ['succeeded'],
      ['stopped', 'skipped'],
      ['running', 'warning', 'stopping', 'unknown'],
      ['created', 'queued', 'resuming', 'building', 'unschedulable', 'scheduled', 'starting'],
    ]),
  ],
];

describe('an order of runs', () => {
  it.each(terms)('by %s', (text, field) => {
    expect(parseRunOrder([text])).toEqual([asc(field), ...ties]);
    expect(parseRunOrder([`${text} ASC`])).toEqual([asc(field), ...ties]);
    expect(parseRunOrder([`${text}\tdesc`])).toEqual([desc(field), ...ties]);
    checkOrder(parseRunOrder([text]));
  });

  it('is by the beginning, the newest first, and then by the id', () => {
    expect(parseRunOrder([])).toEqual(ties);
    expect(parseRunOrder(['created ASC'])).toEqual([asc(began), asc(attribute('id'))]);
    expect(parseRunOrder(['run_id DESC'])).toEqual([desc(attribute('id')), desc(began)]);
    expect(parseRunOrder(['metrics.loss', 'params.a DESC'])).toEqual([asc(loss), desc(a), ...ties]);
  });

  it.each(hostileTerms)('is refused at $at: $text', ({ text, at }) => {
    const problem = problemOf(() => parseRunOrder(['metrics.loss', text]));
    expect(problem.detail).toMatchObject({ code: 'invalid', issues: [{ path: 'order_by[1]' }] });
    expect(problem.message).toMatch(new RegExp(`^order_by\\[1\\]: at ${at}: [^\\0\\n]{10,400}$`));
  });

  it.each([
    ['the same term twice', ['metrics.a', 'metric.`a` DESC'], 1],
    ['one field by two names', ['start_time', 'metrics.a', 'Created'], 2],
    ['too many terms', Array.from({ length: 20 }, (_, place) => `metrics.m${place}`), 14],
  ] as const)('refuses %s', (_what, order, place) => {
    expect(problemOf(() => parseRunOrder(order)).message).toMatch(
      new RegExp(`^order_by\\[${place}\\]: at 1: `),
    );
  });

  it('takes a field and the tag that shows it', () => {
    expect(parseRunOrder(['run_name', 'tags.mlflow.runName'])).toEqual([
      asc(shownName),
      asc(shownName),
      ...ties,
    ]);
  });
});
