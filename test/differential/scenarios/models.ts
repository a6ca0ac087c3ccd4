import { get, patch, post, posts, type Scenario, scenario, send } from '../steps.js';

const at = 1_600_000_000_000;
const models = '/logged-models';
const create = (fields: Record<string, unknown> = {}) => ({
  experiment_id: '<first>',
  name: 'model',
  ...fields,
});
/** For what is odd: an experiment that is not looked at. */
const apart = (fields: Record<string, unknown> = {}) => create({ experiment_id: '<apart>', ...fields });

export const loggedModels: readonly Scenario[] = [
  scenario('logged models', [
    post(
      'the experiment',
      '/experiments/create',
      { name: 'models <pass>' },
      { learn: { first: 'experiment_id' } },
    ),
    post(
      'the run',
      '/runs/create',
      { experiment_id: '<first>', run_name: 'run', start_time: at },
      { learn: { run: 'run.info.run_id' } },
    ),
    post(
      'an experiment apart',
      '/experiments/create',
      { name: 'models apart <pass>' },
      { learn: { apart: 'experiment_id' } },
    ),
    post(
      'made',
      models,
      create({
        name: 'first',
        model_type: 'sklearn',
        source_run_id: '<run>',
        params: [{ key: 'p', value: 'v' }],
        tags: [{ key: 't', value: 'v' }],
      }),
      { learn: { model: 'model.info.model_id' } },
    ),
    get('is read', `${models}/<model>`),
    post('made with a name alone', models, create({ name: 'second' }), {
      learn: { second: 'model.info.model_id' },
    }),
    post(
      'made without a name',
      models,
      { experiment_id: '<first>' },
      { learn: { third: 'model.info.model_id' } },
    ),
    ...posts(models, [
      ['made in no experiment', { name: 'x' }, 'experiment_id'],
      ['made in an experiment that there is not', { experiment_id: '987654', name: 'x' }],
      ['made in an experiment that is no number', { experiment_id: 'x', name: 'x' }],
      ['made with a number as its name', apart({ name: 7 }), 'name'],
      ['made with a slash in its name', apart({ name: 'a/b' })],
      ['made with a colon in its name', apart({ name: 'a:b' })],
      ['made with an empty name', apart({ name: '' })],
      ['made with a name of 501 characters', apart({ name: 'n'.repeat(501) })],
      ['made by a run that there is not', apart({ name: 'orphan', source_run_id: '0'.repeat(32) })],
      ['made with params that are no list', apart({ params: { p: 'v' } }), 'params'],
      ['made with a param without a key', apart({ name: 'keyless', params: [{ value: 'v' }] })],
      [
        'made with one param twice',
        apart({
          name: 'twice',
          params: [
            { key: 'p', value: '1' },
            { key: 'p', value: '2' },
          ],
        }),
      ],
      [
        'made with one tag twice',
        apart({
          name: 'twice2',
          tags: [
            { key: 't', value: '1' },
            { key: 't', value: '2' },
          ],
        }),
      ],
      [
        'made with a long param',
        apart({ name: 'longparam', params: [{ key: 'p', value: 'v'.repeat(6_001) }] }),
      ],
      ['made with a long key', apart({ name: 'longkey', params: [{ key: 'k'.repeat(251), value: 'v' }] })],
      ['made with an unknown field', apart({ name: 'unknown', color: 'red' })],
    ]),
    get('that there is not', `${models}/m-${'0'.repeat(32)}`),
    get('that is no id', `${models}/x`),
    patch('finished', `${models}/<model>`, { model_id: '<model>', status: 2 }),
    patch('finished by the word', `${models}/<second>`, {
      model_id: '<second>',
      status: 'LOGGED_MODEL_READY',
    }),
    patch('failed', `${models}/<third>`, { model_id: '<third>', status: 3 }),
    patch('finished without a status', `${models}/<model>`, { model_id: '<model>' }),
    patch('finished without an id in the body', `${models}/<model>`, { status: 2 }),
    patch('finished with no status', `${models}/<third>`, { model_id: '<third>', status: 77 }),
    patch('finished with words', `${models}/<third>`, { model_id: '<third>', status: 'DONE' }),
    patch('finished where there is none', `${models}/m-none`, { model_id: 'm-none', status: 2 }),
    patch('tagged', `${models}/<model>/tags`, {
      tags: [
        { key: 't', value: 'w' },
        { key: 'u', value: '' },
      ],
    }),
    patch('tagged with nothing', `${models}/<model>/tags`, {}),
    patch('tagged with what is no list', `${models}/<model>/tags`, { tags: 'x' }, { field: 'tags' }),
    patch('tagged without a key', `${models}/<third>/tags`, { tags: [{ value: 'v' }] }),
    patch('tagged where there is none', `${models}/m-none/tags`, { tags: [{ key: 't', value: 'v' }] }),
    send('DELETE', 'untagged', `${models}/<model>/tags/u`, undefined),
    send('DELETE', 'untagged again', `${models}/<model>/tags/u`, undefined),
    send('DELETE', 'untagged where there is none', `${models}/m-none/tags/u`, undefined),
    ...posts(`${models}/<model>/params`, [
      ['given params', { model_id: '<model>', params: [{ key: 'q', value: '1' }] }],
      ['given the same params', { model_id: '<model>', params: [{ key: 'q', value: '1' }] }],
      ['given other params', { model_id: '<model>', params: [{ key: 'q', value: '2' }] }],
      ['given no params', { model_id: '<model>' }],
      ['given params without an id', { params: [] }],
      ['given what is no list', { model_id: '<model>', params: 'x' }, 'params'],
    ]),
    post('given params where there is none', `${models}/m-none/params`, {
      model_id: 'm-none',
      params: [{ key: 'q', value: '1' }],
    }),
    post('measured', '/runs/log-metric', {
      run_id: '<run>',
      model_id: '<model>',
      key: 'loss',
      value: 0.5,
      timestamp: at,
      step: 1,
      dataset_name: 'd',
      dataset_digest: 'x',
    }),
    post('measured in a batch', '/runs/log-batch', {
      run_id: '<run>',
      metrics: [
        { key: 'loss', value: 0.25, timestamp: at + 1, step: 2, model_id: '<model>' },
        { key: 'loss', value: 9, timestamp: at, step: 0, model_id: '<second>' },
      ],
    }),
    post('measured where there is none', '/runs/log-metric', {
      run_id: '<run>',
      model_id: 'm-none',
      key: 'lost',
      value: 1,
      timestamp: at,
    }),
    post('an input', '/runs/log-inputs', { run_id: '<run>', models: [{ model_id: '<model>' }] }),
    post('an input that there is not', '/runs/log-inputs', {
      run_id: '<run>',
      models: [{ model_id: 'm-none' }],
    }),
    ...posts('/runs/outputs', [
      ['an output', { run_id: '<run>', models: [{ model_id: '<model>', step: 1 }] }],
      ['an output again', { run_id: '<run>', models: [{ model_id: '<model>', step: 1 }] }],
      ['an output without a step', { run_id: '<run>', models: [{ model_id: '<second>' }] }],
      ['an output that there is not', { run_id: '<run>', models: [{ model_id: 'm-none', step: 0 }] }],
      ['no output', { run_id: '<run>' }, 'models'],
      ['an output of no run', { models: [{ model_id: '<model>', step: 1 }] }, 'run_id'],
      [
        'an output of a run that there is not',
        { run_id: '0'.repeat(32), models: [{ model_id: '<model>', step: 1 }] },
      ],
      ['an output that is no list', { run_id: '<run>', models: '<model>' }, 'models'],
    ]),
    get('are shown with the run', '/runs/get?run_id=<run>'),
    get('is read with all', `${models}/<model>`),
    ...posts(`${models}/search`, [
      [
        'found',
        { experiment_ids: ['<first>'], filter: "name LIKE 'firs%'", order_by: [{ field_name: 'name' }] },
      ],
      ['found by name', { experiment_ids: ['<first>'], filter: "name = 'first'" }],
      [
        'found by names',
        {
          experiment_ids: ['<first>'],
          filter: "name IN ('first', 'second')",
          order_by: [{ field_name: 'name', ascending: false }],
        },
      ],
      ['found by id', { experiment_ids: ['<first>'], filter: "model_id = '<second>'" }],
      ['found by type', { experiment_ids: ['<first>'], filter: "model_type = 'sklearn'" }],
      ['found by run', { experiment_ids: ['<first>'], filter: "attributes.source_run_id = '<run>'" }],
      [
        'found by status',
        { experiment_ids: ['<first>'], filter: "status = '2'", order_by: [{ field_name: 'name' }] },
      ],
      ['found by the word of a status', { experiment_ids: ['<first>'], filter: "status = 'READY'" }],
      ['found by time', { experiment_ids: ['<first>'], filter: "creation_timestamp > 5 AND name = 'first'" }],
      ['found by metric', { experiment_ids: ['<first>'], filter: 'metrics.loss < 0.4' }],
      ['found by an older metric', { experiment_ids: ['<first>'], filter: 'metrics.loss = 0.5' }],
      [
        'found by metric and dataset',
        { experiment_ids: ['<first>'], filter: 'metrics.loss < 9', datasets: [{ dataset_name: 'd' }] },
      ],
      [
        'found by dataset',
        { experiment_ids: ['<first>'], datasets: [{ dataset_name: 'd', dataset_digest: 'x' }] },
      ],
      ['found by param', { experiment_ids: ['<first>'], filter: "params.p = 'v'" }],
      ['found by tag', { experiment_ids: ['<first>'], filter: "tags.t = 'w' AND name = 'first'" }],
      [
        'in the order of a metric',
        {
          experiment_ids: ['<first>'],
          filter: "name IN ('first', 'second')",
          order_by: [{ field_name: 'metrics.loss', ascending: true }],
        },
      ],
      [
        'in the order of time',
        {
          experiment_ids: ['<first>'],
          filter: "name IN ('first', 'second')",
          order_by: [{ field_name: 'creation_timestamp' }],
        },
      ],
      ['in no order', { experiment_ids: ['<first>'], order_by: [{ field_name: 'color' }] }],
      ['in the order of nothing', { experiment_ids: ['<first>'], order_by: [{ ascending: true }] }],
      ['in an order that is a text', { experiment_ids: ['<first>'], order_by: 'name' }, 'order_by'],
      ['in no experiment', {}, 'experiment_ids'],
      ['in an experiment that there is not', { experiment_ids: ['987654'] }],
      ['in an experiment that is no number', { experiment_ids: ['x'] }],
      ['refused: or', { experiment_ids: ['<first>'], filter: "name = 'a' OR name = 'b'" }],
      ['refused: unknown kind', { experiment_ids: ['<first>'], filter: "foo.bar = 'x'" }],
      ['refused: greater text', { experiment_ids: ['<first>'], filter: "name > 'a'" }],
      ['refused: like a metric', { experiment_ids: ['<first>'], filter: 'metrics.loss LIKE 1' }],
      ['refused: unknown attribute', { experiment_ids: ['<first>'], filter: "color = 'red'" }],
      ['with a forged token', { experiment_ids: ['<first>'], page_token: 'x' }],
      ['of words', { experiment_ids: ['<first>'], max_results: 'ten' }, 'max_results'],
      ['of less than none', { experiment_ids: ['<first>'], max_results: -1 }, 'max_results'],
    ]),
    post(
      'the first page',
      `${models}/search`,
      {
        experiment_ids: ['<first>'],
        filter: "name IN ('first', 'second')",
        order_by: [{ field_name: 'name' }],
        max_results: 1,
      },
      {
        learn: { token: 'next_page_token' },
      },
    ),
    post('the second page', `${models}/search`, {
      experiment_ids: ['<first>'],
      filter: "name IN ('first', 'second')",
      order_by: [{ field_name: 'name' }],
      max_results: 1,
      page_token: '<token>',
    }),
    post('a page of another search', `${models}/search`, {
      experiment_ids: ['<first>'],
      max_results: 1,
      page_token: '<token>',
    }),
    get('its files', `${models}/<model>/artifacts/directories`),
    get(
      'its files at a path that climbs',
      `${models}/<model>/artifacts/directories?artifact_directory_path=..%2F..`,
    ),
    get('files where there is none', `${models}/m-none/artifacts/directories`),
    send('PUT', 'given a file', '<files>/artifacts/<first>/models/<model>/artifacts/MLmodel', 'flavors: {}', {
      type: 'text/plain',
    }),
    get('its file', `${models}/<model>/artifacts/directories`),
    send('DELETE', 'deleted', `${models}/<model>`, undefined),
    send('DELETE', 'deleted again', `${models}/<model>`, undefined),
    send('DELETE', 'deleted where there is none', `${models}/m-none`, undefined),
    get('is gone', `${models}/<model>`),
    get('is gone but asked for', `${models}/<model>?allow_deleted=true`),
    post('is not found', `${models}/search`, { experiment_ids: ['<first>'], filter: "name = 'first'" }),
  ]),
];
