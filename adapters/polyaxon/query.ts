import {
  and,
  attribute,
  type Filter,
  metric,
  type Order,
  type OrderField,
  queryLimits,
} from '../../src/core/query.js';
import { filterOf, keyOf, timeFields } from './query/conditions.js';
import type { QueryContext } from './query/fields.js';
import { readConditions, readTerms, type SortTerm } from './query/grammar.js';
import { problemAt, quoted, type Source } from './query/problems.js';

export type { QueryContext } from './query/fields.js';

/**
 * The filter of a list's `query`; a blank one takes every run. It passes `checkFilter`.
 *
 * @throws CoreError `invalid` for `query`, with the place and what was expected there.
 */
export function parseQuery(text: string, context: QueryContext): Filter {
  const source = { parameter: 'query', text } as const;
  const conditions = readConditions(source);
  const filters: Filter[] = [];
  let used = one;
  for (const condition of conditions) {
    const filter = filterOf(source, condition, context);
    used = sum(used, sizeOf(filter));
    for (const part of ['nodes', 'values', 'lookups'] as const)
      if (used[part] > queryLimits[part]) throw problemAt(source, condition.name.at, tooMuch[part]);
    filters.push(filter);
  }
  return and(...filters);
}

/**
 * The order of a list's `sort`; of a blank one, the newest runs first.
 *
 * @throws CoreError `invalid` for `sort`, with the place and what was expected there.
 */
export function parseSort(text: string): Order {
  const source = { parameter: 'sort', text } as const;
  const terms = readTerms(source);
  const beyond = terms[queryLimits.orderTerms];
  if (beyond !== undefined)
    throw problemAt(source, beyond.name.at, `a list is sorted by ${queryLimits.orderTerms} fields at most`);
  if (terms.length === 0) return [{ field: attribute('createdAt'), direction: 'desc' }];
  return terms.map((term) => ({
    field: sortFieldOf(source, term),
    direction: term.descending ? 'desc' : 'asc',
  }));
}

const sortFields: ReadonlyMap<string, OrderField> = new Map<string, OrderField>([
  ['id', attribute('number')],
  ...Object.entries(timeFields),
]);

function sortFieldOf(source: Source, { name }: SortTerm): OrderField {
  const field = sortFields.get(name.text);
  if (field !== undefined) return field;
  const key = keyOf(name.text);
  if (key !== null && (key.prefix === 'metrics' || key.prefix === 'metric')) return metric(key.name);
  const names = [...sortFields.keys(), 'metrics.NAME'].join(', ');
  throw problemAt(source, name.at, `a list is not sorted by ${quoted(name.text)}, but by ${names}`);
}

/** What `checkFilter` counts. */
type Size = Readonly<Record<'nodes' | 'values' | 'lookups', number>>;

const tooMuch = {
  nodes: 'with this condition there are too many',
  values: 'with this condition there are too many values',
  lookups: 'with this condition there are too many of params, metrics and tags',
} as const satisfies Record<keyof Size, string>;

const one: Size = { nodes: 1, values: 0, lookups: 0 };

function sizeOf(filter: Filter): Size {
  if ('filter' in filter) return sum(one, sizeOf(filter.filter));
  if ('filters' in filter) return filter.filters.map(sizeOf).reduce(sum, one);
  const values = filter.kind === 'in' ? filter.values.length : 0;
  return { nodes: 1, values, lookups: filter.field.kind === 'attribute' ? 0 : 1 };
}

function sum(a: Size, b: Size): Size {
  return { nodes: a.nodes + b.nodes, values: a.values + b.values, lookups: a.lookups + b.lookups };
}
