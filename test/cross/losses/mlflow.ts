import { at, type Json, jsonText, type Platform } from '../support.js';
import { dashed } from '../writers/writer.js';
import { type Field, type Fields, lost, type Shown } from './field.js';

const base = '/api/2.0/mlflow';

async function post(platform: Platform, path: string, body: Json): Promise<unknown> {
  const answer = await platform.mlflow('POST', base + path, body);
  if (answer.http !== 200) throw new Error(answer.text);
  return answer.body;
}

const plain = { experiment_id: '0', run_name: 'plain' };

async function create(platform: Platform, body: Json): Promise<string> {
  return String(at(await post(platform, '/runs/create', body), 'run.info.run_id'));
}

/** Of a run when it is created. */
function created(said: Json, shown: Shown): Field {
  return {
    base: 'plain',
    make: async (platform, says) => dashed(await create(platform, says ? { ...plain, ...said } : plain)),
    shown,
  };
}

/** Of what is sent to a run that is there. */
function sent(path: string, base: Json | null, said: Json, shown: Shown): Field {
  return {
    base: base === null ? 'plain' : `${path} ${jsonText(base)}`,
    async make(platform, says) {
      const run_id = await create(platform, plain);
      const body = says ? said : base;
      if (body !== null) await post(platform, path, { run_id, ...body });
      return dashed(run_id);
    },
    shown,
  };
}

const own = {
  polyaxon: lost('it has none; MLflow’s own is kept'),
  submarine: lost('it has none; MLflow’s own is kept'),
  seed: lost('it has none; MLflow’s own is kept'),
  foundry: lost('it has none; MLflow’s own is kept'),
};

const name: Shown = {
  polyaxon: 'detail.name',
  submarine: 'experiment.name',
  mlflow: 'run.info.run_name',
  seed: 'run.name',
  foundry: lost('it shows none; a search finds names'),
};

const runFields: Fields = {
  run_name: created({ run_name: 'said' }, name),
  user_id: created({ user_id: 'said' }, { mlflow: 'run.info.user_id', ...own }),
  start_time: created(
    { start_time: 1 },
    {
      polyaxon: 'detail.started_at',
      submarine: 'experiment.runningTime',
      mlflow: 'run.info.start_time',
      seed: 'run.start_time',
      foundry: lost('it shows when a run was created alone'),
    },
  ),
  tags: created(
    { tags: [{ key: 'said', value: 'x' }] },
    {
      polyaxon: 'detail.tags',
      submarine: 'experiment.spec.meta.tags',
      mlflow: 'run.data.tags',
      seed: 'run.tags',
      foundry: 'experiment.tags',
    },
  ),
};

/** One of the tags that mean something. */
const tag = (key: string, shown: Shown) => sent('/runs/set-tag', null, { key, value: 'said' }, shown);

const inTags = { mlflow: 'run.data.tags', seed: 'run.tags' };
const bookkeeping: Shown = {
  polyaxon: lost('bookkeeping of MLflow’s clients is in no list of tags'),
  submarine: lost('bookkeeping of MLflow’s clients is in no list of tags'),
  foundry: lost('bookkeeping of MLflow’s clients is in no list of tags'),
  ...inTags,
};
const noCode = lost('it has no place for it');

const tagFields: Fields = {
  'mlflow.runName': tag('mlflow.runName', name),
  'mlflow.note.content': tag('mlflow.note.content', {
    polyaxon: 'detail.description',
    submarine: lost('it has none'),
    mlflow: 'run.data.tags',
    seed: 'run.description',
    foundry: lost('it has none'),
  }),
  'mlflow.parentRunId': tag('mlflow.parentRunId', {
    polyaxon: lost('it has no runs within runs'),
    submarine: lost('it has no runs within runs'),
    foundry: lost('it has no runs within runs'),
    ...inTags,
  }),
  'mlflow.source.git.commit': tag('mlflow.source.git.commit', {
    polyaxon: 'code.commit',
    submarine: noCode,
    foundry: noCode,
    ...inTags,
  }),
  'mlflow.source.git.branch': tag('mlflow.source.git.branch', {
    polyaxon: 'code.branch',
    submarine: lost('of code without an address there is nothing that it could fetch'),
    foundry: 'experiment.branch',
    ...inTags,
  }),
  'mlflow.source.git.repoURL': tag('mlflow.source.git.repoURL', {
    polyaxon: 'code.git_url',
    submarine: 'experiment.spec.code',
    foundry: noCode,
    ...inTags,
  }),
  'mlflow.source.name': tag('mlflow.source.name', bookkeeping),
  'mlflow.user': tag('mlflow.user', bookkeeping),
  'foundry.branch': tag('foundry.branch', {
    polyaxon: 'detail.tags',
    submarine: 'experiment.spec.meta.tags',
    foundry: 'experiment.branch',
    ...inTags,
  }),
};

const updateFields: Fields = {
  status: sent(
    '/runs/update',
    null,
    { status: 'FAILED' },
    {
      polyaxon: 'detail.last_status',
      submarine: 'experiment.status',
      mlflow: 'run.info.status',
      seed: 'run.status',
      foundry: 'experiment.status',
    },
  ),
  end_time: sent(
    '/runs/update',
    { status: 'FINISHED' },
    { status: 'FINISHED', end_time: 1 },
    {
      polyaxon: 'detail.finished_at',
      submarine: 'experiment.finishedTime',
      mlflow: 'run.info.end_time',
      seed: 'run.end_time',
      foundry: lost('it shows when a run was created alone'),
    },
  ),
  'end_time, of a run that goes on': sent(
    '/runs/update',
    null,
    { end_time: 1 },
    {
      ...own,
      mlflow: 'run.info.end_time',
      seed: 'run.end_time',
    },
  ),
  run_name: sent('/runs/update', null, { run_name: 'said' }, name),
};

const loss = { key: 'loss', value: 1, timestamp: 1, step: 1 };
const metric = (said: Json, shown: Shown) => sent('/runs/log-metric', loss, { ...loss, ...said }, shown);

const metricFields: Fields = {
  key: metric(
    { key: 'said' },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories',
      seed: 'run.metrics',
      foundry: 'series',
    },
  ),
  value: metric(
    { value: 2 },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories',
      seed: 'run.metrics',
      foundry: 'series',
    },
  ),
  timestamp: metric(
    { timestamp: 2 },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories',
      seed: lost('it shows the last value alone'),
      foundry: 'series',
    },
  ),
  'timestamp, of the year 10000 and on': sent(
    '/runs/log-metric',
    { ...loss, timestamp: 253_402_300_800_000 },
    { ...loss, timestamp: 253_402_300_800_001 },
    {
      polyaxon: lost('its times have years of four digits'),
      submarine: lost('its times have years of four digits'),
      mlflow: 'histories',
      seed: lost('it shows the last value alone'),
      foundry: 'series',
    },
  ),
  step: metric(
    { step: 2 },
    {
      polyaxon: lost('its rows have no steps'),
      submarine: 'points',
      mlflow: 'histories',
      seed: lost('it shows the last value alone'),
      foundry: 'series',
    },
  ),
};

const paramFields: Fields = {
  key: sent(
    '/runs/log-parameter',
    { key: 'a', value: '1' },
    { key: 'said', value: '1' },
    {
      polyaxon: 'detail.params',
      submarine: 'params',
      mlflow: 'run.data.params',
      seed: 'run.params',
      foundry: 'experiment.parameters',
    },
  ),
  value: sent(
    '/runs/log-parameter',
    { key: 'a', value: '1' },
    { key: 'a', value: '1.0' },
    {
      polyaxon: 'detail.params',
      submarine: 'params',
      mlflow: 'run.data.params',
      seed: 'run.params',
      foundry: 'experiment.parameters',
    },
  ),
};

const dataset = { name: 'a', source_type: 'local', source: 'x' };
/** Of a dataset that a project knows, by its name and digest, the first word counts: so each run has its own. */
function input(said: Json, tags: readonly Json[] = []): Field {
  return {
    base: 'a dataset',
    async make(platform, says) {
      const run_id = await create(platform, plain);
      const own = { ...dataset, digest: run_id };
      const used = says ? { dataset: { ...own, ...said }, tags } : { dataset: own };
      await post(platform, '/runs/log-inputs', { run_id, datasets: [used] });
      return dashed(run_id);
    },
    shown: { ...own, mlflow: 'run.inputs.dataset_inputs' },
  };
}

const datasetFields: Fields = {
  name: input({ name: 'said' }),
  digest: input({ digest: 'said' }),
  source_type: input({ source_type: 'said' }),
  source: input({ source: 'said' }),
  schema: input({ schema: 'said' }),
  profile: input({ profile: 'said' }),
  tags: input({}, [{ key: 'mlflow.data.context', value: 'said' }]),
};

/** Of a model that a run has to do with. */
function model(path: string, models: (model_id: string) => Json[], shown: Shown): Field {
  return {
    base: 'plain',
    async make(platform, says) {
      const run_id = await create(platform, plain);
      if (!says) return dashed(run_id);
      const body = await post(platform, '/logged-models', { experiment_id: '0', name: 'net' });
      await post(platform, path, { run_id, models: models(String(at(body, 'model.info.model_id'))) });
      return dashed(run_id);
    },
    shown,
  };
}

const besideFields: Fields = {
  'a model that it read': model('/runs/log-inputs', (model_id) => [{ model_id }], {
    ...own,
    mlflow: 'run.inputs.model_inputs',
  }),
  'a model that it wrote': model('/runs/outputs', (model_id) => [{ model_id, step: 1 }], {
    ...own,
    mlflow: 'run.outputs.model_outputs',
  }),
  'a file': {
    base: 'plain',
    async make(platform, says) {
      const run_id = await create(platform, plain);
      const path = `/api/2.0/mlflow-artifacts/artifacts/0/${run_id}/artifacts/a.txt`;
      if (says) await platform.raw('PUT', path, Buffer.from('said'));
      return dashed(run_id);
    },
    shown: {
      polyaxon: 'files',
      submarine: 'artifacts',
      mlflow: 'files',
      seed: lost('it takes files, and lists none'),
      foundry: lost('it has tables alone'),
    },
  },
};

/** What MLflow's clients say of a run, by where they say it. */
export const mlflowFields = {
  run: runFields,
  tags: tagFields,
  update: updateFields,
  metric: metricFields,
  param: paramFields,
  dataset: datasetFields,
  beside: besideFields,
} as const;
