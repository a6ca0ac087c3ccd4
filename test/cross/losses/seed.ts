import { at, type Json, jsonText, type Platform } from '../support.js';
import { dashed } from '../writers/writer.js';
import { type Field, type Fields, lost, type Shown } from './field.js';

const runs = '/api/v1/experiments/runs';
const plain = { experiment_id: '0', name: 'plain' };

async function create(platform: Platform, body: Json): Promise<string> {
  const answer = await platform.mlflow('POST', runs, body);
  if (answer.http !== 201) throw new Error(answer.text);
  return String(at(answer.body, 'run_id'));
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
      const id = await create(platform, plain);
      const body = says ? said : base;
      if (body === null) return dashed(id);
      const answer = await platform.mlflow('POST', `${runs}/${id}/${path}`, body);
      if (answer.http !== 200) throw new Error(answer.text);
      return dashed(id);
    },
    shown,
  };
}

const runFields: Fields = {
  name: created(
    { name: 'said' },
    {
      polyaxon: 'detail.name',
      submarine: 'experiment.name',
      mlflow: 'run.info.run_name',
      seed: 'run.name',
      foundry: lost('it shows none; a search finds names'),
    },
  ),
  description: created(
    { description: 'said' },
    {
      polyaxon: 'detail.description',
      submarine: lost('it has none'),
      mlflow: 'run.data.tags',
      seed: 'run.description',
      foundry: lost('it has none'),
    },
  ),
  tags: created(
    { tags: { said: 'x' } },
    {
      polyaxon: 'detail.tags',
      submarine: 'experiment.spec.meta.tags',
      mlflow: 'run.data.tags',
      seed: 'run.tags',
      foundry: 'experiment.tags',
    },
  ),
};

const at1 = { timestamp: 1, step: 1 };

const metricFields: Fields = {
  metrics: sent(
    'log-metrics',
    { metrics: { a: 1 }, ...at1 },
    { metrics: { a: 2 }, ...at1 },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories.a',
      seed: 'run.metrics',
      foundry: 'series.a',
    },
  ),
  step: sent(
    'log-metrics',
    { metrics: { a: 1 }, ...at1 },
    { metrics: { a: 1 }, ...at1, step: 2 },
    {
      polyaxon: lost('its rows have no steps'),
      submarine: 'points',
      mlflow: 'histories.a',
      seed: lost('it shows the last value alone'),
      foundry: 'series.a',
    },
  ),
  timestamp: sent(
    'log-metrics',
    { metrics: { a: 1 }, ...at1 },
    { metrics: { a: 1 }, ...at1, timestamp: 2 },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories.a',
      seed: lost('it shows the last value alone'),
      foundry: 'series.a',
    },
  ),
};

const paramFields: Fields = {
  params: sent(
    'log-params',
    null,
    { params: { a: 'said' } },
    {
      polyaxon: 'detail.params',
      submarine: 'params',
      mlflow: 'run.data.params',
      seed: 'run.params',
      foundry: 'experiment.parameters',
    },
  ),
  'params, their types': sent(
    'log-params',
    { params: { a: '1' } },
    { params: { a: 1 } },
    {
      polyaxon: 'detail.params',
      submarine: lost('it has texts alone'),
      mlflow: lost('it has texts alone'),
      seed: lost('it shows texts alone'),
      foundry: lost('the text alone tells it the type'),
    },
  ),
  'params, integers beyond 2^53': sent(
    'log-params',
    { params: { a: 2n ** 53n } },
    { params: { a: 2n ** 53n + 1n } },
    {
      polyaxon: lost('its JSON has doubles alone'),
      submarine: 'params',
      mlflow: 'run.data.params',
      seed: 'run.params',
      foundry: 'experiment.parameters',
    },
  ),
};

const endFields: Fields = {
  status: sent(
    'end',
    { end_time: 1 },
    { status: 'failed', end_time: 1 },
    {
      polyaxon: 'detail.last_status',
      submarine: 'experiment.status',
      mlflow: 'run.info.status',
      seed: 'run.status',
      foundry: 'experiment.status',
    },
  ),
  end_time: sent(
    'end',
    {},
    { end_time: 1 },
    {
      polyaxon: 'detail.finished_at',
      submarine: 'experiment.finishedTime',
      mlflow: 'run.info.end_time',
      seed: 'run.end_time',
      foundry: lost('it shows when a run was created alone'),
    },
  ),
};

/** What clients of the seed's face say of a run, by where they say it. */
export const seedFields = {
  run: runFields,
  metric: metricFields,
  param: paramFields,
  end: endFields,
} as const;
