import { beforeAll, describe, expect, it } from 'vitest';
import type { WorkspaceKey } from '../../../src/core/ids.js';
import {
  attribute,
  compare,
  contains,
  exists,
  type Filter,
  label,
  likePattern,
  match,
  metric,
  not,
  type Order,
  oneOf,
  or,
  param,
  startsWith,
  tag,
} from '../../../src/core/query.js';
import { aPlace, aPoint, newRun } from './fixtures.js';
import type { Subject } from './suite.js';

const last = metric('m');
const long = 'x'.repeat(100);
const longer = 'y'.repeat(250);

/** Runs by name: the last value of the metric m, the param p and the tag t (null for a label). */
const runs: readonly (readonly [string, { m?: number; p?: string; t?: string | null }])[] = [
  ['one', { m: 1, p: 'Ä', t: 'a' }],
  ['two', { m: 2, p: 'ä', t: null }],
  ['nan', { m: Number.NaN, p: `${long}1`, t: '' }],
  ['up', { m: Number.POSITIVE_INFINITY, p: `${long}2` }],
  ['down', { m: Number.NEGATIVE_INFINITY, p: `${longer}2` }],
  ['none', { p: `${longer}1` }],
  ['A_%', {}],
];

/** What each rule of filters says, by the names of the runs that pass, in the order of creation. */
const filters: readonly (readonly [string, Filter, readonly string[]])[] = [
  ['equal to a number', compare(last, 'eq', 1), ['one']],
  ['another number, NaN too, but there', compare(last, 'ne', 1), ['two', 'nan', 'up', 'down']],
  ['not equal, or not there', not(compare(last, 'eq', 1)), ['two', 'nan', 'up', 'down', 'none', 'A_%']],
  ['greater, infinity too', compare(last, 'gt', 1), ['two', 'up']],
  ['less, minus infinity too', compare(last, 'lt', 2), ['one', 'down']],
  [
    'at most infinity, without NaN',
    compare(last, 'le', Number.POSITIVE_INFINITY),
    ['one', 'two', 'up', 'down'],
  ],
  ['infinity', compare(last, 'eq', Number.POSITIVE_INFINITY), ['up']],
  ['not infinity', compare(last, 'ne', Number.POSITIVE_INFINITY), ['one', 'two', 'nan', 'down']],
  ['one of some numbers', oneOf(last, [2, Number.NEGATIVE_INFINITY, 3]), ['two', 'down']],
  ['NaN', compare(last, 'eq', Number.NaN), ['nan']],
  ['there and not NaN', compare(last, 'ne', Number.NaN), ['one', 'two', 'up', 'down']],
  ['there', exists(last), ['one', 'two', 'nan', 'up', 'down']],
  ['with a least value', exists(metric('m', 'min')), ['one', 'two', 'up', 'down']],
  ['counted', compare(metric('m', 'count'), 'eq', 1), ['one', 'two', 'nan', 'up', 'down']],
  ['counted where finite', compare(metric('m', 'finite'), 'lt', 1), ['nan', 'up', 'down']],
  ['a label by its empty value', compare(tag('t'), 'eq', ''), ['two', 'nan']],
  ['another value than that of a label', compare(tag('t'), 'ne', ''), ['one']],
  ['a label by its name', compare(label, 'eq', 't'), ['two']],
  ['a text that goes on behind the index', oneOf(param('p'), [`${long}2`, long]), ['up']],
  ['cases of A to Z alone', match(param('p'), ['Ä'], { ignoreCase: true }), ['one']],
  ['a text in any case', match(attribute('name'), ['a_%'], { ignoreCase: true }), ['A_%']],
  ['a text in its case', match(attribute('name'), ['a_%']), []],
  ['wildcards as text', contains(attribute('name'), '_%'), ['A_%']],
  ['LIKE', match(attribute('name'), likePattern('_o%')), ['down', 'none']],
  ['any of two', or(startsWith(attribute('name'), 'd'), compare(last, 'eq', 2)), ['two', 'down']],
];

const by = (field: Order[number]['field'], direction: 'asc' | 'desc', missing?: 'first'): Order => [
  { field, direction, ...(missing === undefined ? {} : { missing }) },
];

/** What each rule of orders says. */
const orders: readonly (readonly [string, Order, readonly string[]])[] = [
  ['up, NaN and what is missing last', by(last, 'asc'), ['down', 'one', 'two', 'up', 'nan', 'none', 'A_%']],
  [
    'down, NaN and what is missing last',
    by(last, 'desc'),
    ['up', 'two', 'one', 'down', 'nan', 'A_%', 'none'],
  ],
  ['what is missing first', by(last, 'asc', 'first'), ['none', 'A_%', 'nan', 'down', 'one', 'two', 'up']],
  [
    'by bytes of text, equal behind 250 characters',
    by(param('p'), 'asc'),
    ['nan', 'up', 'down', 'none', 'one', 'two', 'A_%'],
  ],
];

/** The rules of searches by example. */
export function searchRuleCases(subject: Subject): void {
  describe('a search by rule', () => {
    let workspaceKey: WorkspaceKey;
    beforeAll(async () => {
      const { workspace, project } = await aPlace(subject.store);
      workspaceKey = workspace.key;
      await subject.store.transaction(async (tx) => {
        for (const [name, { m, p, t }] of runs) {
          const { key } = await tx.runs.insert(newRun(project, { name }));
          if (m !== undefined) await tx.metrics.append(key, [aPoint('m', m)], 1);
          if (p !== undefined)
            await tx.params.upsert(key, [{ key: 'p', type: 'string', text: p, number: null }]);
          if (t !== undefined) await tx.tags.upsert(key, [{ key: 't', value: t }]);
        }
      });
    });

    async function namesOf(filter: Filter, order: Order): Promise<(string | null)[]> {
      const search = { workspaceKey, lifecycle: 'active' as const, filter, order, limit: 100 };
      return (await subject.store.read.runs.search(search)).runs.map((run) => run.name);
    }

    it.each(filters)('finds %s', async (_name, filter, names) => {
      expect(await namesOf(filter, [])).toEqual(names);
      const others = runs.map(([name]) => name).filter((name) => !names.includes(name));
      expect(await namesOf(not(filter), [])).toEqual(others);
    });

    it.each(orders)('sorts %s', async (_name, order, names) => {
      expect(await namesOf(exists(attribute('name')), order)).toEqual(names);
    });
  });
}
