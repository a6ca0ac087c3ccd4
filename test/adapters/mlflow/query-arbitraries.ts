import fc from 'fast-check';
import type { Asked, Named } from './query-language.js';

/** `@2` stands in a text for the id of the run at place 2. */
export const idMark = /@(\d)/g;

/** Few, so that runs and filters meet. */
export const words = [
  '',
  'a',
  'A',
  'ab',
  'aB',
  'b',
  'é',
  '😀',
  "o'x",
  'a"b',
  'a%b',
  '%',
  '_',
  '*',
  '[a]',
  'a\\b',
];
export const keys = ['k', 'a.b', 'val/loss', 'a b', 'é', '😀', '1a', 'and', "o'k", 'x-1'];
export const numbers = [
  -1,
  0,
  0.01,
  0.5,
  1,
  1e20,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
/** Milliseconds that runs begin and end at. */
export const times = [0, 999, 1_000, 1_700_000_000_000, 1_700_000_000_001];
export const statuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];
/** Whom a run may have as its parent. */
export const parents = ['@0', '@1', 'gone', '0'.repeat(32)];
export const shownTags = [
  'mlflow.runName',
  'mlflow.note.content',
  'mlflow.source.git.commit',
  'mlflow.source.git.branch',
  'mlflow.source.git.repoURL',
  'franca.statusMessage',
];

const sign = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
const like = fc.constantFrom('=', '!=', 'LIKE', 'LIKE', 'ILIKE', 'ILIKE');
const pattern = fc.constantFrom(...words, 'a%', '%b', '%B%', '_', '%É%', 'run-%', '%_%', 'RUN-2', 'run-1');
const numeral = fc.constantFrom(
  '-1',
  '0',
  '1',
  '1.0',
  '5e-1',
  '.5',
  '0.01',
  '1E20',
  '1e400',
  '-1e400',
  '5.',
  '01',
);
const millis = fc.constantFrom(
  '0',
  '999',
  '999.5',
  '1000',
  '1e3',
  '1700000000000',
  '1700000000000.0',
  '-1',
  '9'.repeat(30),
);

const named = (kind: Named['kind'], ...given: readonly string[]): fc.Arbitrary<Named> =>
  fc.record({ kind: fc.constant(kind), key: fc.constantFrom(...given) });

const number = (name: fc.Arbitrary<Named>, value: fc.Arbitrary<string>): fc.Arbitrary<Asked> =>
  fc.record({ kind: fc.constant('number' as const), name, operator: sign, value });
const text = (name: fc.Arbitrary<Named>, value: fc.Arbitrary<string>): fc.Arbitrary<Asked> =>
  fc.record({ kind: fc.constant('text' as const), name, operator: like, value });

const entry = fc.oneof(named('param', ...keys), named('tag', ...keys, ...shownTags));
const id = fc.constantFrom('@0', '@1', '@2', '0'.repeat(32), 'x', 'ABC');
const idPattern = fc.constantFrom('@0', '@1%', '%0', '%-%', 'gone', '%');

const user = fc.constantFrom('ada', 'bob', 'a', 'A', '', '%a%');
const parent = fc.oneof(id, idPattern, fc.constantFrom(...parents));

/** A condition on anything of a run. */
export const asked: fc.Arbitrary<Asked> = fc.oneof(
  { weight: 6, arbitrary: number(named('metric', ...keys), numeral) },
  {
    weight: 3,
    arbitrary: number(named('attribute', 'start_time', 'end_time', 'created', 'Created'), millis),
  },
  { weight: 8, arbitrary: text(entry, pattern) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('there' as const),
      name: fc.oneof(entry, named('tag', 'mlflow.parentRunId', 'mlflow.user', 'franca.origin')),
      operator: fc.constantFrom('IS NULL', 'IS NOT NULL'),
    }),
  },
  {
    weight: 2,
    arbitrary: text(named('attribute', 'run_name', 'run name', 'Run name', 'Run Name', 'user_id'), pattern),
  },
  {
    weight: 3,
    arbitrary: text(
      named('attribute', 'status'),
      fc.constantFrom(...statuses, 'running', 'F%', '%ED', '_______', ''),
    ),
  },
  { weight: 2, arbitrary: text(named('attribute', 'run_id'), fc.oneof(id, idPattern)) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      name: named('attribute', 'run_id'),
      operator: fc.constantFrom('IN', 'NOT IN'),
      values: fc.array(id, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: text(named('tag', 'mlflow.parentRunId'), parent) },
  { weight: 3, arbitrary: text(named('tag', 'franca.origin'), parent) },
  { weight: 3, arbitrary: text(named('tag', 'mlflow.user'), user) },
  text(
    named('attribute', 'artifact_uri'),
    fc.constantFrom(
      'mlflow-artifacts:/1/@0/artifacts',
      'mlflow-artifacts:/0/@1/artifacts',
      'mlflow-artifacts:/1/%',
      '%@2%',
      'x',
    ),
  ),
);

/** What runs are sorted by. */
export const term: fc.Arbitrary<{ readonly name: Named; readonly descending: boolean }> = fc.record({
  name: fc.oneof(
    { weight: 3, arbitrary: named('metric', 'k', 'a.b') },
    named('param', 'k', 'a.b'),
    named(
      'tag',
      'k',
      'mlflow.runName',
      'mlflow.note.content',
      'mlflow.parentRunId',
      'mlflow.source.git.branch',
    ),
    {
      weight: 3,
      arbitrary: named(
        'attribute',
        'start_time',
        'end_time',
        'created',
        'status',
        'run_id',
        'run_name',
        'user_id',
        'artifact_uri',
      ),
    },
  ),
  descending: fc.boolean(),
});
