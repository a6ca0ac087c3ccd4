import {
  and,
  attribute,
  between,
  compare,
  exists,
  extension,
  type Filter,
  joined,
  match,
  metric,
  noRun,
  not,
  oneOf,
  or,
  param,
  statusIn,
  tag,
} from '../../../src/core/query.js';

const any = { wildcard: 'any' } as const;
const one = { wildcard: 'one' } as const;
const loss = metric('loss');
const a = param('a');
const uuid = '01234567-89ab-cdef-0123-456789abcdef';
const hex = '0123456789abcdef0123456789abcdef';
const shownName = attribute('shownName');
const began = attribute('beganAt');
const finished = attribute('finishedAt');
const all = <T>(field: (key: string) => T, words: readonly string[]) =>
  words.map((word) => [word, field('k')] as const);

/** Each text, and what one condition of it means. */
export const runConditions: readonly (readonly [string, Filter])[] = [
  // Numbers.
  ['metrics.loss = 0.1', compare(loss, 'eq', 0.1)],
  ['metrics.loss != -1', compare(loss, 'ne', -1)],
  ['metrics.loss<1', compare(loss, 'lt', 1)],
  ['metrics.loss<=.5', compare(loss, 'le', 0.5)],
  ['metrics.loss>-.5', compare(loss, 'gt', -0.5)],
  ['metrics.loss\n>=\t5.', compare(loss, 'ge', 5)],
  ['metrics.loss > 1e-3', compare(loss, 'gt', 0.001)],
  ['metrics.loss > 1.5E3', compare(loss, 'gt', 1500)],
  ['metrics.loss < 1e400', compare(loss, 'lt', Number.POSITIVE_INFINITY)],
  ['metrics.loss = 01', compare(loss, 'eq', 1)],
  // Texts.
  ["params.a = 'x'", compare(a, 'eq', 'x')],
  ['params.a != "x"', compare(a, 'ne', 'x')],
  ["params.a = ''", compare(a, 'eq', '')],
  ['params.a = "it\'s"', compare(a, 'eq', "it's")],
  ["params.a = 'it''s'", compare(a, 'eq', "it''s")],
  ["params.a = 'it\\'s'", compare(a, 'eq', "it\\'s")],
  ["params.a = 'C:\\'", compare(a, 'eq', 'C:\\')],
  ["params.a = ' AND params.b = 1'", compare(a, 'eq', ' AND params.b = 1')],
  ["params.a = 'é😀'", compare(a, 'eq', 'é😀')],
  ["params.a LIKE 'a_%\\'", match(a, ['a', one, any, '\\'])],
  ["params.a ilike '%B'", match(a, [any, 'B'], { ignoreCase: true })],
  ['params.a IS NULL', not(exists(a))],
  ['params.a is not null', exists(a)],
  ['params.a IS  NOT\nNULL', exists(a)],
  // Names.
  ...all((key) => compare(metric(key), 'gt', 1), ['metric', 'metrics', '`metrics`']).map(
    ([word, filter]) => [`${word}.k > 1`, filter] as const,
  ),
  ...all((key) => compare(param(key), 'eq', 'v'), ['param', 'params', 'parameter', 'parameters']).map(
    ([word, filter]) => [`${word}.k = 'v'`, filter] as const,
  ),
  ...all((key) => compare(tag(key), 'eq', 'v'), ['tag', 'tags']).map(
    ([word, filter]) => [`${word}.k = 'v'`, filter] as const,
  ),
  ...['', 'attribute.', 'attributes.', 'attr.', 'run.'].map(
    (word) => [`${word}run_name = 'v'`, compare(shownName, 'eq', 'v')] as const,
  ),
  ...['`run name`', '"Run name"', 'attributes.`Run Name`', "run.'run_name'"].map(
    (name) => [`${name} = 'v'`, compare(shownName, 'eq', 'v')] as const,
  ),
  ['metrics.`val/loss 😀` > 1', compare(metric('val/loss 😀'), 'gt', 1)],
  ['metrics."a\'b" > 1', compare(metric("a'b"), 'gt', 1)],
  ["metrics.'a`b' > 1", compare(metric('a`b'), 'gt', 1)],
  ['metrics.a.b..c. > 1', compare(metric('a.b..c.'), 'gt', 1)],
  ['metrics.1a$# > 1', compare(metric('1a$#'), 'gt', 1)],
  ['metrics.and > 1', compare(metric('and'), 'gt', 1)],
  ['metrics.é名 > 1', compare(metric('é名'), 'gt', 1)],
  // Ids.
  [`run_id = '${hex}'`, oneOf(attribute('id'), [uuid])],
  [`run_id != '${hex}'`, not(oneOf(attribute('id'), [uuid]))],
  [`run_id = '${uuid}'`, oneOf(attribute('id'), [])],
  [`run_id = '${hex.toUpperCase()}'`, oneOf(attribute('id'), [])],
  [`run_id IN ('${hex}', "x",)`, oneOf(attribute('id'), [uuid])],
  [`run_id not in('x')`, not(oneOf(attribute('id'), []))],
  ["run_id LIKE '01%'", match(attribute('idHex'), ['01', any])],
  ["tags.mlflow.parentRunId = 'x'", compare(attribute('parentRef'), 'eq', 'x')],
  [
    `tags.\`mlflow.parentRunId\` = '${hex}'`,
    or(compare(attribute('parentId'), 'eq', uuid), compare(attribute('parentRef'), 'eq', hex)),
  ],
  [`tags.mlflow.parentRunId != '${hex}'`, compare(attribute('parentName'), 'ne', hex)],
  // Statuses are compared as they are shown.
  ["status = 'FINISHED'", statusIn(['succeeded'])],
  ["status = 'RUNNING'", statusIn(['running', 'warning', 'stopping', 'unknown'])],
  ["status = 'running'", statusIn([])],
  ["status ilike 'k%'", statusIn(['stopped', 'skipped'])],
  ["status LIKE 'FIN_SHED'", statusIn(['succeeded'])],
  [
    "status LIKE '%ED'",
    statusIn([
      'created',
      'queued',
      'resuming',
      'building',
      'unschedulable',
      'scheduled',
      'starting',
      'succeeded',
      'failed',
      'upstream_failed',
      'stopped',
      'skipped',
    ]),
  ],
  // Times are in milliseconds; core has microseconds.
  ['start_time = 5', between(began, 5000, 5999)],
  ['created != 5', and(exists(began), not(between(began, 5000, 5999)))],
  ['start_time < 5', compare(began, 'lt', 5000)],
  ['start_time <= 5', compare(began, 'lt', 6000)],
  ['start_time > 5', compare(began, 'ge', 6000)],
  ['Created >= 5', compare(began, 'ge', 5000)],
  ['end_time < 5.5', compare(finished, 'lt', 6000)],
  ['end_time <= 5.5', compare(finished, 'lt', 6000)],
  ['end_time > 5.5', compare(finished, 'ge', 6000)],
  ['end_time >= 5.5', compare(finished, 'ge', 6000)],
  ['end_time = 5.5', noRun],
  ['end_time != 5.5', exists(finished)],
  ['end_time > -1', compare(finished, 'ge', 0)],
  ['end_time > 99999999999999999999', compare(finished, 'ge', Number.MAX_SAFE_INTEGER)],
  ['end_time > -99999999999999999999', compare(finished, 'ge', Number.MIN_SAFE_INTEGER)],
  // What stands for fields of the core.
  ["tags.mlflow.runName = 'v'", compare(shownName, 'eq', 'v')],
  ["tags.mlflow.note.content = 'v'", compare(attribute('description'), 'eq', 'v')],
  ["tags.mlflow.source.git.commit = 'v'", compare(attribute('codeCommit'), 'eq', 'v')],
  ["tags.mlflow.source.git.branch = 'v'", compare(attribute('codeBranch'), 'eq', 'v')],
  ["tags.mlflow.source.git.repoURL = 'v'", compare(attribute('codeUrl'), 'eq', 'v')],
  ["user_id != 'v'", compare(extension('mlflow', 'userId', ''), 'ne', 'v')],
  ["tags.mlflow.source.name = 'v'", compare(tag('mlflow.source.name'), 'eq', 'v')],
  [
    "artifact_uri LIKE 'mlflow-artifacts:/1/%'",
    match(
      joined('mlflow-artifacts:/', { attribute: 'projectNumber' }, '/', { attribute: 'idHex' }, '/artifacts'),
      ['mlflow-artifacts:/1/', any],
    ),
  ],
];
