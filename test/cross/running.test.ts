import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningServer, startServer } from '../support/server.js';
import {
  type Apis,
  apisOver,
  at,
  experimentIdOf,
  experiments,
  home,
  listOf,
  millisOf,
  objectOf,
  pathOf,
  recordsOf,
  requestInit,
} from './support.js';

let server: RunningServer;
let both: Apis;

beforeAll(async () => {
  server = await startServer({ env: { FRANCA_LOCAL_SLOTS: '4' } });
  const ask = (method: string, path: string, body?: unknown) =>
    fetch(server.url + path, requestInit(method, body));
  both = apisOver(ask);
});

afterAll(() => server.stop());

interface Both {
  readonly path: string;
  readonly id: string;
}

async function inPolyaxon(file: object): Promise<Both> {
  const content = JSON.stringify({ version: 1, kind: 'experiment', ...file });
  const { body } = await both.polyaxon('POST', home, { content });
  return { path: `${home}/${at(body, 'id')}`, id: await experimentIdOf(both, at(body, 'uuid')) };
}

async function inSubmarine(meta: object, tasks: object): Promise<Both> {
  const { result } = await both.submarine('POST', experiments, {
    meta: { name: 'job', framework: 'TensorFlow', ...meta },
    spec: tasks,
  });
  return { path: await pathOf(both, at(result, 'uid')), id: String(at(result, 'experimentId')) };
}

async function detail(path: string): Promise<Record<string, unknown>> {
  return objectOf((await both.polyaxon('GET', path)).body);
}

async function view(id: string): Promise<Record<string, unknown>> {
  return objectOf((await both.submarine('GET', `${experiments}/${id}`)).result);
}

/** Waits until both show the run so. */
async function reaches({ path, id }: Both, word: string, name: string): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await detail(path)).last_status).toBe(word);
      expect((await view(id)).status).toBe(name);
    },
    { timeout: 15_000, interval: 50 },
  );
}

async function podsOf(id: string): Promise<Record<string, unknown>> {
  const { result } = await both.submarine('GET', `${experiments}/logs/${id}`);
  return Object.fromEntries(
    recordsOf(at(result, 'logContent')).map(({ podName, podLog }) => [podName, podLog]),
  );
}

async function linesOf(path: string): Promise<string[]> {
  const { text } = await both.polyaxon('GET', `${path}/logs`);
  return text.split('\n').slice(0, -1);
}

async function jobsOf(path: string): Promise<Record<string, unknown>[]> {
  return listOf((await both.polyaxon('GET', `${path}/jobs`)).body).results;
}

/** That the two show the same times, those of Submarine to the millisecond. */
async function checkTimes({ path, id }: Both): Promise<void> {
  const [polyaxon, submarine] = [await detail(path), await view(id)];
  const rows = listOf((await both.polyaxon('GET', `${path}/statuses`)).body).results;
  const early = ['building', 'unschedulable', 'scheduled', 'starting'];
  const first = rows.find(({ status }) => early.includes(String(status)));
  expect(submarine).toMatchObject({
    acceptedTime: millisOf(polyaxon.created_at),
    createdTime: millisOf(first?.created_at),
    runningTime: millisOf(polyaxon.started_at),
    finishedTime: millisOf(polyaxon.finished_at),
  });
  expect(rows.at(-1)).toMatchObject({ status: polyaxon.last_status, created_at: polyaxon.finished_at });
}

describe('a run of Polyaxon', () => {
  it('succeeds in both, with the same times, jobs and lines', async () => {
    const cmd = 'echo "$POLYAXON_TASK_INFO" | tr -d " "; echo Größe';
    const run = await inPolyaxon({
      framework: 'tensorflow',
      environment: { replicas: { n_workers: 1, n_ps: 1 } },
      run: { cmd },
    });
    await reaches(run, 'succeeded', 'Succeeded');
    await checkTimes(run);
    const pods = await podsOf(run.id);
    const jobs = await jobsOf(run.path);
    expect(jobs.map(({ role }) => role).sort()).toEqual(['master', 'ps', 'worker']);
    const number = run.path.split('/').at(-1);
    expect(Object.keys(pods)).toEqual(jobs.map(({ role }) => `run-${number}-${role}-0`));
    const master = pods[`run-${number}-master-0`];
    expect(master).toEqual(['{"type":"master","index":0}', 'Größe']);
    const shown = Object.entries(pods).flatMap(([name, lines]) =>
      (lines as string[]).map((line) => `${name.split('-').at(-2)}.1 -- ${line}`),
    );
    expect((await linesOf(run.path)).sort()).toEqual(shown.sort());
  });

  it('fails in both, with the reason in Polyaxon', async () => {
    const run = await inPolyaxon({ run: { cmd: 'echo oh; exit 3' } });
    await reaches(run, 'failed', 'Failed');
    await checkTimes(run);
    const rows = listOf((await both.polyaxon('GET', `${run.path}/statuses`)).body).results;
    expect(String(rows.at(-1)?.message)).toContain('3');
    expect(Object.values(await podsOf(run.id))).toEqual([await linesOf(run.path)]);
  });

  it('that Submarine deletes while it runs is gone in both', async () => {
    const run = await inPolyaxon({ run: { cmd: 'sleep 600' } });
    await reaches(run, 'running', 'Running');
    const { result } = await both.submarine('DELETE', `${experiments}/${run.id}`);
    expect(result).toMatchObject({ status: 'Deleted' });
    expect((await both.polyaxon('GET', run.path)).http).toBe(404);
    expect((await both.submarine('GET', `${experiments}/${run.id}`)).http).toBe(404);
  });

  it('that Submarine gives other words runs in these, without a shell', async () => {
    const run = await inPolyaxon({ run: { cmd: 'echo $((1 + 1))' } });
    await reaches(run, 'succeeded', 'Succeeded');
    await both.submarine('PATCH', `${experiments}/${run.id}`, {
      meta: { name: 'anew', framework: 'TensorFlow', cmd: 'echo $((1 + 1))' },
      spec: { Worker: {} },
    });
    await reaches(run, 'succeeded', 'Succeeded');
    await checkTimes(run);
    const rows = listOf((await both.polyaxon('GET', `${run.path}/statuses`)).body).results;
    expect(rows.filter(({ status }) => status === 'succeeded')).toHaveLength(2);
    const lines = Object.values(await podsOf(run.id));
    expect(lines).toEqual([['2'], ['$((1 + 1))']]);
  });
});

describe('a run of Submarine', () => {
  it('succeeds in both, with the same times, jobs and lines', async () => {
    const run = await inSubmarine(
      { cmd: 'printenv A' },
      {
        Worker: { replicas: 2, envVars: { A: 'worker' } },
        Ps: { replicas: 1, envVars: { A: 'ps' } },
      },
    );
    await reaches(run, 'succeeded', 'Succeeded');
    await checkTimes(run);
    const jobs = await jobsOf(run.path);
    expect(jobs.map(({ role, unique_name }) => [role, unique_name])).toEqual(
      ['worker', 'worker', 'ps'].map((role, index) => [
        role,
        `root.Default.${run.path.split('/').at(-1)}.${index + 1}.${role}`,
      ]),
    );
    const pods = await podsOf(run.id);
    expect(Object.keys(pods)).toEqual(['job-worker-0', 'job-worker-1', 'job-ps-0']);
    expect(pods['job-worker-0']).toEqual(['worker']);
    expect(await linesOf(run.path)).toContain('worker.1 -- worker');
  });

  it('that Polyaxon stops has failed in Submarine, and its jobs are stopped', async () => {
    const run = await inSubmarine({ cmd: 'sleep 600' }, { Worker: { replicas: 2 } });
    await reaches(run, 'running', 'Running');
    expect((await both.polyaxon('POST', `${run.path}/stop`)).http).toBe(200);
    await reaches(run, 'stopped', 'Failed');
    await checkTimes(run);
    expect((await jobsOf(run.path)).map(({ last_status }) => last_status)).toEqual(['stopped', 'stopped']);
  });

  it.each(['restart', 'copy', 'resume'])(
    'runs again by %s, in the same words, without a shell',
    async (kind) => {
      const run = await inSubmarine({ cmd: 'echo $HOME | $(A)', envVars: { A: 'one  two' } }, { Worker: {} });
      await reaches(run, 'succeeded', 'Succeeded');
      const { body } = await both.polyaxon('POST', `${run.path}/${kind}`, {});
      const path = `${home}/${at(body, 'id')}`;
      const id = await experimentIdOf(both, at(body, 'uuid'));
      await reaches({ path, id }, 'succeeded', 'Succeeded');
      expect(Object.values(await podsOf(id))).toEqual([['$HOME | one  two']]);
      expect(await linesOf(path)).toEqual(['$HOME | one  two']);
    },
  );

  it('runs again with another command of Polyaxon’s, in a shell, its variables kept', async () => {
    const run = await inSubmarine({ cmd: 'true', envVars: { A: 'one  two' } }, { Worker: {} });
    const content = "{'run': {'cmd': 'echo \"$A\" | tr a-z A-Z'}}";
    const { body } = await both.polyaxon('POST', `${run.path}/restart`, { content });
    const path = `${home}/${at(body, 'id')}`;
    await reaches({ path, id: await experimentIdOf(both, at(body, 'uuid')) }, 'succeeded', 'Succeeded');
    expect(await linesOf(path)).toEqual(['ONE  TWO']);
  });
});
