import type { Names, Param, Point } from '../facts.js';
import { at, experiments, type Json, jsonText, type Platform } from '../support.js';
import { logByDatabase } from '../writers/submarine.js';
import { type Field, type Fields, lost, type Shown } from './field.js';

const plain = {
  meta: { name: 'plain', framework: 'TensorFlow', cmd: 'echo a' },
  environment: { image: 'a' },
  spec: { Worker: { replicas: 1, resources: 'cpu=1' } },
};

async function create(platform: Platform, body: Json): Promise<{ uuid: string; experimentId: string }> {
  const answer = await platform.submarine('POST', experiments, body);
  return { uuid: String(at(answer.result, 'uid')), experimentId: String(at(answer.result, 'experimentId')) };
}

/** Of the spec that is sent. */
function sent(body: Json, shown: Shown, base: Json = plain): Field {
  return {
    base: jsonText(base),
    make: async (platform, says) => (await create(platform, says ? body : base)).uuid,
    shown,
  };
}

const meta = (said: Json) => ({ ...plain, meta: { ...plain.meta, ...said } });
const worker = (said: Json) => ({ ...plain, spec: { Worker: { ...plain.spec.Worker, ...said } } });
const code = (branch: string) => ({
  ...plain,
  code: { syncMode: 'git', git: { url: 'https://example.org/a.git', branch } },
});

const execution = {
  mlflow: lost('it does not say what runs'),
  seed: lost('it does not say what runs'),
  foundry: lost('it does not say what runs'),
};
const own = {
  polyaxon: lost('it has none; Submarine’s own is kept'),
  mlflow: lost('it has none; Submarine’s own is kept'),
  seed: lost('it has none; Submarine’s own is kept'),
  foundry: lost('it has none; Submarine’s own is kept'),
};

const metaFields: Fields = {
  name: sent(meta({ name: 'said' }), {
    polyaxon: 'detail.name',
    submarine: 'experiment.name',
    mlflow: 'run.info.run_name',
    seed: 'run.name',
    foundry: lost('it shows none; a search finds names'),
  }),
  namespace: sent(meta({ namespace: 'said' }), { submarine: 'experiment.spec.meta.namespace', ...own }),
  framework: sent(meta({ framework: 'PyTorch' }), {
    polyaxon: 'detail.framework',
    submarine: 'experiment.spec.meta.framework',
    ...execution,
  }),
  cmd: sent(meta({ cmd: 'said' }), {
    polyaxon: 'detail.config.run',
    submarine: 'experiment.spec.meta.cmd',
    ...execution,
  }),
  envVars: sent(meta({ envVars: { A: 'said' } }), {
    polyaxon: 'detail.config.environment',
    submarine: 'experiment.spec.meta.envVars',
    ...execution,
  }),
  tags: sent(meta({ tags: ['said'] }), {
    polyaxon: 'detail.tags',
    submarine: 'experiment.spec.meta.tags',
    mlflow: 'run.data.tags',
    seed: 'run.tags',
    foundry: 'experiment.tags',
  }),
  'a key that it does not know': sent(meta({ said: 1 }), { submarine: 'experiment.spec.meta', ...own }),
};

const specFields: Fields = {
  environment: sent(
    { ...plain, environment: { image: 'said' } },
    {
      polyaxon: 'detail.config.build',
      submarine: 'experiment.spec.environment',
      ...execution,
    },
  ),
  'environment, but for its image': sent(
    { ...plain, environment: { image: 'a', description: 'said' } },
    {
      submarine: 'experiment.spec.environment',
      ...own,
    },
  ),
  spec: sent(
    { ...plain, spec: { Worker: { replicas: 2, resources: 'cpu=1' } } },
    {
      polyaxon: 'jobs',
      submarine: 'experiment.spec.spec',
      ...execution,
    },
  ),
  code: sent(code('x'), {
    polyaxon: 'code.git_url',
    submarine: 'experiment.spec.code',
    mlflow: 'run.data.tags',
    seed: 'run.tags',
    foundry: 'experiment.branch',
  }),
  'code, that is not Git’s': sent(
    { ...plain, code: { syncMode: 'hdfs', url: 'hdfs://x' } },
    {
      submarine: 'experiment.spec.code',
      ...own,
    },
  ),
  experimentHandlerSpec: sent(
    { ...plain, experimentHandlerSpec: { a: 'said' } },
    {
      submarine: 'experiment.spec.experimentHandlerSpec',
      ...own,
    },
  ),
};

const ofTask = { submarine: 'experiment.spec.spec.Worker', ...execution };

const taskFields: Fields = {
  replicas: sent(worker({ replicas: 2 }), { polyaxon: 'jobs', ...ofTask }),
  resources: sent(worker({ resources: 'cpu=2' }), { polyaxon: 'detail.resources', ...ofTask }),
  name: sent(worker({ name: 'said' }), { ...own, submarine: ofTask.submarine }),
  image: sent(worker({ image: 'said' }), { polyaxon: 'detail.config.build', ...ofTask }),
  cmd: sent(worker({ cmd: 'said' }), { polyaxon: 'detail.config.run', ...ofTask }),
  envVars: sent(worker({ envVars: { A: 'said' } }), { polyaxon: 'detail.config.environment', ...ofTask }),
};

const plainPoint = { key: 'loss', value: 1, step: 1n, ms: BigInt(Date.UTC(1971, 6)), us: 0, request: 0 };

/** Of what the SDK logs inside of a job. */
function logged(base: Point[] | Param[], said: Point[] | Param[], shown: Shown): Field {
  return {
    base: jsonText(base),
    async make(platform, says) {
      const run = await create(platform, plain);
      const rows = says ? said : base;
      const points = rows.filter((row): row is Point => 'step' in row);
      const params = rows.filter((row): row is Param => !('step' in row));
      // Neither its number nor its project is asked for.
      await logByDatabase(platform, run as unknown as Names, { points, params });
      return run.uuid;
    },
    shown,
  };
}

const point = (said: Partial<Point>, shown: Shown) =>
  logged([plainPoint], [{ ...plainPoint, ...said }], shown);

const metricFields: Fields = {
  key: point(
    { key: 'said' },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories',
      seed: 'run.metrics',
      foundry: 'series',
    },
  ),
  value: point(
    { value: 2 },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories',
      seed: 'run.metrics',
      foundry: 'series',
    },
  ),
  is_nan: point(
    { value: Number.NaN },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories',
      seed: 'run.metrics',
      foundry: 'series',
    },
  ),
  worker_index: point(
    { worker: 'worker-1' },
    {
      submarine: 'points',
      polyaxon: lost('it does not say who logged a row'),
      mlflow: lost('it does not say who logged a value'),
      seed: lost('it does not say who logged a value'),
      foundry: lost('it does not say who logged a value'),
    },
  ),
  timestamp: point(
    { ms: plainPoint.ms + 1n },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories',
      seed: lost('it shows the last value alone'),
      foundry: 'series',
    },
  ),
  step: point(
    { step: 2n },
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
  key: logged([{ key: 'a', value: '1' }], [{ key: 'said', value: '1' }], {
    polyaxon: 'detail.params',
    submarine: 'params',
    mlflow: 'run.data.params',
    seed: 'run.params',
    foundry: 'experiment.parameters',
  }),
  value: logged([{ key: 'a', value: '1' }], [{ key: 'a', value: 'said' }], {
    polyaxon: 'detail.params',
    submarine: 'params',
    mlflow: 'run.data.params',
    seed: 'run.params',
    foundry: 'experiment.parameters',
  }),
};

/** What Submarine's clients say of a run, by where they say it. */
export const submarineFields = {
  meta: metaFields,
  spec: specFields,
  task: taskFields,
  metric: metricFields,
  param: paramFields,
} as const;
