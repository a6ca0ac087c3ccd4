import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.js';
import type { Status } from '../../src/core/status.js';
import { hex, type Names } from './facts.js';
import {
  at,
  createPlatform,
  experiments,
  home,
  listOf,
  objectOf,
  type Platform,
  recordsOf,
} from './support.js';
import { dashed, namesOf } from './writers/writer.js';

/** What each dialect shows of a run in each status; of what Polyaxon has no word for, what the run was before. */
const shown = {
  created: ['created', 'Accepted', 'SCHEDULED', 'RUNNING'],
  queued: ['created', 'Accepted', 'SCHEDULED', 'RUNNING'],
  resuming: ['resuming', 'Accepted', 'SCHEDULED', 'RUNNING'],
  building: ['building', 'Created', 'SCHEDULED', 'RUNNING: why'],
  unschedulable: ['unschedulable', 'Created', 'SCHEDULED', 'RUNNING: why'],
  scheduled: ['scheduled', 'Created', 'SCHEDULED', 'RUNNING'],
  starting: ['starting', 'Created', 'SCHEDULED', 'RUNNING: why'],
  running: ['running', 'Running', 'RUNNING', 'RUNNING'],
  warning: ['warning', 'Running', 'RUNNING', 'RUNNING: why'],
  stopping: ['running', 'Running', 'RUNNING', 'RUNNING'],
  unknown: ['unknown', 'Running', 'RUNNING', 'RUNNING: why'],
  succeeded: ['succeeded', 'Succeeded', 'FINISHED', 'SUCCEEDED'],
  failed: ['failed', 'Failed', 'FAILED', 'FAILED: why'],
  upstream_failed: ['upstream_failed', 'Failed', 'FAILED', 'FAILED: why'],
  stopped: ['stopped', 'Failed', 'KILLED', 'FAILED: why'],
  skipped: ['skipped', 'Failed', 'KILLED', 'FAILED: why'],
} as const satisfies Record<Status, readonly [string, string, string, string]>;

type Shown = (typeof shown)[Status];

const everyStatus = Object.keys(shown) as Status[];

/** What clients of each dialect report, as the status that it is. */
const reported = {
  Polyaxon: everyStatus
    .filter((status) => status !== 'queued' && status !== 'stopping')
    .map((word) => [word, word]),
  MLflow: [
    ['SCHEDULED', 'running'],
    ['RUNNING', 'running'],
    ['FINISHED', 'succeeded'],
    ['FAILED', 'failed'],
    ['KILLED', 'stopped'],
  ],
  'MLflow’s seed': [
    ['running', 'running'],
    ['Finished', 'succeeded'],
    ['failed', 'failed'],
    ['KILLED', 'stopped'],
  ],
} as const;

let platform: Platform;

beforeAll(async () => {
  platform = await createPlatform();
});

afterAll(() => platform.close());

/** What is shown of a run: also in lists, which are another way. */
async function seen(names: Names): Promise<Shown> {
  const id = hex(names.uuid);
  const ask = platform;
  const path = `ri.models.main.experiment.${names.uuid}?preview=true`;
  const [polyaxon, submarine, mlflow, seed, foundry] = await Promise.all([
    ask.polyaxon('GET', `${home}/${names.number}`),
    ask.submarine('GET', `${experiments}/${names.experimentId}`),
    ask.mlflow('GET', `/api/2.0/mlflow/runs/get?run_id=${id}`),
    ask.mlflow('GET', `/api/v1/experiments/runs/${id}`),
    ask.foundry('GET', `/api/v2/models/ri.models.main.model.${names.project}/experiments/${path}`),
  ]);
  expect(at(seed.body, 'status')).toBe(at(mlflow.body, 'run.info.status'));
  const message = at(foundry.body, 'statusMessage');
  const { status } = foundry.body as { status: string };
  return [
    at(polyaxon.body, 'last_status'),
    at(submarine.result, 'status'),
    at(mlflow.body, 'run.info.status'),
    message === undefined ? status : `${status}: ${message}`,
  ] as unknown as Shown;
}

/** Why it is in its status, as Submarine and both faces of MLflow tell it; undefined for nothing. */
async function whySeen(names: Names): Promise<unknown[]> {
  const id = hex(names.uuid);
  const [submarine, mlflow, seed] = await Promise.all([
    platform.submarine('GET', `${experiments}/${names.experimentId}`),
    platform.mlflow('GET', `/api/2.0/mlflow/runs/get?run_id=${id}`),
    platform.mlflow('GET', `/api/v1/experiments/runs/${id}`),
  ]);
  const key = 'franca.statusMessage';
  return [
    at(submarine.result, 'reason'),
    recordsOf(at(mlflow.body, 'run.data.tags')).find((tag) => tag.key === key)?.value,
    objectOf(at(seed.body, 'tags'))[key],
  ];
}

/** Whether a run is in the list that each dialect gives of the runs in a status that it shows. */
async function found(names: Names, [polyaxon, submarine, mlflow, foundry]: Shown): Promise<boolean[]> {
  const id = hex(names.uuid);
  const query = encodeURIComponent(`status:${polyaxon}`);
  const where = { type: 'eq', field: 'STATUS', value: foundry.split(':')[0] };
  const model = `/api/v2/models/ri.models.main.model.${names.project}`;
  const lists = await Promise.all([
    platform.polyaxon('GET', `${home}?limit=1000&query=${query}`),
    platform.submarine('GET', `${experiments}?status=${submarine}`),
    platform.mlflow('POST', '/api/2.0/mlflow/runs/search', {
      experiment_ids: ['0'],
      filter: `attributes.status = '${mlflow}'`,
    }),
    platform.mlflow('GET', `/api/v1/experiments/runs?experiment_id=0&status=${mlflow}&limit=1000`),
    platform.foundry('POST', `${model}/experiments/search?preview=true`, { where, pageSize: 100 }),
  ]);
  const [ofPolyaxon, ofSubmarine, ofMlflow, ofSeed, ofFoundry] = lists;
  return [
    listOf(ofPolyaxon.body).results.some(({ uuid }) => uuid === id),
    recordsOf(ofSubmarine.result).some(({ uid }) => uid === names.uuid),
    recordsOf(at(ofMlflow.body, 'runs')).some((run) => at(run, 'info.run_id') === id),
    recordsOf(at(ofSeed.body, 'runs')).some(({ run_id }) => run_id === id),
    recordsOf(at(ofFoundry.body, 'data')).some(({ rid }) => String(rid).endsWith(names.uuid)),
  ];
}

const file = JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'sleep 9' } });

const managed = {
  async Polyaxon() {
    const { body } = await platform.polyaxon('POST', home, { content: file });
    return dashed(String(at(body, 'uuid')));
  },
  async Submarine() {
    const spec = { meta: { name: 'a', framework: 'PyTorch', cmd: 'sleep 9' }, spec: { Master: {} } };
    return String(at((await platform.submarine('POST', experiments, spec)).result, 'uid'));
  },
} as const;

describe.each(Object.entries(managed))('a run of %s that Franca runs', (_name, create) => {
  it.each(Object.entries(shown))(
    'is in every dialect, when it is %s, what that is there',
    async (status, words) => {
      const names = await namesOf(platform, await create());
      const { store } = platform.deps.ports;
      const run = await store.read.runs.find(names.uuid as RunId);
      if (run === null) throw new Error('the run is there');
      // What the runner and the system say is said to the store; the run was running before, if ever it was.
      await store.transaction(async (tx) => {
        const event = {
          runKey: run.key,
          jobKey: null,
          attempt: 1,
          effective: true,
          reason: null,
          traceback: null,
        };
        const said = { ...event, at: platform.tick(), details: null, origin: 'runner' } as const;
        if (status === 'stopping') await tx.statuses.append({ ...said, status: 'running', message: null });
        await tx.statuses.append({ ...said, status: status as Status, message: 'why' });
        await tx.runs.update(run.key, { status: status as Status, statusMessage: 'why' }, said.at);
      });
      expect(await seen(names)).toEqual(words);
      expect(await whySeen(names)).toEqual([words[1] === 'Accepted' ? undefined : 'why', 'why', 'why']);
      expect(await found(names, words)).toEqual([true, true, true, true, true]);
    },
  );
});

const reports = {
  async Polyaxon(status: string) {
    const { body } = await platform.polyaxon('POST', home, { is_managed: false });
    const path = `${home}/${at(body, 'id')}/statuses`;
    // Of what may follow nothing else: a run is resumed after it was stopped, and is created once.
    if (status === 'resuming') await platform.polyaxon('POST', path, { status: 'stopped' });
    await platform.polyaxon('POST', path, { status, message: 'why' });
    return dashed(String(at(body, 'uuid')));
  },
  async MLflow(status: string) {
    const { body } = await platform.mlflow('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' });
    const run_id = String(at(body, 'run.info.run_id'));
    await platform.mlflow('POST', '/api/2.0/mlflow/runs/update', { run_id, status });
    return dashed(run_id);
  },
  async 'MLflow’s seed'(status: string) {
    const runs = '/api/v1/experiments/runs';
    const id = String(at((await platform.mlflow('POST', runs, { experiment_id: '0' })).body, 'run_id'));
    await platform.mlflow('POST', `${runs}/${id}/end`, { status });
    return dashed(id);
  },
} as const;

/** What is told where nobody said why: what the word of Foundry leaves out. */
const untold: Partial<Record<Status, string>> = { failed: 'FAILED', stopped: 'FAILED: stopped' };

describe.each(Object.entries(reported))('a status that a client of %s reports', (name, words) => {
  it.each<readonly string[]>(words)('%s is the status %s', async (word = '', status = '') => {
    const names = await namesOf(platform, await reports[name as keyof typeof reports](word));
    const [polyaxon, submarine, mlflow, foundry] = shown[status as Status];
    const told = name === 'Polyaxon' ? foundry : (untold[status as Status] ?? foundry);
    expect(await seen(names)).toEqual([polyaxon, submarine, mlflow, told]);
    // What is created once is not created again, so that report does not count.
    const why = name === 'Polyaxon' && status !== 'created' ? 'why' : undefined;
    expect(await whySeen(names)).toEqual([submarine === 'Accepted' ? undefined : why, why, why]);
  });
});
