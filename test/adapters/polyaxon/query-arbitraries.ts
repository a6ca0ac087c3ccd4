import fc from 'fast-check';
import type { Asked } from './query-language.js';

/** Stands in a text for the owner of the project. */
export const ownerMark = '@';
/** Stands for the key of the user. */
export const userMark = '$';

const shownStatuses = ['created', 'resuming', 'running', 'warning', 'unknown', 'succeeded', 'stopped'];
/** Few, so that runs and queries meet. */
export const words = [
  'a',
  'A',
  'ab',
  'aB',
  'b',
  'k',
  'k=',
  'k=v',
  'k=v=w',
  'é',
  '😀',
  "o'x",
  '%27',
  'a%b',
  '*',
  '[a]',
  '_',
];
export const truths = ['true', 'True', 'false', 'TRUE'];
export const numerals = ['0', '1', '1.0', '01', '0.01', '1e-2', '-1', '.5', '5e-1', '+1'];
export const references = [
  '1',
  '2',
  '@.default.1',
  '@.other.1',
  '@.default.builds.1',
  'x.default.1',
  'g',
  '@.1',
];
export const seconds = [
  '2018-10-01 00:00:00',
  '2018-10-01 10:30:00',
  '2018-10-01 10:30:59',
  '2018-10-01 10:31:00',
  '2018-10-02 00:00:00',
  '2018-11-01 23:59:59',
];

const values = (field: string, ...given: readonly string[][]) =>
  fc.record({
    kind: fc.constant('values' as const),
    field: fc.constant(field),
    negated: fc.boolean(),
    values: fc.array(fc.constantFrom(...given.flat()), { minLength: 1, maxLength: 3 }),
  });

const comparison = fc.constantFrom('' as const, '<' as const, '<=' as const, '>' as const, '>=' as const);

const scalar = fc
  .record({
    kind: fc.constant('compare' as const),
    field: fc.constantFrom('metrics.k', 'metric.k', 'metrics.a.b', 'metrics.none'),
    negated: fc.boolean(),
    comparison,
    value: fc.constantFrom(...numerals, 'inf', '-Infinity', 'NaN'),
  })
  .filter(({ comparison, value }) => comparison === '' || value !== 'NaN');

const timeField = fc.constantFrom('created_at', 'updated_at', 'started_at', 'finished_at');
const time = fc
  .tuple(fc.constantFrom(...seconds), fc.constantFrom(10, 16, 19))
  .map(([text, length]) => text.slice(0, length));

const instant = fc.record({
  kind: fc.constant('compare' as const),
  field: timeField,
  negated: fc.boolean(),
  comparison,
  value: time,
});

const range = fc.record({
  kind: fc.constant('range' as const),
  field: timeField,
  negated: fc.boolean(),
  from: time,
  to: time,
});

/** A condition on any field. */
export const asked: fc.Arbitrary<Asked> = fc.oneof(
  { weight: 2, arbitrary: values('id', ['1', '2', '03', '4', '99']) },
  { weight: 3, arbitrary: values('status', shownStatuses) },
  values('user', ['ada', 'ADA', 'bob']),
  values('user.username', ['ada', 'Bob']),
  values('user.id', [userMark, `1${userMark}`]),
  values('project', ['default', 'other', '@.default', 'x.other', 'none']),
  values('project.id', ['0', '1', '2']),
  { weight: 2, arbitrary: values('group', references) },
  values('build', references),
  values('backend', words),
  values('framework', words),
  values('commit', words),
  { weight: 4, arbitrary: values('tags', words, ['mlflow.a=v', 'a=', 'ab=w']) },
  values('independent', truths),
  { weight: 2, arbitrary: values('params.k', words, numerals, truths) },
  { weight: 2, arbitrary: values('declarations.a.b', words, numerals, truths) },
  { weight: 3, arbitrary: values('name', words, ['%a', 'a%', '%b%', '%É%', '%*', '_%', '% [a]%']) },
  values('description', words, ['%a', 'A%', '%😀%']),
  { weight: 6, arbitrary: scalar },
  { weight: 8, arbitrary: instant },
  { weight: 4, arbitrary: range },
);
