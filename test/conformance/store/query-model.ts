import type { AnyField, Filter, Order, OrderTerm, Pattern, Value } from '../../../src/core/query.js';

/** What a search sees of the things of one kind. */
export interface SearchModel<F extends AnyField, T> {
  /** All values that a thing has in the field; none where it is missing. */
  valuesOf(thing: T, field: F): readonly Value[];
  keyOf(thing: T): number;
  createdAt(thing: T): number;
}

/** The things that pass, in the order: written from the rules, with nothing of the compiler's. */
export function expectedOf<F extends AnyField, T>(
  model: SearchModel<F, T>,
  things: readonly T[],
  filter: Filter<F>,
  order: Order<F>,
): T[] {
  const tie = order.at(-1)?.direction === 'desc' ? -1 : 1;
  return things
    .filter((thing) => passes(model, thing, filter))
    .sort((a, b) => {
      for (const term of order) {
        const sign = compareBy(model, term, a, b);
        if (sign !== 0) return sign;
      }
      const byCreation = order.length > 0 ? 0 : model.createdAt(a) - model.createdAt(b);
      return byCreation || tie * (model.keyOf(a) - model.keyOf(b));
    });
}

function passes<F extends AnyField, T>(model: SearchModel<F, T>, thing: T, filter: Filter<F>): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((part) => passes(model, thing, part));
    case 'or':
      return filter.filters.some((part) => passes(model, thing, part));
    case 'not':
      return !passes(model, thing, filter.filter);
    default:
      return model.valuesOf(thing, filter.field).some((value) => fits(filter, value));
  }
}

function fits<F extends AnyField>(
  test: Exclude<Filter<F>, { kind: 'and' | 'or' | 'not' }>,
  value: Value,
): boolean {
  switch (test.kind) {
    case 'exists':
      return true;
    case 'in':
      return test.values.some((other) => same(value, other));
    case 'notIn':
      return !test.values.some((other) => same(value, other));
    case 'between':
      return holds('ge', value, test.from) && holds('le', value, test.to);
    case 'compare':
      return holds(test.operator, value, test.value);
    case 'match':
      return matches(String(value), test.pattern, test.ignoreCase);
  }
}

function same(a: Value, b: Value): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function holds(operator: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', a: Value, b: Value): boolean {
  if (operator === 'eq') return same(a, b);
  if (operator === 'ne') return !same(a, b);
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  const sign = compareValues(a, b);
  return { lt: sign < 0, le: sign <= 0, gt: sign > 0, ge: sign >= 0 }[operator];
}

function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

function matches(text: string, pattern: Pattern, ignoreCase: boolean): boolean {
  const fold = (part: string) =>
    ignoreCase ? [...part].map((c) => (c >= 'A' && c <= 'Z' ? c.toLowerCase() : c)).join('') : part;
  let places = new Set([0]);
  const characters = [...fold(text)];
  for (const piece of pattern) {
    const next = new Set<number>();
    for (const place of places) {
      if (typeof piece === 'string') {
        const wanted = [...fold(piece)];
        if (wanted.every((character, index) => characters[place + index] === character))
          next.add(place + wanted.length);
      } else if (piece.wildcard === 'one') {
        if (place < characters.length) next.add(place + 1);
      } else {
        for (let end = place; end <= characters.length; end += 1) next.add(end);
      }
    }
    places = next;
  }
  return places.has(characters.length);
}

function compareBy<F extends AnyField, T>(
  model: SearchModel<F, T>,
  { field, direction, missing = 'last' }: OrderTerm<F>,
  a: T,
  b: T,
): number {
  const [left, right] = [a, b].map((thing) => {
    const [value] = model.valuesOf(thing, field);
    const rank = value === undefined ? 2 : Number.isNaN(value) ? 1 : 0;
    return { rank, value: typeof value === 'string' ? [...value].slice(0, 250).join('') : value };
  });
  if (left === undefined || right === undefined) throw new Error('there are two things');
  if (left.rank !== right.rank) return (left.rank - right.rank) * (missing === 'last' ? 1 : -1);
  if (left.rank !== 0 || left.value === undefined || right.value === undefined) return 0;
  return compareValues(left.value, right.value) * (direction === 'asc' ? 1 : -1);
}
