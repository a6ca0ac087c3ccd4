import fc from 'fast-check';
import type { Param, Tag } from '../../../src/core/params.js';
import type { Where } from './filter-model.js';
import { param, point } from './site.js';

/** Few, so that runs and filters meet. */
const words = ['a', 'A', 'ab', 'b', 'k', 'é', '😀', "o'x", 'a%b', '*', '[a]', '_', 'master', 'dev'];
const keys = ['k', 'K', 'a.b', 'é', '%'];
const rids = ['ri.foundry.main.job.1', 'ri.foundry.main.job.2', 'free text', ''];
const times = [
  '2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00+00:00',
  '2026-01-01 00:00:00+00:00',
  '2026-01-01T00:00:00.000Z',
  '2026-01-01T00:00:00.500Z',
  '2026-01-01T00:00:00.500000+00:00',
  '2026-01-01 00:00:00.123456+00:00',
  '2025-12-31T23:59:59.999999Z',
];
/** Not shown as times: without a zone, of another one, or with another number of digits. */
const otherTimes = [
  '2026-01-01T00:00:00',
  '2026-01-01T02:00:00+02:00',
  '2026-01-01T00:00:00.5Z',
  '2026-01-01',
];
const numerals = [
  '0',
  '1',
  '1.0',
  '-1',
  '0.5',
  '5e-1',
  '+1',
  '1e3',
  '9007199254740992',
  '9007199254740993',
  '+9007199254740993',
  '9007199254740992.0',
  '1e18',
  '1000000000000000001',
];
const texts = [
  ...numerals,
  ...times,
  ...otherTimes,
  'true',
  'True',
  'false',
  'TRUE',
  'relu',
  '',
  'nan',
  'x1.0',
];

const word = fc.constantFrom(...words);
const key = fc.constantFrom(...keys);
const beyond: Param = { key: 'k', type: 'double', text: '1e400', number: Number.POSITIVE_INFINITY };
const value = fc.constantFrom(
  -1,
  0,
  0.5,
  1,
  2,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  null,
);

const field = (name: string, given: readonly string[]) =>
  fc.option(
    fc.tuple(fc.constantFrom(...given), fc.constantFrom('tag', 'label')).map(([text, kind]): Tag => {
      return kind === 'tag' ? { key: name, value: text } : { key: `${name}=${text}`, value: null };
    }),
  );

const tags = fc
  .tuple(
    fc.uniqueArray(
      fc.record({
        key: fc.constantFrom('k', 'a', 'ab', 'k=v', 'mlflow.a'),
        value: fc.option(fc.constantFrom('', 'v', 'v=w')),
      }),
      {
        selector: (tag) => tag.key,
        maxLength: 3,
      },
    ),
    field('foundry.branch', [...words, '']),
    field('foundry.jobRid', rids),
  )
  .map(([others, branch, job]) => [...others, ...[branch, job].filter((tag) => tag !== null)]);

/** A run as it is written. */
export const plan = fc.record({
  name: fc.option(word),
  status: fc.constantFrom(
    'created',
    'running',
    'warning',
    'unknown',
    'succeeded',
    'failed',
    'stopped' as const,
  ),
  codeBranch: fc.option(fc.constantFrom('', 'master', 'dev'), { freq: 2 }),
  tags,
  params: fc.dictionary(key, fc.constantFrom(...texts), { maxKeys: 4 }).chain((given) =>
    fc.constantFrom(false, false, false, true).map((isBeyond) => {
      const params = Object.entries(given).map(([name, text]) => param(name, text));
      return isBeyond ? [...params.filter((one) => one.key !== 'k'), beyond] : params;
    }),
  ),
  points: fc
    .array(fc.tuple(key, value), { maxLength: 6 })
    .map((given) => given.map(([name, number], step) => point(name, number, step))),
});
export type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

const numeric = fc.constantFrom('EQ' as const, 'GT' as const, 'LT' as const);
const wanted = fc.constantFrom(-1, 0, 0.5, 1, 1000, 2 ** 53);

/** Stands for the RID of the first run. */
export const firstRid = '@';

const names = ['EXPERIMENT_NAME', 'PARAMETER_NAME', 'SERIES_NAME'];

const leaf: fc.Arbitrary<Where> = fc.oneof(
  fc.record({
    type: fc.constant('eq' as const),
    field: fc.constant('STATUS'),
    value: fc.constantFrom('RUNNING', 'SUCCEEDED', 'FAILED'),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('eq' as const),
      field: fc.constant('BRANCH'),
      value: fc.constantFrom('master', 'dev', 'a', ''),
    }),
  },
  fc.record({
    type: fc.constant('eq' as const),
    field: fc.constant('EXPERIMENT_RID'),
    value: fc.constantFrom(firstRid, 'ri.x', ''),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('eq' as const),
      field: fc.constant('JOB_RID'),
      value: fc.constantFrom(...rids),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('eq' as const),
      field: fc.constant('TAG'),
      value: fc.constantFrom(
        'k',
        'a',
        'k=v',
        'k=',
        'k=v=w',
        'k=v=v',
        'mlflow.a=v',
        'mlflow.a',
        'foundry.branch=dev',
        'foundry.branch=',
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('eq' as const, 'contains' as const, 'startsWith' as const),
      field: fc.constantFrom(...names),
      value: fc.constantFrom(...words, ...keys, ''),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('parameterFilter' as const),
      parameterName: key,
      operator: numeric,
      value: fc.oneof(
        wanted,
        fc.constantFrom(9007199254740993n, 9007199254740992n, 10n ** 18n, 10n ** 18n + 1n),
        fc.constantFrom(...times, ...otherTimes.slice(1, 3)),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('parameterFilter' as const),
      parameterName: key,
      operator: fc.constant('EQ' as const),
      value: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('parameterFilter' as const),
      parameterName: key,
      operator: fc.constant('CONTAINS' as const),
      value: fc.constantFrom('1', '0', 'rue', 'T', ':00', ''),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('seriesFilter' as const),
      seriesName: key,
      field: fc.constantFrom(
        'LENGTH' as const,
        'AGGREGATION_MIN' as const,
        'AGGREGATION_MAX' as const,
        'AGGREGATION_LAST' as const,
      ),
      operator: numeric,
      value: wanted,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('summaryMetricFilter' as const),
      seriesName: key,
      aggregation: fc.constantFrom('MIN' as const, 'MAX' as const, 'LAST' as const),
      operator: numeric,
      value: wanted,
    }),
  },
);

/** Connectives of which one may hold no filter. */
export const where: fc.Arbitrary<Where> = fc.letrec<{ any: Where }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    { weight: 5, arbitrary: leaf },
    fc.record({
      type: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('any'), { maxLength: 2 }),
    }),
    fc.record({ type: fc.constant('not' as const), value: tie('any') }),
  ),
})).any;
