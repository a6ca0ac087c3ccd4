import fc from 'fast-check';
import type { Param, Tag } from '../../../src/core/params.js';
import {
  type AttributeName,
  attributeTypes,
  type Comparison,
  type Field,
  type Filter,
  type JoinedPiece,
  type Order,
  type OrderField,
  type Pattern,
  typeOf,
  type Value,
} from '../../../src/core/query.js';
import type { Stage } from '../../../src/core/stage.js';
import type { statuses } from '../../../src/core/status.js';

/** What a generated run is made of. */
export interface RunPlan {
  readonly name: string | null;
  readonly description: string | null;
  readonly createdBy: string;
  readonly status: (typeof statuses)[number];
  readonly managed: boolean;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly stage: Stage;
  readonly archivedAt: number | null;
  readonly framework: string | null;
  readonly backend: string | null;
  readonly groupRef: string | null;
  readonly buildRef: string | null;
  readonly commit: string | null;
  readonly branch: string | null;
  readonly url: string | null;
  /** A text that a dialect keeps beside. */
  readonly extension: string | null;
  /** True for a parent that is the run before; a text for one that there is not. */
  readonly parent: true | string | null;
  /** True for a creator whom the database knows. */
  readonly byUser: boolean;
  /** Of the run itself, in the order of arrival. */
  readonly events: readonly RunPlanEvent[];
  readonly inSecondProject: boolean;
  /** True to come from the run before. */
  readonly hasOrigin: boolean;
  readonly params: readonly Param[];
  readonly tags: readonly Tag[];
  readonly metrics: ReadonlyMap<string, readonly number[]>;
}

/** A status that was reported in the first or second attempt of a run. */
export interface RunPlanEvent {
  readonly status: (typeof statuses)[number];
  readonly attempt: number;
  readonly effective: boolean;
}

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
const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', '😀', '%', '_', '*', '[', '\\'), maxLength: 5 }),
);
const key = fc.oneof(
  { weight: 3, arbitrary: fc.constant('k') },
  fc.constantFrom('K', 'a%b', "q'uote", 'ü', ''),
);
const real = fc.constantFrom(-1e308, -1.5, -1, 0, 5e-324, 0.1, 1, 1.5, 2, 3, 1e21, Number.MAX_VALUE);
const number = fc.oneof(
  { weight: 4, arbitrary: real },
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const point = fc.oneof({ weight: 4, arbitrary: number }, fc.constant(Number.NaN));
const time = fc.integer({ min: 1_700_000_000_000_000, max: 1_700_000_000_000_005 });
const integer = fc.oneof(
  time,
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 2 ** 31, -(2 ** 31)),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const status = fc.constantFrom('created', 'queued', 'stopping', 'stopping');

export const runPlan: fc.Arbitrary<RunPlan> = fc.record({
  name: maybe(text),
  description: maybe(text),
  createdBy: text,
  status,
  managed: fc.boolean(),
  createdAt: time,
  startedAt: maybe(time),
  finishedAt: maybe(time),
  stage: fc.constantFrom<Stage>('active', 'active', 'active', 'active', 'trashed', 'purging'),
  archivedAt: maybe(time),
  framework: maybe(text),
  backend: maybe(text),
  groupRef: maybe(text),
  buildRef: maybe(text),
  commit: maybe(text),
  branch: maybe(text),
  url: maybe(text),
  extension: maybe(text),
  parent: fc.oneof(maybe(text), fc.constant(true as const)),
  byUser: fc.boolean(),
  events: fc.array(
    fc.record({ status, attempt: fc.constantFrom(1, 1, 2), effective: fc.integer().map((n) => n % 3 !== 0) }),
    { maxLength: 4 },
  ),
  inSecondProject: fc.boolean(),
  hasOrigin: fc.boolean(),
  params: fc.uniqueArray(
    fc.record({ key, type: fc.constant('string' as const), text, number: maybe(number) }),
    { selector: (param) => param.key },
  ),
  tags: fc.uniqueArray(fc.record({ key, value: maybe(text) }), { selector: (tag) => tag.key }),
  metrics: fc
    .uniqueArray(fc.tuple(key, fc.array(point, { minLength: 1, maxLength: 3 })), {
      selector: ([name]) => name,
    })
    .map((entries) => new Map(entries)),
});

const attributeNames = Object.keys(attributeTypes) as AttributeName[];

const orderField: fc.Arbitrary<OrderField> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('attribute' as const),
      name: fc.constantFrom(...attributeNames),
    }),
  },
  fc.record(
    {
      kind: fc.constant('extension' as const),
      dialect: fc.constantFrom('first', 'second'),
      name: fc.constantFrom('word', 'none'),
      otherwise: fc.constantFrom('', 'a'),
    },
    { requiredKeys: ['kind', 'dialect', 'name'] },
  ),
  fc.record({
    kind: fc.constant('joined' as const),
    pieces: fc.array(
      fc.constantFrom<JoinedPiece>('a', 'é%', { attribute: 'projectNumber' }, { attribute: 'idHex' }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constant('rank' as const),
    name: fc.constantFrom('status' as const, 'name' as const),
    groups: fc.constantFrom([], [['queued', 'a'], ['created'], ['', 'b']]),
  }),
  fc.record({
    kind: fc.constant('param' as const),
    key,
    as: fc.constantFrom('text' as const, 'number' as const),
  }),
  fc.record({
    kind: fc.constant('metric' as const),
    key,
    part: fc.constantFrom(
      'last' as const,
      'last' as const,
      'min' as const,
      'max' as const,
      'count' as const,
      'finite' as const,
    ),
  }),
  fc.record({ kind: fc.constant('tag' as const), key }),
);

const field: fc.Arbitrary<Field> = fc.oneof(
  { weight: 6, arbitrary: orderField },
  fc.record({ kind: fc.constantFrom('label' as const, 'paramName' as const, 'metricName' as const) }),
);

function valueFor(of: Field): fc.Arbitrary<Value> {
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

const fieldTest: fc.Arbitrary<Filter> = field.chain((of) => {
  const value = valueFor(of);
  const isText = typeOf(of) === 'text';
  const isLast = of.kind === 'metric' && of.part === 'last';
  return fc.oneof(
    { weight: 4, arbitrary: operator.chain((op) => value.map((it) => compareOf(of, op, it))) },
    value.chain((from) => value.map((to): Filter => ({ kind: 'between', field: of, from, to }))),
    fc.array(value, { maxLength: 4 }).map((values): Filter => ({ kind: 'in', field: of, values })),
    fc.constant<Filter>({ kind: 'exists', field: of }),
    ...(isLast ? [fc.constantFrom<Comparison>('eq', 'ne').map((op) => compareOf(of, op, Number.NaN))] : []),
    ...(isText
      ? [
          {
            weight: 3,
            arbitrary: fc
              .tuple(pattern, fc.boolean())
              .map(
                ([pieces, ignoreCase]): Filter => ({ kind: 'match', field: of, pattern: pieces, ignoreCase }),
              ),
          },
        ]
      : []),
  );
});

function compareOf(of: Field, op: Comparison, value: Value): Filter {
  return { kind: 'compare', field: of, operator: op, value };
}

export const filter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: fieldTest },
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
  ),
})).filter;

export const order: fc.Arbitrary<Order> = fc.array(
  fc.record(
    {
      field: orderField,
      direction: fc.constantFrom('asc' as const, 'desc' as const),
      missing: fc.constantFrom('first' as const, 'last' as const),
    },
    { requiredKeys: ['field', 'direction'] },
  ),
  { maxLength: 3 },
);
