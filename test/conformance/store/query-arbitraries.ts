import fc from 'fast-check';
import {
  type AnyField,
  type Comparison,
  type Filter,
  type Order,
  type OrderField,
  type Pattern,
  typeOf,
  type Value,
} from '../../../src/core/query.js';

const long = 'x'.repeat(99);
/** Few, so that runs and filters meet. */
const texts = [
  '',
  ' ',
  'a',
  'A',
  'b',
  'ab',
  'aB',
  'AB',
  'a%b',
  '%',
  '_',
  'a_b',
  '\\',
  '\\%',
  '!',
  '!%',
  '*',
  '?',
  '[a]',
  ']',
  "'",
  '"',
  "'; drop table run; --",
  '$1',
  ':a',
  'é',
  'É',
  'e\u0301',
  '😀',
  '😀b',
  '\ue000',
  '0',
  '1',
  'null',
  'NaN',
  `${long}1`,
  `${long}😀1`,
  `${long}😀2`,
  `${long.repeat(3)}1`,
  `${long.repeat(3)}2`,
];
export const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', '😀', '%', '_', '*', '[', '\\'), maxLength: 5 }),
);
export const key = fc.oneof(
  { weight: 3, arbitrary: fc.constant('k') },
  fc.constantFrom('K', 'a%b', "q'uote", 'ü', ''),
);
const real = fc.constantFrom(-1e308, -1.5, -1, 0, 5e-324, 0.1, 1, 1.5, 2, 3, 1e21, Number.MAX_VALUE);
export const number = fc.oneof(
  { weight: 4, arbitrary: real },
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
export const point = fc.oneof({ weight: 4, arbitrary: number }, fc.constant(Number.NaN));
export const time = fc.integer({ min: 1_700_000_000_000_000, max: 1_700_000_000_000_005 });
export const integer = fc.oneof(
  time,
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 2 ** 31, -(2 ** 31)),
);
export const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
export const status = fc.constantFrom('created', 'queued', 'stopping', 'stopping');

function valueFor(of: AnyField): fc.Arbitrary<Value> {
  switch (typeOf(of)) {
    case 'text':
      if (of.kind === 'attribute' && (of.name === 'status' || of.name === 'statusBeforeStopping'))
        return fc.oneof(status, text);
      return fc.oneof(text, key);
    case 'integer':
      return integer;
    case 'boolean':
      return fc.boolean();
    case 'number':
      return number;
  }
}

const operator = fc.constantFrom<Comparison>('eq', 'ne', 'lt', 'le', 'gt', 'ge');

const pattern: fc.Arbitrary<Pattern> = fc.array(
  fc.oneof(
    fc.constantFrom('a', 'B', 'é', '😀', '%', '_', '\\', '!', '*', '?', '[', ']', 'x', ''),
    fc.constantFrom({ wildcard: 'any' } as const, { wildcard: 'one' } as const),
  ),
  { maxLength: 4 },
);

function testOf<F extends AnyField>(of: F): fc.Arbitrary<Filter<F>> {
  const value = valueFor(of);
  const isText = typeOf(of) === 'text';
  const isLast = of.kind === 'metric' && of.part === 'last';
  const compare = (operator: Comparison, value: Value): Filter<F> => ({
    kind: 'compare',
    field: of,
    operator,
    value,
  });
  const match = fc
    .tuple(pattern, fc.boolean())
    .map(([pieces, ignoreCase]): Filter<F> => ({ kind: 'match', field: of, pattern: pieces, ignoreCase }));
  return fc.oneof(
    { weight: 4, arbitrary: fc.tuple(operator, value).map(([op, it]) => compare(op, it)) },
    fc.tuple(value, value).map(([from, to]): Filter<F> => ({ kind: 'between', field: of, from, to })),
    fc
      .tuple(fc.constantFrom('in' as const, 'notIn' as const), fc.array(value, { maxLength: 4 }))
      .map(([kind, values]): Filter<F> => ({ kind, field: of, values })),
    fc.constant<Filter<F>>({ kind: 'exists', field: of }),
    ...(isLast ? [fc.constantFrom<Comparison>('eq', 'ne').map((op) => compare(op, Number.NaN))] : []),
    ...(isText ? [{ weight: 3, arbitrary: match }] : []),
  );
}

/** Filters of these fields. */
export function filterOf<F extends AnyField>(field: fc.Arbitrary<F>): fc.Arbitrary<Filter<F>> {
  return fc.letrec<{ filter: Filter<F> }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: field.chain(testOf) },
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        filters: fc.array(tie('filter'), { maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
    ),
  })).filter;
}

/** Orders by these fields. */
export function orderOf<F extends AnyField>(field: fc.Arbitrary<OrderField<F>>): fc.Arbitrary<Order<F>> {
  return fc.array(
    fc.record(
      {
        field,
        direction: fc.constantFrom('asc' as const, 'desc' as const),
        missing: fc.constantFrom('first' as const, 'last' as const),
      },
      { requiredKeys: ['field', 'direction'] },
    ),
    { maxLength: 3 },
  );
}
