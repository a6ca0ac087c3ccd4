import { get, post, posts, type Scenario, scenario, sends } from '../steps.js';

/** An experiment with a run, and with another one for what the real server takes and Franca does not. */
const begun = (name: string) => [
  post(
    'the experiment',
    '/experiments/create',
    { name: `${name} <pass>` },
    { learn: { first: 'experiment_id' } },
  ),
  post(
    'the run',
    '/runs/create',
    { experiment_id: '<first>', run_name: 'run', start_time: 1_600_000_000_000 },
    { learn: { run: 'run.info.run_id' } },
  ),
  post(
    'the run for what is odd',
    '/runs/create',
    { experiment_id: '<first>', run_name: 'odd', start_time: 1_600_000_000_000 },
    { learn: { odd: 'run.info.run_id' } },
  ),
];

const at = 1_600_000_000_000;
const nobody = '0'.repeat(32);
const metric = (fields: Record<string, unknown>) => ({
  run_id: '<run>',
  key: 'm',
  value: 1,
  timestamp: at,
  ...fields,
});
const param = (fields: Record<string, unknown>) => ({ run_id: '<run>', key: 'p', value: 'v', ...fields });
const batch = (fields: Record<string, unknown>) => ({ run_id: '<run>', ...fields });
const many = <T>(count: number, make: (place: number) => T) =>
  Array.from({ length: count }, (_, place) => make(place));
const odd = { run_id: '<odd>' };
const rawOdd = (fields: string) => `{"run_id": "<odd>", ${fields}}`;
const raw = (fields: string) => `{"run_id": "<run>", ${fields}}`;

const keys: readonly (readonly [name: string, key: unknown])[] = [
  ['an empty key', ''],
  ['null as key', null],
  ['a number as key', 7],
  ['a key that climbs', '../x'],
  ['a key that is a root', '/x'],
  ['a key with an empty part', 'a//b'],
  ['a key that climbs within', 'a/../b'],
  ['a point as key', '.'],
  ['a key of every character', 'aZ0_-. :é名/x'],
  ['a smile as key', '😀'],
  ['a key with a star', 'a*'],
  ['a key with a line in it', 'a\nb'],
  ['a key of 250 characters', 'k'.repeat(250)],
  ['a key of 251 characters', 'k'.repeat(251)],
];

export const logging: readonly Scenario[] = [
  scenario('log metric', [
    ...begun('log metric'),
    ...posts('/runs/log-metric', [
      ['with everything', metric({ step: 3 })],
      ['without a step', metric({ key: 'stepless' })],
      ['by its older name', { run_uuid: '<run>', key: 'old', value: 1, timestamp: at, step: 0 }],
      ['with a value as text', metric({ key: 'text', value: '1.5' })],
      ['that is NaN', metric({ key: 'nan', value: 'NaN' })],
      ['that is infinite', metric({ key: 'up', value: 'Infinity' })],
      ['that is infinite below', metric({ key: 'down', value: '-Infinity' })],
      ['that is nan in lower case', metric({ ...odd, key: 'nan2', value: 'nan' }), 'value'],
      ['that is inf', metric({ ...odd, key: 'inf2', value: 'inf' }), 'value'],
      ['that is words', metric({ ...odd, key: 'words', value: 'high' }), 'value'],
      ['that is an empty text', metric({ key: 'none', value: '' }), 'value'],
      ['that is true', metric({ ...odd, key: 'true', value: true }), 'value'],
      ['that is a list', metric({ ...odd, key: 'list', value: [1] }), 'value'],
      ['that is null', metric({ key: 'null', value: null }), 'value'],
      ['without a value', { run_id: '<run>', key: 'm', timestamp: at }, 'value'],
      ['with the greatest value', metric({ key: 'max', value: Number.MAX_VALUE })],
      ['with the smallest value', metric({ key: 'min', value: 5e-324 })],
      ['with -0', metric({ key: 'zero', value: -0 })],
      ['with a whole value', metric({ key: 'whole', value: 7 })],
      ['with 0.1 + 0.2', metric({ key: 'sum', value: 0.1 + 0.2 })],
      ['without a time', { run_id: '<run>', key: 'm', value: 1, step: 0 }, 'timestamp'],
      ['with null as its time', metric({ timestamp: null }), 'timestamp'],
      ['with a text as its time', metric({ key: 'timetext', timestamp: String(at) })],
      ['with words as its time', metric({ timestamp: 'now' }), 'timestamp'],
      ['with a fraction as its time', metric({ ...odd, timestamp: 1.5 }), 'timestamp'],
      ['with 0 as its time', metric({ key: 'epoch', timestamp: 0 })],
      ['with a time before 1970', metric({ ...odd, key: 'before', timestamp: -5 })],
      ['with a text as its step', metric({ key: 'steptext', step: '12' })],
      ['with words as its step', metric({ step: 'first' }), 'step'],
      ['with a fraction as its step', metric({ ...odd, step: 1.5 }), 'step'],
      ['with a whole fraction as its step', metric({ key: 'stepwhole', step: 2.0 })],
      ['with a step below 0', metric({ key: 'stepbelow', step: -3 })],
      ['with null as its step', metric({ key: 'stepnull', step: null })],
      ['without an id', { key: 'm', value: 1, timestamp: at }],
      ['where there is no run', metric({ run_id: nobody })],
      ['with an id that is none', metric({ run_id: 'x' })],
      ['without a key', { run_id: '<run>', value: 1, timestamp: at }, 'key'],
      ...keys.map(([name, key]) => [`with ${name}`, metric({ key })] as const),
      ['with an unknown field', metric({ key: 'unknown', color: 'red' })],
      ['of a dataset', metric({ key: 'data', dataset_name: 'd', dataset_digest: 'x' })],
      ['again to the letter', metric({ step: 3 })],
      ['again with another value', metric({ step: 3, value: 2 })],
      ['earlier', metric({ step: 1, value: 9 })],
    ]),
    ...sends('/runs/log-metric', [
      ['that is a bare NaN', rawOdd('"key": "bare", "value": NaN, "timestamp": 1')],
      ['that is a bare Infinity', rawOdd('"key": "bare", "value": Infinity, "timestamp": 1')],
      ['that is 1e400', rawOdd('"key": "beyond", "value": 1e400, "timestamp": 1'), 'value'],
      ['that is 1e400 as text', rawOdd('"key": "beyond2", "value": "1e400", "timestamp": 1'), 'value'],
      [
        'with the greatest step',
        raw('"key": "great", "value": 1, "timestamp": 9223372036854775807, "step": 9223372036854775807'),
      ],
      [
        'with the least step',
        rawOdd('"key": "least", "value": 1, "timestamp": -9223372036854775808, "step": -9223372036854775808'),
      ],
      [
        'with the greatest step as text',
        raw('"key": "great2", "value": 1, "timestamp": "9223372036854775807", "step": "9223372036854775807"'),
      ],
      [
        'with a step beyond 64 bits',
        rawOdd('"key": "m", "value": 1, "timestamp": 1, "step": 9223372036854775808'),
        'step',
      ],
      [
        'with a time beyond 64 bits',
        rawOdd('"key": "m", "value": 1, "timestamp": 9223372036854775808'),
        'timestamp',
      ],
      [
        'with a step of 2^53 + 1',
        raw('"key": "odd", "value": 1, "timestamp": 9007199254740993, "step": 9007199254740993'),
      ],
      ['with one field twice', raw('"key": "twice", "value": 1, "value": 2, "timestamp": 1')],
      ['of names in another style', '{"runId": "<run>", "key": "camel", "value": 1, "timestamp": 1}'],
      ['of malformed JSON', '{"run_id": "<run>"'],
      ['of an empty body', ''],
    ]),
    get('all', '/runs/get?run_id=<run>'),
    ...['m', 'stepless', 'nan', 'up', 'down', 'great', 'odd', 'zero', 'stepbelow', 'data'].map((key) =>
      get(`the history of ${key}`, `/metrics/get-history?run_id=<run>&metric_key=${key}`),
    ),
  ]),
  scenario('log param', [
    ...begun('log param'),
    ...posts('/runs/log-parameter', [
      ['logged', param({})],
      ['logged again', param({})],
      ['logged with another value', param({ value: 'w' })],
      ['logged in another case', param({ key: 'P', value: 'w' })],
      ['by its older name', { run_uuid: '<run>', key: 'old', value: 'v' }],
      ['without a value', { run_id: '<run>', key: 'none' }],
      ['with an empty value', param({ key: 'empty', value: '' })],
      ['with null as value', param({ key: 'null', value: null })],
      ['with a number as value', param({ key: 'n', value: 1 }), 'value'],
      ['with true as value', param({ key: 'n', value: true }), 'value'],
      ['with a value of every character', param({ key: 'chars', value: 'é😀\n\t"\\<SCRIPT>' })],
      ['with 6000 characters', param({ key: 'long', value: 'v'.repeat(6_000) })],
      ['with 6001 characters', param({ key: 'longer', value: 'v'.repeat(6_001) })],
      ['without a key', { run_id: '<run>', value: 'v' }, 'key'],
      ...keys.map(([name, key]) => [`with ${name}`, param({ key })] as const),
      ['without an id', { key: 'p', value: 'v' }],
      ['where there is no run', param({ run_id: nobody })],
      ['with an unknown field', param({ key: 'unknown', color: 'red' })],
    ]),
    ...sends('/runs/log-parameter', [
      ['with a NUL in its value', rawOdd('"key": "nul", "value": "a\\u0000b"')],
      ['of malformed JSON', '{"run_id": "<run>"'],
    ]),
    get('all', '/runs/get?run_id=<run>'),
  ]),
  scenario('log batch', [
    ...begun('log batch'),
    ...posts('/runs/log-batch', [
      [
        'with everything',
        batch({
          metrics: [
            { key: 'm', value: 1, timestamp: at, step: 0 },
            { key: 'm', value: 2, timestamp: at + 1, step: 1 },
            { key: 'nan', value: 'NaN', timestamp: at, step: 0 },
          ],
          params: [{ key: 'p', value: 'v' }],
          tags: [
            { key: 't', value: 'v' },
            { key: 'mlflow.note.content', value: 'words' },
          ],
        }),
      ],
      ['with nothing', batch({})],
      ['with empty lists', batch({ metrics: [], params: [], tags: [] })],
      ['with null for lists', batch({ metrics: null, params: null, tags: null })],
      ['without an id', { metrics: [] }, 'run_id'],
      ['with its older name alone', { run_uuid: '<run>', tags: [] }],
      ['where there is no run', { run_id: nobody, tags: [{ key: 't', value: 'v' }] }],
      ['with an id that is none', { run_id: 'x', tags: [{ key: 't', value: 'v' }] }],
      ['with metrics that are no list', batch({ metrics: { m: 1 } }), 'metrics'],
      ['with params that are no list', batch({ params: 'p' }), 'params'],
      ['with tags that are no list', batch({ tags: 7 }), 'tags'],
      ['with metrics that are numbers', batch({ metrics: [1] })],
      ['with null among metrics', batch({ metrics: [null] })],
      ['with params that are texts', batch({ params: ['p'] })],
      ['with a metric without a key', batch({ metrics: [{ value: 1, timestamp: at, step: 0 }] })],
      ['with a metric without a value', batch({ metrics: [{ key: 'm', timestamp: at, step: 0 }] })],
      ['with a metric without a time', batch({ metrics: [{ key: 'm', value: 1, step: 0 }] })],
      ['with a metric without a step', batch({ metrics: [{ key: 'stepless', value: 1, timestamp: at }] })],
      [
        'with a metric of words',
        batch({ ...odd, metrics: [{ key: 'm', value: 'high', timestamp: at, step: 0 }] }),
      ],
      [
        'with a metric whose value is null',
        batch({ metrics: [{ key: 'm', value: null, timestamp: at, step: 0 }] }),
      ],
      [
        'with a metric whose value is true',
        batch({ ...odd, metrics: [{ key: 'm', value: true, timestamp: at, step: 0 }] }),
      ],
      [
        'with a metric whose step is a fraction',
        batch({ ...odd, metrics: [{ key: 'm', value: 1, timestamp: at, step: 1.5 }] }),
      ],
      ['with a param without a key', batch({ params: [{ value: 'v' }] })],
      ['with a param without a value', batch({ params: [{ key: 'valueless' }] })],
      ['with a param that is a number', batch({ ...odd, params: [{ key: 'n', value: 1 }] })],
      ['with a tag without a key', batch({ tags: [{ value: 'v' }] })],
      ['with a tag without a value', batch({ tags: [{ key: 'valueless' }] })],
      ['with a tag that is a number', batch({ ...odd, tags: [{ key: 'n', value: 1 }] })],
      [
        'with one param twice',
        batch({
          params: [
            { key: 'q', value: '1' },
            { key: 'q', value: '1' },
          ],
        }),
      ],
      [
        'with one param twice, unlike',
        batch({
          params: [
            { key: 'q', value: '1' },
            { key: 'q', value: '2' },
          ],
        }),
      ],
      [
        'with one tag twice',
        batch({
          tags: [
            { key: 'u', value: '1' },
            { key: 'u', value: '2' },
          ],
        }),
      ],
      [
        'with the same param',
        batch({ params: [{ key: 'p', value: 'v' }], tags: [{ key: 'same', value: 'yes' }] }),
      ],
      [
        'with a param that says otherwise, among others',
        batch({
          metrics: [{ key: 'lost', value: 1, timestamp: at, step: 0 }],
          params: [
            { key: 'lost', value: '1' },
            { key: 'p', value: 'w' },
          ],
          tags: [{ key: 'lost', value: '1' }],
        }),
      ],
      [
        'with a bad key among others',
        batch({
          metrics: [
            { key: 'lost', value: 1, timestamp: at, step: 0 },
            { key: '../x', value: 1, timestamp: at, step: 0 },
          ],
          params: [{ key: 'lost', value: '1' }],
          tags: [{ key: 'lost', value: '1' }],
        }),
      ],
      [
        'with a bad key among tags',
        batch({ params: [{ key: 'lost', value: '1' }], tags: [{ key: 'a//b', value: '1' }] }),
      ],
      [
        'with 1000 metrics',
        batch({ metrics: many(1000, (step) => ({ key: 'thousand', value: step, timestamp: at, step })) }),
      ],
      [
        'with 1001 metrics',
        batch({ metrics: many(1001, (step) => ({ key: 'lost', value: step, timestamp: at, step })) }),
      ],
      ['with 100 params', batch({ params: many(100, (place) => ({ key: `p${place}`, value: 'v' })) })],
      ['with 101 params', batch({ params: many(101, (place) => ({ key: `lost${place}`, value: 'v' })) })],
      ['with 100 tags', batch({ tags: many(100, (place) => ({ key: `t${place}`, value: 'v' })) })],
      ['with 101 tags', batch({ tags: many(101, (place) => ({ key: `lost${place}`, value: 'v' })) })],
      [
        'with 1001 of all',
        batch({
          metrics: many(900, (step) => ({ key: 'lost', value: step, timestamp: at, step })),
          params: many(100, (place) => ({ key: `lost${place}`, value: 'v' })),
          tags: [{ key: 'lost', value: 'v' }],
        }),
      ],
      ['with 6001 characters in a param', batch({ params: [{ key: 'longer', value: 'v'.repeat(6_001) }] })],
      ['with 8001 characters in a tag', batch({ tags: [{ key: 'longer', value: 'v'.repeat(8_001) }] })],
      [
        'with a key of 251 characters',
        batch({ metrics: [{ key: 'k'.repeat(251), value: 1, timestamp: at, step: 0 }] }),
      ],
      ['with a name', batch({ tags: [{ key: 'mlflow.runName', value: 'renamed' }] })],
      [
        'with an unknown field',
        batch({ colors: ['red'], tags: [{ key: 'known', value: 'v', color: 'red' }] }),
      ],
    ]),
    get('all', '/runs/get?run_id=<run>'),
    get('its metric', '/metrics/get-history?run_id=<run>&metric_key=m'),
    get('what must be lost', '/metrics/get-history?run_id=<run>&metric_key=lost'),
  ]),
  scenario('log model', [
    ...begun('log model'),
    ...posts('/runs/log-model', [
      [
        'logged',
        {
          run_id: '<run>',
          model_json: JSON.stringify({
            artifact_path: 'model',
            run_id: '<run>',
            utc_time_created: '2020-09-13 12:26:40.000000',
            flavors: { python_function: { loader_module: 'x' } },
          }),
        },
      ],
      ['without a model', { run_id: '<run>' }, 'model_json'],
      ['with an empty model', { run_id: '<run>', model_json: '' }, 'model_json'],
      ['with an object as model', { run_id: '<run>', model_json: {} }, 'model_json'],
      ['with a model that is no JSON', { run_id: '<run>', model_json: '{' }],
      ['with a model that is a list', { run_id: '<run>', model_json: '[]' }],
      ['with a model that has nothing', { run_id: '<run>', model_json: '{}' }],
      ['without an id', { model_json: '{}' }, 'run_id'],
      [
        'where there is no run',
        {
          run_id: nobody,
          model_json: JSON.stringify({
            artifact_path: 'm',
            flavors: {},
            utc_time_created: 'x',
            run_id: nobody,
          }),
        },
      ],
    ]),
    get('is read', '/runs/get?run_id=<run>'),
  ]),
];
