import { at, home, type Json, jsonText, type Platform } from '../support.js';
import { dashed } from '../writers/writer.js';
import { type Field, type Fields, lost, type Shown } from './field.js';

async function create(platform: Platform, body: Json): Promise<{ uuid: string; path: string }> {
  const answer = await platform.polyaxon('POST', home, body);
  if (answer.http !== 201) throw new Error(answer.text);
  return { uuid: dashed(String(at(answer.body, 'uuid'))), path: `${home}/${at(answer.body, 'id')}` };
}

const tracked = { is_managed: false };

/** Of the experiment itself, when it is created. */
function created(field: Json, shown: Shown, base: Json = tracked): Field {
  return {
    base: jsonText(base),
    make: async (platform, says) => (await create(platform, says ? { ...base, ...field } : base)).uuid,
    shown,
  };
}

/** Of what is posted below an experiment. */
function posted(path: string, base: Json | null, said: Json, shown: Shown): Field {
  return {
    base: base === null ? jsonText(tracked) : `${path} ${jsonText(base)}`,
    async make(platform, says) {
      const run = await create(platform, tracked);
      const body = says ? said : base;
      if (body !== null) await platform.polyaxon('POST', `${run.path}/${path}`, body);
      return run.uuid;
    },
    shown,
  };
}

const plainFile = { version: 1, kind: 'experiment', run: { cmd: 'echo a' } };
const content = (file: Json) => ({ content: JSON.stringify(file) });

/** A section of the file of an experiment that is run. */
function section(said: Json, shown: Omit<Shown, 'polyaxon'>): Field {
  return created(
    content({ ...plainFile, ...said }),
    { polyaxon: 'detail.config', ...shown },
    content(plainFile),
  );
}

const extension = {
  submarine: lost('it has none; Polyaxon’s own is kept'),
  mlflow: lost('it has none; Polyaxon’s own is kept'),
  seed: lost('it has none; Polyaxon’s own is kept'),
  foundry: lost('it has none; Polyaxon’s own is kept'),
};

const name: Omit<Shown, 'polyaxon'> = {
  submarine: 'experiment.name',
  mlflow: 'run.info.run_name',
  seed: 'run.name',
  foundry: lost('it shows none; a search finds names'),
};

const description = {
  submarine: lost('it has none'),
  mlflow: 'run.data.tags',
  seed: 'run.description',
  foundry: lost('it has none'),
};

const tags = {
  submarine: 'experiment.spec.meta.tags',
  mlflow: 'run.data.tags',
  seed: 'run.tags',
  foundry: 'experiment.tags',
};

const params = {
  submarine: 'params',
  mlflow: 'run.data.params',
  seed: 'run.params',
  foundry: 'experiment.parameters',
};

/** What runs, and how: of no interest to who only tracks. */
const execution = {
  mlflow: lost('it does not say what runs'),
  seed: lost('it does not say what runs'),
  foundry: lost('it does not say what runs'),
};

const framework = { submarine: 'experiment.spec.meta.framework', ...execution };

const experiment: Fields = {
  name: created({ name: 'said' }, { polyaxon: 'detail.name', ...name }),
  description: created({ description: 'said' }, { polyaxon: 'detail.description', ...description }),
  readme: created({ readme: 'said' }, { polyaxon: 'detail.readme', ...extension }),
  tags: created({ tags: ['said'] }, { polyaxon: 'detail.tags', ...tags }),
  params: created({ params: { said: 1 } }, { polyaxon: 'detail.params', ...params }),
  declarations: created({ declarations: { said: 1 } }, { polyaxon: 'detail.declarations', ...params }),
  backend: created({ backend: 'native' }, { polyaxon: 'detail.backend', ...extension }),
  framework: created({ framework: 'pytorch' }, { polyaxon: 'detail.framework', ...framework }),
  run_env: created({ run_env: { user: 'ada' } }, { polyaxon: 'detail.run_env', ...extension }),
  data_refs: created({ data_refs: { a: 'b' } }, { polyaxon: 'detail.data_refs', ...extension }),
  content: created(
    content(plainFile),
    {
      polyaxon: 'detail.content',
      submarine: 'experiment.spec.spec',
      ...execution,
    },
    { is_managed: false },
  ),
  is_managed: created(
    { is_managed: true },
    { polyaxon: 'detail.is_managed', submarine: 'logs', ...execution },
    { ...content(plainFile), is_managed: false },
  ),
  build_job: created({ build_job: 'root.p.builds.3' }, { polyaxon: 'detail.build_job', ...extension }),
  experiment_group: created({ experiment_group: '2' }, { polyaxon: 'detail.experiment_group', ...extension }),
  ttl: created({ ttl: 60 }, { polyaxon: 'detail.ttl', ...extension }),
};

const at1 = { created_at: '2026-11-26T12:00:00.000001Z' };
const at2 = { created_at: '2026-11-26T12:00:01.000001Z' };

const metrics: Fields = {
  values: posted(
    'metrics',
    { values: { loss: 1 }, ...at1 },
    { values: { loss: 2 }, ...at1 },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories.loss',
      seed: 'run.metrics.loss',
      foundry: 'series.loss',
    },
  ),
  'values, a null': posted(
    'metrics',
    { values: { loss: 1 }, ...at1 },
    { values: { loss: 1, none: null }, ...at1 },
    {
      polyaxon: 'rows',
      submarine: lost('a null is no point'),
      mlflow: lost('a null is no point'),
      seed: lost('a null is no point'),
      foundry: lost('a null is no point'),
    },
  ),
  created_at: posted(
    'metrics',
    { values: { loss: 1 }, ...at1 },
    { values: { loss: 1 }, ...at2 },
    {
      polyaxon: 'rows',
      submarine: 'points',
      mlflow: 'histories.loss',
      seed: lost('it shows the last value alone'),
      foundry: 'series.loss',
    },
  ),
  'created_at, its microseconds': posted(
    'metrics',
    { values: { loss: 1 }, ...at1 },
    { values: { loss: 1 }, created_at: '2026-11-26T12:00:00.000002Z' },
    {
      polyaxon: 'rows',
      submarine: lost('its times are of milliseconds'),
      mlflow: lost('its times are of milliseconds'),
      seed: lost('it shows the last value alone'),
      foundry: lost('its times are of milliseconds'),
    },
  ),
};

const failed = { status: 'failed', ...at1 };

const statuses: Fields = {
  status: posted(
    'statuses',
    null,
    { status: 'failed' },
    {
      polyaxon: 'detail.last_status',
      submarine: 'experiment.status',
      mlflow: 'run.info.status',
      seed: 'run.status',
      foundry: 'experiment.status',
    },
  ),
  message: posted(
    'statuses',
    failed,
    { ...failed, message: 'said' },
    {
      polyaxon: 'statuses',
      submarine: 'experiment.reason',
      mlflow: 'run.data.tags',
      seed: 'run.tags',
      foundry: 'experiment.statusMessage',
    },
  ),
  traceback: posted(
    'statuses',
    failed,
    { ...failed, traceback: 'said' },
    { polyaxon: 'statuses', ...extension },
  ),
  details: posted(
    'statuses',
    failed,
    { ...failed, details: { said: 1 } },
    {
      polyaxon: lost('the server of 0.5 shows them of jobs alone'),
      ...extension,
    },
  ),
  created_at: posted(
    'statuses',
    failed,
    { ...failed, ...at2 },
    {
      polyaxon: 'detail.finished_at',
      submarine: 'experiment.finishedTime',
      mlflow: 'run.info.end_time',
      seed: 'run.end_time',
      foundry: lost('it shows when a run was created alone'),
    },
  ),
};

const git = { git_url: 'https://example.org/a.git' };
const tagged = { mlflow: 'run.data.tags', seed: 'run.tags' };
const noCode = lost('it has no place for it');

const coderef: Fields = {
  commit: posted(
    'coderef',
    git,
    { ...git, commit: '0c7f' },
    {
      polyaxon: 'code.commit',
      submarine: noCode,
      ...tagged,
      foundry: noCode,
    },
  ),
  head: posted('coderef', git, { ...git, head: 'refs/heads/x' }, { polyaxon: 'code.head', ...extension }),
  branch: posted(
    'coderef',
    git,
    { ...git, branch: 'x' },
    {
      polyaxon: 'code.branch',
      submarine: 'experiment.spec.code',
      ...tagged,
      foundry: 'experiment.branch',
    },
  ),
  'branch, without an address': posted(
    'coderef',
    null,
    { branch: 'x' },
    {
      polyaxon: 'code.branch',
      submarine: lost('of code without an address there is nothing that it could fetch'),
      ...tagged,
      foundry: 'experiment.branch',
    },
  ),
  git_url: posted('coderef', null, git, {
    polyaxon: 'code.git_url',
    submarine: 'experiment.spec.code',
    ...tagged,
    foundry: noCode,
  }),
  is_dirty: posted('coderef', git, { ...git, is_dirty: true }, { polyaxon: 'code.is_dirty', ...extension }),
  git_diff: posted('coderef', git, { ...git, git_diff: 'x' }, { polyaxon: 'code.git_diff', ...extension }),
};

const sections: Fields = {
  name: section({ name: 'said-so' }, name),
  description: section({ description: 'said' }, description),
  tags: section({ tags: ['said'] }, tags),
  params: section({ params: { said: 1 } }, params),
  declarations: section({ declarations: { said: 1 } }, params),
  framework: section({ framework: 'pytorch' }, framework),
  backend: section({ backend: 'native' }, extension),
  logging: section({ logging: { level: 'DEBUG' } }, extension),
  inputs: section({ inputs: [{ name: 'x', default: 1 }] }, extension),
  outputs: section({ outputs: [{ name: 'x' }] }, extension),
  environment: section(
    { environment: { resources: { cpu: { requests: 2 } } } },
    { submarine: 'experiment.spec.spec.master.resources', ...execution },
  ),
  'environment, limits and TPUs': section(
    { environment: { resources: { cpu: { limits: 2 }, tpu: { requests: 1 } } } },
    { submarine: lost('it has requests alone, and knows no TPUs'), ...execution },
  ),
  ...Object.fromEntries(
    Object.entries({
      node_selector: { disk: 'ssd' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      affinity: { nodeAffinity: { said: 1 } },
    }).map(([name, said]) => [
      `environment, ${name}`,
      section(
        { environment: { [name]: said } },
        { submarine: lost('it has no words for nodes'), ...execution },
      ),
    ]),
  ),
  'environment, env_vars': section(
    { environment: { env_vars: [['A', 'said']] } },
    { submarine: 'experiment.spec.meta.envVars', ...execution },
  ),
  build: section(
    { build: { image: 'a:b' } },
    { submarine: 'experiment.spec.environment.image', ...execution },
  ),
  run: section({ run: { cmd: 'echo said' } }, { submarine: 'experiment.spec.meta.cmd', ...execution }),
};

const beside: Fields = {
  logs: {
    base: jsonText(tracked),
    async make(platform, says) {
      const { uuid, path } = await create(platform, tracked);
      if (says) await platform.polyaxon('POST', `${path}/logs`, JSON.stringify(['said']));
      return uuid;
    },
    shown: {
      polyaxon: 'logs',
      submarine: 'logs',
      mlflow: lost('it has none'),
      seed: lost('it has none'),
      foundry: lost('it has none'),
    },
  },
  bookmark: posted('bookmark', null, {}, { polyaxon: 'detail.bookmarked', ...extension }),
};

/** What Polyaxon's clients say of a run, by where they say it. */
export const polyaxonFields = { experiment, metrics, statuses, coderef, sections, beside } as const;
