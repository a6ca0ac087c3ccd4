import { get, gets, post, posts, type Scenario, scenario } from '../steps.js';

const at = 1_600_000_000_000;

interface Plan {
  readonly start: number;
  readonly end?: number;
  readonly status?: string;
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly user?: string;
}

/** Runs that differ in what searches look at; some tie. */
const plans: Readonly<Record<string, Plan>> = {
  one: {
    start: at + 3,
    metrics: { loss: 1, 'val/loss': 5 },
    params: { lr: '0.1', opt: 'adam' },
    tags: { t: 'x' },
  },
  two: {
    start: at + 3,
    metrics: { loss: 2 },
    params: { lr: '0.01' },
    tags: { t: 'X' },
    status: 'FINISHED',
    end: at + 9,
  },
  nan: { start: at + 2, metrics: { loss: 'NaN' }, params: { opt: 'Adam' }, tags: { t: '' }, user: 'ada' },
  up: { start: at + 2, metrics: { loss: 'Infinity' }, tags: { t: 'é' }, status: 'FAILED', end: at + 5 },
  down: {
    start: at + 1,
    metrics: { loss: '-Infinity' },
    params: { lr: '10' },
    status: 'KILLED',
    end: at + 5,
  },
  none: { start: at, tags: { 'a b': 'y' }, params: { lr: "it's" } },
};

const entries = (given: Readonly<Record<string, string>> = {}) =>
  Object.entries(given).map(([key, value]) => ({ key, value }));

const made = Object.entries(plans).flatMap(
  ([name, { start, end, status, metrics = {}, params, tags, user }]) => [
    post(
      `made ${name}`,
      '/runs/create',
      {
        experiment_id: '<first>',
        run_name: name,
        start_time: start,
        tags: entries(tags),
        user_id: user ?? '',
      },
      { learn: { [name]: 'run.info.run_id' } },
    ),
    post(`logged ${name}`, '/runs/log-batch', {
      run_id: `<${name}>`,
      metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: at, step: 0 })),
      params: entries(params),
    }),
    ...(status === undefined
      ? []
      : [post(`ended ${name}`, '/runs/update', { run_id: `<${name}>`, status, end_time: end })]),
  ],
);

/** Ties that the server decides by run id are left out of what is compared: each order here is total but for them. */
const byName = { order_by: ['run_name ASC'] };
const found = (filter: string, more: Record<string, unknown> = byName) => ({
  experiment_ids: ['<first>'],
  filter,
  ...more,
});

const filters: readonly string[] = [
  'metrics.loss = 1',
  'metrics.loss != 1',
  'metrics.loss < 2',
  'metrics.loss <= 2',
  'metrics.loss > 1',
  'metrics.loss >= 1',
  'metrics.loss = 0',
  'metrics.loss > -1e3 AND metrics.loss < 1E3',
  'metrics.`val/loss` > 1',
  'metric."val/loss" = 5.0',
  "params.lr = '0.1'",
  'params.lr != "0.1"',
  "param.opt LIKE 'ad%'",
  "parameters.opt ILIKE 'AD_M'",
  'params.lr = "it\'s"',
  'params.lr IS NULL',
  'params.lr IS NOT NULL and metrics.loss < 5',
  "tags.t = 'x'",
  "tag.t != 'x'",
  "tags.t LIKE '%'",
  "tags.t ILIKE 'x'",
  "tags.`a b` = 'y'",
  "tags.'a b' = 'y'",
  "tags.mlflow.runName = 'one'",
  'tags.t IS NULL',
  "attributes.status = 'FINISHED'",
  "status != 'RUNNING'",
  "status LIKE 'F%'",
  "status = 'finished'",
  "attr.run_name = 'two'",
  "run.run_name LIKE 'n%'",
  "`run name` ILIKE 'ONE'",
  "run_id = '<one>'",
  'run_id IN (\'<one>\', "<two>")',
  "run_id NOT IN ('<one>','<two>')",
  "run_id LIKE '%'",
  `start_time > ${at + 1}`,
  `created <= ${at + 2}`,
  `attributes.end_time = ${at + 5}`,
  `end_time != ${at + 5}`,
  'end_time > 1.5e3',
  "user_id = 'ada'",
  "user_id = ''",
  "artifact_uri LIKE 'mlflow-artifacts:/%'",
  'metrics.missing < 1',
  "params.missing != 'x'",
  // As odd as they are, the real server takes these.
  'metrics.loss > 1 metrics.loss < 3',
  'AND metrics.loss > 1 AND',
  'AND',
];

const refused: readonly string[] = [
  '   ',
  'metrics.loss',
  'metrics.loss >',
  'loss > 1',
  "metrics.loss = '1'",
  'metrics.loss > nan',
  'metrics.loss <> 1',
  'metrics.loss == 1',
  "metrics.loss LIKE '1'",
  'metrics.loss IS NULL',
  'metrics.val/loss > 1',
  'METRICS.loss > 1',
  'foo.loss > 1',
  'params.lr = 0.1',
  'params.lr = x',
  "params.lr > '0.1'",
  "params.lr IN ('0.1')",
  "params.lr NOT LIKE 'x'",
  "tags.t = 'x",
  "tags.t = 'x' OR tags.t = 'y'",
  "(tags.t = 'x')",
  "NOT tags.t = 'x'",
  "tags.t = 'x';",
  "tags.t = 'x'; DROP TABLE runs",
  "tags.t = 'x' -- no more",
  "'x' = tags.t",
  "status IN ('RUNNING')",
  'run_id IN ()',
  'run_id IN (1)',
  "start_time > '1'",
  "lifecycle_stage = 'active'",
  "experiment_id = '1'",
  "datasets.color = 'x'",
];

const orders: readonly (readonly string[])[] = [
  ['metrics.loss ASC', 'run_name'],
  ['metrics.loss DESC', 'run_name'],
  ['metric.`val/loss` desc', 'run_name'],
  ['params.lr', 'run_name'],
  ['params.lr DESC', 'run_name DESC'],
  ['tags.t ASC', 'run_name'],
  ['tags.t DESC', 'run_name'],
  ['tags.`mlflow.runName` DESC'],
  ['attributes.start_time ASC', 'run_name'],
  ['start_time DESC', 'run_name'],
  ['created', 'metrics.loss DESC', 'params.lr', 'run_name'],
  ['end_time', 'run_name'],
  ['end_time DESC', 'run_name'],
  ['status', 'run_name'],
  ['status DESC', 'run_name'],
  ['user_id DESC', 'run_name'],
  ['run_name'],
];

const refusedOrders: readonly string[] = [
  '',
  'metrics.loss sideways',
  'loss',
  'foo.loss',
  'metrics.loss, run_name',
  'datasets.name',
  'metrics.loss DESC NULLS LAST',
  'lifecycle_stage',
  ' metrics.loss',
  'Run Name',
];

export const search: readonly Scenario[] = [
  scenario('search runs', [
    post(
      'the experiment',
      '/experiments/create',
      { name: 'search <pass>' },
      { learn: { first: 'experiment_id' } },
    ),
    post(
      'an empty experiment',
      '/experiments/create',
      { name: 'search nothing <pass>' },
      { learn: { empty: 'experiment_id' } },
    ),
    ...made,
    ...posts('/runs/search', [
      ['by nothing', found('')],
      ...filters.map((filter) => [`by ${filter}`, found(filter)] as const),
      ...refused.map((filter) => [`refused: ${filter}`, found(filter)] as const),
      ...orders.map(
        (order_by) => [`in the order of ${order_by.join(', ')}`, found('', { order_by })] as const,
      ),
      ...refusedOrders.map((term) => [`in no order: ${term}`, found('', { order_by: [term] })] as const),
      ['in one order twice', found('', { order_by: ['run_name', 'run_name DESC'] })],
      ['in an order that is a text', found('', { order_by: 'run_name' }), 'order_by'],
      ['in an order of numbers', found('', { order_by: [1] })],
      ['in no experiment', { filter: '' }],
      ['in an empty list of experiments', { experiment_ids: [] }],
      ['in an experiment without runs', { experiment_ids: ['<empty>'] }],
      ['in two experiments', { experiment_ids: ['<empty>', '<first>'], ...byName, max_results: 2 }],
      ['in one experiment twice', { experiment_ids: ['<first>', '<first>'], ...byName, max_results: 9 }],
      ['in an experiment that there is not', { experiment_ids: ['987654'] }],
      ['in an experiment that is no number', { experiment_ids: ['x'] }],
      ['in an experiment that is a number', { experiment_ids: [1] }],
      ['in experiments that are a text', { experiment_ids: '<first>' }, 'experiment_ids'],
      ['with a filter that is a number', { experiment_ids: ['<first>'], filter: 7 }, 'filter'],
      ['with null as filter', { experiment_ids: ['<first>'], filter: null, ...byName }],
      ['of none', found('', { max_results: 0 })],
      ['of less than none', found('', { max_results: -1 }), 'max_results'],
      ['of 50000', found('', { ...byName, max_results: 50_000 })],
      ['of 50001', found('', { max_results: 50_001 }), 'max_results'],
      ['of two as text', found('', { ...byName, max_results: '2' })],
      ['of words', found('', { max_results: 'two' }), 'max_results'],
      ['of one and a half', found('', { ...byName, max_results: 1.5 })],
      ['with a view that is none', found('', { ...byName, run_view_type: 'SOME' })],
      ['with the number of a view', found('', { ...byName, run_view_type: 3 })],
      ['with a forged token', found('', { page_token: 'x' })],
      ['with a token of words', found('', { page_token: 'AAAAAAAA' })],
      ['with a number as token', found('', { page_token: 7 })],
      ['with an unknown field', found('', { ...byName, color: 'red' })],
    ]),
    post('the first page', '/runs/search', found('', { ...byName, max_results: 4 }), {
      learn: { token: 'next_page_token' },
    }),
    post('the second page', '/runs/search', found('', { ...byName, max_results: 4, page_token: '<token>' })),
    post('the last page, exactly', '/runs/search', found('', { ...byName, max_results: 6 })),
    post('a page of one', '/runs/search', found("status != 'RUNNING'", { ...byName, max_results: 1 }), {
      learn: { next: 'next_page_token' },
    }),
    post(
      'the page behind it',
      '/runs/search',
      found("status != 'RUNNING'", { ...byName, max_results: 1, page_token: '<next>' }),
    ),
  ]),
  scenario('metric history', [
    post(
      'the experiment',
      '/experiments/create',
      { name: 'history <pass>' },
      { learn: { first: 'experiment_id' } },
    ),
    ...['one', 'two'].flatMap((name, place) => [
      post(
        `made ${name}`,
        '/runs/create',
        { experiment_id: '<first>', run_name: name, start_time: at },
        { learn: { [name]: 'run.info.run_id' } },
      ),
      post(`logged ${name}`, '/runs/log-batch', {
        run_id: `<${name}>`,
        metrics: Array.from({ length: 10 * (place + 1) }, (_, step) => ({
          key: 'm',
          value: step % 3,
          timestamp: at + 5 - (step % 4),
          step: step * (place + 1),
        })),
      }),
    ]),
    post('logged again', '/runs/log-batch', {
      run_id: '<one>',
      metrics: [
        { key: 'm', value: 0, timestamp: at + 5, step: 0 },
        { key: 'm', value: 'NaN', timestamp: at, step: 0 },
        { key: 'm', value: 5, timestamp: at, step: -1 },
      ],
    }),
    get('the first page', '/metrics/get-history?run_id=<one>&metric_key=m&max_results=5', {
      learn: { token: 'next_page_token' },
    }),
    get(
      'the second page',
      '/metrics/get-history?run_id=<one>&metric_key=m&max_results=5&page_token=<token>',
      {
        learn: { last: 'next_page_token' },
      },
    ),
    get('the last page', '/metrics/get-history?run_id=<one>&metric_key=m&max_results=5&page_token=<last>'),
    ...gets([
      ['whole', '/metrics/get-history?run_id=<one>&metric_key=m'],
      ['by its older name', '/metrics/get-history?run_uuid=<one>&metric_key=m&max_results=3'],
      ['of no key', '/metrics/get-history?run_id=<one>', 'metric_key'],
      ['of an empty key', '/metrics/get-history?run_id=<one>&metric_key=', 'metric_key'],
      ['of a key that there is not', '/metrics/get-history?run_id=<one>&metric_key=none'],
      ['of no run', '/metrics/get-history?metric_key=m', 'run_id'],
      ['of a run that there is not', `/metrics/get-history?run_id=${'0'.repeat(32)}&metric_key=m`],
      ['of a run with a bad id', '/metrics/get-history?run_id=x&metric_key=m'],
      ['of none', '/metrics/get-history?run_id=<one>&metric_key=m&max_results=0'],
      ['of less than none', '/metrics/get-history?run_id=<one>&metric_key=m&max_results=-1'],
      ['of words', '/metrics/get-history?run_id=<one>&metric_key=m&max_results=all', 'max_results'],
      ['of very many', '/metrics/get-history?run_id=<one>&metric_key=m&max_results=100000'],
      ['with a forged token', '/metrics/get-history?run_id=<one>&metric_key=m&page_token=x'],
      [
        'in an interval',
        '/metrics/get-history-bulk-interval?run_ids=<one>&run_ids=<two>&metric_key=m&max_results=3',
      ],
      [
        'in an interval, whole',
        '/metrics/get-history-bulk-interval?run_ids=<one>&run_ids=<two>&metric_key=m',
      ],
      [
        'in an interval of steps',
        '/metrics/get-history-bulk-interval?run_ids=<one>&run_ids=<two>&metric_key=m&start_step=2&end_step=6&max_results=2',
      ],
      [
        'in an interval of one step',
        '/metrics/get-history-bulk-interval?run_ids=<two>&metric_key=m&start_step=4&end_step=4',
      ],
      [
        'in an interval that is empty',
        '/metrics/get-history-bulk-interval?run_ids=<two>&metric_key=m&start_step=500&end_step=600',
      ],
      [
        'in an interval backwards',
        '/metrics/get-history-bulk-interval?run_ids=<one>&metric_key=m&start_step=6&end_step=2',
      ],
      [
        'in an interval without an end',
        '/metrics/get-history-bulk-interval?run_ids=<one>&metric_key=m&start_step=2',
      ],
      [
        'in an interval of words',
        '/metrics/get-history-bulk-interval?run_ids=<one>&metric_key=m&start_step=a&end_step=b',
      ],
      ['in an interval of no run', '/metrics/get-history-bulk-interval?metric_key=m', 'run_ids'],
      ['in an interval of no key', '/metrics/get-history-bulk-interval?run_ids=<one>', 'metric_key'],
      [
        'in an interval of a run that there is not',
        `/metrics/get-history-bulk-interval?run_ids=${'0'.repeat(32)}&metric_key=m`,
      ],
      [
        'in an interval of none',
        '/metrics/get-history-bulk-interval?run_ids=<one>&metric_key=m&max_results=0',
        'max_results',
      ],
      [
        'in an interval of 2501',
        '/metrics/get-history-bulk-interval?run_ids=<one>&metric_key=m&max_results=2501',
        'max_results',
      ],
      [
        'in an interval of many words',
        '/metrics/get-history-bulk-interval?run_ids=<one>&metric_key=m&max_results=all',
        'max_results',
      ],
      [
        'in an interval of 101 runs',
        `/metrics/get-history-bulk-interval?metric_key=m${'&run_ids=<one>'.repeat(101)}`,
        'run_ids',
      ],
      [
        'of several',
        'root:/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=<two>&metric_key=m&max_results=9',
      ],
      ['of several, of none', 'root:/ajax-api/2.0/mlflow/metrics/get-history-bulk?metric_key=m', 'run_id'],
      [
        'of several, of no key',
        'root:/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=<one>',
        'metric_key',
      ],
    ]),
  ]),
];
