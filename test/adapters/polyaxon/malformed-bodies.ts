import { experiments, type Malformed, managed, project, sent, tracked } from './malformed-requests.js';

const many = (count: number) => Array.from({ length: count }, (_, at) => `n${at}`);
const values = (count: number) => Object.fromEntries(many(count).map((name) => [name, 1]));

/** One wrong field, which the answer names, in a body that is right but for it. */
const wrong = (
  path: string,
  rest: object,
  fields: Readonly<Record<string, readonly unknown[]>>,
  method = 'POST',
): readonly Malformed[] =>
  Object.entries(fields).flatMap(([name, wrongs]) =>
    wrongs.map((value) => {
      const [field = name] = name.split('.');
      const shown = (JSON.stringify(value) ?? '').slice(0, 40);
      const body = { ...rest, [field]: value };
      return sent(path, `${method} ${path} ${field}: ${shown}`, body, { method, names: [name] });
    }),
  );

const longName = 'x'.repeat(300);
const longText = 'x'.repeat(300_000);

/** Fields that create and change share. */
const described = {
  name: [5, {}, [], true, '', 'two words', 'a/b', '../x', 'ü', longName],
  description: [5, {}, [], longText],
  readme: [5, {}, longText],
  tags: [5, {}, true],
  'tags.0': [[5], [null], [{}], ['x'.repeat(251)]],
  'tags.1': [['a', []]],
  params: ['lr=0.1', [1], 5, true, values(10_001), { a: longText }],
  declarations: ['lr=0.1', [1], 5],
  backend: [5, {}, longName],
  framework: [5, [], longName],
  run_env: ['x', [1], 5, { a: longText }],
  data_refs: [longText, { a: longText }],
} as const;

const notObjects = (path: string, method = 'POST'): readonly Malformed[] =>
  ['x', 5, true, [5]].map((value) =>
    sent(path, `${method} ${path}: ${JSON.stringify(value)}`, JSON.stringify(value), { method }),
  );

const create: readonly Malformed[] = [
  ...notObjects(experiments),
  sent(experiments, 'nothing', '', {}),
  sent(experiments, 'null', 'null', {}),
  sent(experiments, 'no file and not tracked', {}, { names: ['content'] }),
  sent(experiments, 'managed without a file', { is_managed: true }, { names: ['content'] }),
  sent(experiments, 'too many tags', { is_managed: false, tags: many(1001) }, { names: ['tags'] }),
  sent(
    experiments,
    'too many tags in one text',
    { is_managed: false, tags: many(1001).join() },
    { names: ['tags'] },
  ),
  sent(
    experiments,
    'a long tag in one text',
    { is_managed: false, tags: `a,${longName}` },
    { names: ['tags.1'] },
  ),
  sent(
    experiments,
    'a param without a name',
    { is_managed: false, params: { '': 1 } },
    { names: ['params.'] },
  ),
  sent(
    experiments,
    'a long name of a param',
    { is_managed: false, params: { ['x'.repeat(251)]: 1 } },
    { names: [`params.${'x'.repeat(193)}`] },
  ),
  sent(experiments, 'a param beyond numbers', '{"is_managed":false,"params":{"a":1e999}}', {
    names: ['params.a'],
  }),
  sent(
    experiments,
    'params that are too much together',
    { is_managed: false, params: Object.fromEntries(many(9).map((name) => [name, 'x'.repeat(30_000)])) },
    { names: ['params'] },
  ),
  ...wrong(
    experiments,
    { is_managed: false },
    {
      ...described,
      content: [5, [], true],
      build_job: [{}, [], true, 1.5, longName],
      experiment_group: [{}, [], true, longName],
      ttl: ['1', 1.5, -1, 1e10, {}],
    },
  ),
  ...wrong(experiments, {}, { is_managed: ['yes', 0, 1, {}] }),
];

const change: readonly Malformed[] = [
  ...notObjects(tracked, 'PATCH'),
  ...wrong(tracked, {}, { ...described, merge: ['yes', 1, {}] }, 'PATCH'),
  sent(tracked, 'a name that is taken', { name: 'taken' }, { method: 'PATCH', names: ['name'] }),
];

const clones: readonly Malformed[] = [
  ...['restart', 'resume', 'copy'].flatMap((kind) => notObjects(`${managed}/${kind}`)),
  ...wrong(
    `${managed}/restart`,
    {},
    {
      content: [5, [], true],
      update_code: ['yes', 1],
      name: [5, 'a/b', longName],
      description: [5, longText],
      tags: [5, {}],
      params: ['x', [1]],
      declarations: ['x', [1]],
    },
  ),
  sent(`${tracked}/restart`, 'restart of what has nothing to run', ''),
  sent(
    `${tracked}/copy`,
    'copy of what has nothing to run',
    { params: { a: 1 } },
    { names: ['content.version'] },
  ),
  sent(`${experiments}/77/resume`, 'resume of nothing', '', { status: 404 }),
];

const metrics = `${tracked}/metrics`;
const histories: readonly Malformed[] = [
  sent(metrics, 'a metric as text', { values: { a: 'high' } }, { names: ['values.a'] }),
  sent(metrics, 'a metric as a number in a text', { values: { a: '0.5' } }, { names: ['values.a'] }),
  sent(metrics, 'a metric as object', { values: { a: {} } }, { names: ['values.a'] }),
  sent(metrics, 'a metric as list', { values: { a: [1] } }, { names: ['values.a'] }),
  sent(metrics, 'two of three', { values: { a: 'x', b: 1, c: [] } }, { names: ['values.a', 'values.c'] }),
  sent(metrics, '1e999', '{"values":{"a":1e999}}', { names: ['values.a'] }),
  sent(metrics, 'a metric without a name', { values: { '': 1 } }, { names: ['values.'] }),
  sent(
    metrics,
    'a long name of a metric',
    { values: { [longName]: 1 } },
    { names: [`values.${'x'.repeat(193)}`] },
  ),
  ...wrong(metrics, {}, { values: [[], 'x', 5, null, {}] }),
  ...wrong(metrics, { values: { a: 1 } }, { created_at: [5, {}, '', 'today', '2018-02-30', '1538352000'] }),
  ...wrong(
    metrics,
    { values: { a: 1 } },
    { created_at: ['2018-10-01T10:00:00+25:00', '0000-01-01T00:00:00Z'] },
  ),
  sent(metrics, 'no values', {}, { names: ['values'] }),
  sent(metrics, 'a text', '"x"'),
  sent(metrics, 'a wrong row in a list', [{ values: { a: 1 } }, { values: { a: 'x' } }], {
    names: ['1.values.a'],
  }),
  sent(metrics, 'a list of numbers', [1, 2], { names: ['0', '1'] }),
  sent(metrics, 'too many rows', Array(100_001).fill({ values: { a: 1 } })),
  sent(`${experiments}/77/metrics`, 'metrics of nothing', { values: { a: 1 } }, { status: 404 }),
  ...notObjects(`${tracked}/statuses`),
  ...wrong(
    `${tracked}/statuses`,
    {},
    { status: ['Running', 'done', 'stopping', 'queued', '', '__proto__', 5, null, ['running'], {}] },
  ),
  ...wrong(
    `${tracked}/statuses`,
    { status: 'running' },
    {
      message: [5, {}, longText],
      traceback: [5, longText],
      details: ['x', [1]],
      created_at: [5, 'yesterday', '2018-13-01 00:00', '2018-10-01T24:00:00Z'],
    },
  ),
  sent(`${tracked}/statuses`, 'no status', {}, { names: ['status'] }),
  sent(`${tracked}/logs`, 'an object as lines', {}),
  sent(`${tracked}/logs`, 'a number as lines', '5'),
  sent(`${tracked}/logs`, 'a number among lines', ['a', 5], { names: ['1'] }),
];

const others: readonly Malformed[] = [
  ...notObjects('/api/v1/projects'),
  sent('/api/v1/projects', 'no name', {}, { names: ['name'] }),
  sent('/api/v1/projects', 'a name that is taken', { name: 'p' }, { names: ['name'] }),
  ...wrong('/api/v1/projects', {}, { name: [null, ...described.name] }),
  ...wrong(
    '/api/v1/projects',
    { name: 'q' },
    { is_public: ['yes', 1], tags: [5, {}], readme: [5, longText] },
  ),
  ...notObjects(project, 'PATCH'),
  ...wrong(
    project,
    {},
    { name: described.name, description: [5, longText], readme: [5, longText], tags: [5, many(1001)] },
    'PATCH',
  ),
  ...notObjects(`${tracked}/coderef`),
  ...wrong(
    `${tracked}/coderef`,
    {},
    {
      commit: [5, 'x'.repeat(5000)],
      head: [5],
      branch: [{}],
      git_url: [[]],
      is_dirty: ['yes', 1],
      git_diff: [5],
    },
  ),
  sent(`${tracked}/coderef`, 'a huge diff', { git_diff: 'x'.repeat(1_100_000) }, { names: ['git_diff'] }),
  ...(['stop', 'delete'] as const).flatMap((verb) => {
    const method = verb === 'stop' ? 'POST' : 'DELETE';
    return [
      ...notObjects(`${experiments}/${verb}`, method),
      ...wrong(`${experiments}/${verb}`, {}, { ids: ['1', {}, 5, null, values(3)] }, method),
      ...wrong(
        `${experiments}/${verb}`,
        {},
        { 'ids.0': [[0], [-1], [1.5], ['1'], [99999999999], [null]] },
        method,
      ),
      sent(
        `${experiments}/${verb}`,
        `${verb} too many`,
        { ids: Array(10_001).fill(1) },
        { method, names: ['ids'] },
      ),
    ];
  }),
  ...notObjects(`${tracked}/tensorboard/start`),
  ...wrong(`${tracked}/tensorboard/start`, {}, { content: [5, [], true] }),
];

/** Bodies of each route with a field of a wrong type, form or size. */
export const malformedBodies: readonly Malformed[] = [
  ...create,
  ...change,
  ...clones,
  ...histories,
  ...others,
];
