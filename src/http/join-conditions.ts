import type { CoreError } from '../core/errors.js';
import { type AnyField, and, type Field, type Filter, isLookup, queryLimits } from '../core/query.js';
import { problemAt, type Source } from './source-text.js';

/** A condition, and where it stands in the client's text. */
export interface PlacedFilter<F extends AnyField = Field> {
  readonly at: number;
  readonly filter: Filter<F>;
}

/**
 * The filter that all conditions of a text make together. It passes `checkFilter` as far as sizes go.
 *
 * @throws CoreError `invalid`, with the place of the condition that is too much.
 */
export function joinConditions<F extends AnyField>(
  source: Source,
  conditions: readonly PlacedFilter<F>[],
): Filter<F> {
  let used = one;
  for (const { at, filter } of conditions) {
    used = sum(used, sizeOf(filter));
    for (const part of ['nodes', 'values', 'lookups'] as const)
      if (used[part] > queryLimits[part]) throw tooMuch(source, at, part);
  }
  return and(...conditions.map(({ filter }) => filter));
}

/** What `checkFilter` counts. */
type Size = Readonly<Record<'nodes' | 'values' | 'lookups', number>>;

function tooMuch(source: Source, at: number, part: keyof Size): CoreError {
  return problemAt(source, at, `with this condition there are too many${words[part]}`);
}

const words = {
  nodes: '',
  values: ' values',
  lookups: ' of params, metrics and tags',
} as const satisfies Record<keyof Size, string>;

const one: Size = { nodes: 1, values: 0, lookups: 0 };

function sizeOf(filter: Filter<AnyField>): Size {
  if ('filter' in filter) return sum(one, sizeOf(filter.filter));
  if ('filters' in filter) return filter.filters.map(sizeOf).reduce(sum, one);
  const values = 'values' in filter ? filter.values.length : 0;
  return { nodes: 1, values, lookups: isLookup(filter.field) ? 1 : 0 };
}

function sum(a: Size, b: Size): Size {
  return { nodes: a.nodes + b.nodes, values: a.values + b.values, lookups: a.lookups + b.lookups };
}
