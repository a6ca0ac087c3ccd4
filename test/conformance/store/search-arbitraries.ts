import fc from 'fast-check';
import type { DatasetUse } from '../../../src/core/dataset.js';
import type { Param, Tag } from '../../../src/core/params.js';
import {
  type AttributeName,
  attributeTypes,
  type Field,
  type Filter,
  type JoinedPiece,
  type Order,
  type OrderField,
} from '../../../src/core/query.js';
import type { Stage } from '../../../src/core/stage.js';
import type { Reason, statuses } from '../../../src/core/status.js';
import { filterOf, key, maybe, number, orderOf, point, status, text, time } from './query-arbitraries.js';

/** One stands in some of the messages, another has a character that means something in a pattern. */
const reasons = ['signal', 'oom_killed'] as const;
const messages = ['it had signal 9', 'oomXkilled', 'oom_killed: a'];

/** What a generated run is made of. */
export interface RunPlan {
  readonly name: string | null;
  readonly description: string | null;
  readonly createdBy: string;
  readonly status: (typeof statuses)[number];
  readonly reason: Reason | null;
  readonly message: string | null;
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
  /** Of different datasets. */
  readonly uses: readonly DatasetUse[];
}

/** A status that was reported in the first or second attempt of a run. */
export interface RunPlanEvent {
  readonly status: (typeof statuses)[number];
  readonly attempt: number;
  readonly effective: boolean;
}

export const runPlan: fc.Arbitrary<RunPlan> = fc.record({
  name: maybe(text),
  description: maybe(text),
  createdBy: text,
  status,
  reason: maybe(fc.constantFrom(...reasons)),
  message: maybe(fc.oneof(text, fc.constantFrom(...messages))),
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
  uses: fc.uniqueArray(fc.record({ name: text, digest: text, context: maybe(text) }), {
    selector: ({ name, digest }) => JSON.stringify([name, digest]),
    maxLength: 4,
  }),
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
  fc.record({
    kind: fc.constant('dataset' as const),
    part: fc.constantFrom('name' as const, 'digest' as const, 'context' as const),
  }),
);

export const filter: fc.Arbitrary<Filter> = filterOf(field);

export const order: fc.Arbitrary<Order> = orderOf(orderField);
