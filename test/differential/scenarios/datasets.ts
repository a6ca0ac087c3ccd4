import { get, post, posts, type Scenario, scenario } from '../steps.js';

const dataset = (fields: Record<string, unknown> = {}) => ({
  name: 'mnist',
  digest: 'abc123',
  source_type: 'http',
  source: '{"url": "https://example.org/mnist"}',
  schema: '{"columns": []}',
  profile: '{"rows": 10}',
  ...fields,
});

const context = (value: string) => [{ key: 'mlflow.data.context', value }];
const input = (fields: Record<string, unknown> = {}, tags: unknown = context('train')) => ({
  tags,
  dataset: dataset(fields),
});
const inputs = (...datasets: readonly unknown[]) => ({ run_id: '<run>', datasets });
/** For what is odd: this run, of another experiment, is not looked at. */
const odd = (...datasets: readonly unknown[]) => ({ run_id: '<odd>', datasets });
const nobody = '0'.repeat(32);

export const datasets: readonly Scenario[] = [
  scenario('datasets', [
    post(
      'the experiment',
      '/experiments/create',
      { name: 'datasets <pass>' },
      { learn: { first: 'experiment_id' } },
    ),
    ...['run', 'other'].map((name) =>
      post(
        `the ${name}`,
        '/runs/create',
        { experiment_id: '<first>', run_name: name, start_time: 1_600_000_000_000 },
        {
          learn: { [name]: 'run.info.run_id' },
        },
      ),
    ),
    post(
      'an experiment apart',
      '/experiments/create',
      { name: 'datasets apart <pass>' },
      { learn: { apart: 'experiment_id' } },
    ),
    post(
      'a run apart',
      '/runs/create',
      { experiment_id: '<apart>', run_name: 'odd', start_time: 1_600_000_000_000 },
      { learn: { odd: 'run.info.run_id' } },
    ),
    ...posts('/runs/log-inputs', [
      ['logged', inputs(input())],
      ['logged again', inputs(input())],
      ['logged in another context', inputs(input({}, context('eval')))],
      ['logged with another digest', inputs(input({ digest: 'def456' }, context('test')))],
      ['logged without tags', inputs({ dataset: dataset({ name: 'tagless' }) })],
      [
        'logged for another run',
        { run_id: '<other>', datasets: [input({ name: 'other' }, context('train'))] },
      ],
      [
        'logged with little',
        inputs({ dataset: { name: 'little', digest: 'd', source_type: 't', source: 's' } }),
      ],
      ['two at once', inputs(input({ name: 'first' }), input({ name: 'second' }))],
      ['one twice at once', inputs(input({ name: 'twice' }), input({ name: 'twice' }))],
      ['nothing', { run_id: '<run>' }],
      ['an empty list', inputs()],
      ['no run', { datasets: [input()] }, 'run_id'],
      ['a run that there is not', { run_id: nobody, datasets: [input()] }],
      ['what is no list', { run_id: '<run>', datasets: 'mnist' }, 'datasets'],
      ['an input without a dataset', odd({ tags: [] })],
      ['a dataset without a name', odd({ dataset: { digest: 'd', source_type: 't', source: 's' } })],
      ['a dataset without a digest', odd({ dataset: { name: 'n', source_type: 't', source: 's' } })],
      ['a dataset without a source', odd({ dataset: { name: 'n', digest: 'd' } })],
      ['a name of 500 characters', inputs(input({ name: 'n'.repeat(500) }))],
      ['a name of 501 characters', odd(input({ name: 'n'.repeat(501) }))],
      ['a digest of 36 characters', inputs(input({ name: 'digest', digest: 'd'.repeat(36) }))],
      ['a digest of 37 characters', odd(input({ digest: 'd'.repeat(37) }))],
      ['a number as name', odd(input({ name: 7 }))],
      [
        'a tag with a key of 256 characters',
        inputs(input({ name: 'longkey' }, [{ key: 'k'.repeat(256), value: 'v' }])),
      ],
      [
        'a tag with a value of 501 characters',
        inputs(input({ name: 'longvalue' }, [{ key: 'k', value: 'v'.repeat(501) }])),
      ],
      ['a tag without a key', odd(input({ name: 'keyless' }, [{ value: 'v' }]))],
      ['an unknown field', inputs({ ...input({ name: 'unknown' }), color: 'red' })],
    ]),
    get('are shown with the run', '/runs/get?run_id=<run>'),
    ...posts('/runs/search', [
      ['found by name', { experiment_ids: ['<first>'], filter: "datasets.name = 'other'" }],
      ['found by another name', { experiment_ids: ['<first>'], filter: "dataset.name != 'other'" }],
      ['found by a part of a name', { experiment_ids: ['<first>'], filter: "datasets.name LIKE 'mni%'" }],
      [
        'found by names',
        {
          experiment_ids: ['<first>'],
          filter: "datasets.name IN ('other', 'mnist')",
          order_by: ['run_name'],
        },
      ],
      ['found by no names', { experiment_ids: ['<first>'], filter: "datasets.name NOT IN ('other')" }],
      [
        'found by another name than that',
        { experiment_ids: ['<first>'], filter: "datasets.name NOT IN ('mnist')", order_by: ['run_name'] },
      ],
      ['found by digest', { experiment_ids: ['<first>'], filter: "datasets.digest ILIKE 'DEF%'" }],
      ['found by context', { experiment_ids: ['<first>'], filter: "datasets.context = 'eval'" }],
      ['found by another context', { experiment_ids: ['<first>'], filter: "dataset.context != 'train'" }],
      [
        'found by contexts',
        { experiment_ids: ['<first>'], filter: "dataset.context IN ('train')", order_by: ['run_name'] },
      ],
      ['found by nothing', { experiment_ids: ['<first>'], filter: "datasets.name = 'none'" }],
      ['refused: greater', { experiment_ids: ['<first>'], filter: "datasets.name > 'a'" }],
      ['refused: is null', { experiment_ids: ['<first>'], filter: 'datasets.name IS NULL' }],
      ['refused: unknown part', { experiment_ids: ['<first>'], filter: "datasets.source = 'x'" }],
    ]),
    ...posts('root:/ajax-api/2.0/mlflow/experiments/search-datasets', [
      ['in the experiment', { experiment_ids: ['<first>'] }],
      ['in no experiment', {}],
      ['in an experiment that there is not', { experiment_ids: ['987654'] }],
      ['in an experiment that is no number', { experiment_ids: ['x'] }],
      ['in 21 experiments', { experiment_ids: Array.from({ length: 21 }, () => '<first>') }],
      ['in a text', { experiment_ids: '<first>' }],
    ]),
  ]),
];
