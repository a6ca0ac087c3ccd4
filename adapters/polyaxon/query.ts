import {
  attribute,
  type Filter,
  metric,
  type Order,
  type OrderField,
  queryLimits,
} from '../../src/core/query.js';
import { joinConditions } from '../../src/http/join-conditions.js';
import { problemAt, quoted, type Source } from '../../src/http/source-text.js';
import { filterOf, keyOf, timeFields } from './query/conditions.js';
import type { QueryContext } from './query/fields.js';
import { readConditions, readTerms, type SortTerm } from './query/grammar.js';

export type { QueryContext } from './query/fields.js';

/**
 * The filter of a list's `query`; a blank one takes every run. It passes `checkFilter`.
 *
 * @throws CoreError `invalid` for `query`, with the place and what was expected there.
 */
export function parseQuery(text: string, context: QueryContext): Filter {
  const source = { parameter: 'query', text } as const;
  const conditions = readConditions(source).map((condition) => {
    return { at: condition.name.at, filter: filterOf(source, condition, context) };
  });
  return joinConditions(source, conditions);
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
