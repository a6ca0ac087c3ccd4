import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rawAnswerOf } from '../../support/raw-http.js';
import { type RunningServer, startServer } from '../../support/server.js';
import { type Answer, at, checkAnswer, listOf } from './harness.js';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ env: { FRANCA_LOCAL_SLOTS: '4' } });
});

afterAll(() => server.stop());

async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const answer = await fetch(server.url + path, { method, ...init });
  return checkAnswer(method, path, await rawAnswerOf(answer));
}

const experiment = (meta: object, spec: object) => ({
  meta: { name: 'job', framework: 'TensorFlow', ...meta },
  spec,
});

async function create(meta: object, spec: object = { Worker: {} }): Promise<string> {
  const { result } = await call('POST', '/api/v1/experiment', experiment(meta, spec));
  return String(at(result, 'experimentId'));
}

async function reaches(id: string, status: string): Promise<Record<string, unknown>> {
  const { result } = await vi.waitFor(
    async () => {
      const answer = await call('GET', `/api/v1/experiment/${id}`);
      expect(at(answer.result, 'status')).toBe(status);
      return answer;
    },
    { timeout: 15_000, interval: 50 },
  );
  return result as Record<string, unknown>;
}

async function logs(id: string): Promise<Record<string, unknown>> {
  const { result } = await call('GET', `/api/v1/experiment/logs/${id}`);
  return Object.fromEntries(listOf(at(result, 'logContent')).map(({ podName, podLog }) => [podName, podLog]));
}

describe('an experiment that runs', () => {
  it('succeeds, with its times in order and its log', async () => {
    const id = await create({ cmd: 'echo hello  world' });
    const done = await reaches(id, 'Succeeded');
    const times = [done.acceptedTime, done.createdTime, done.runningTime, done.finishedTime].map(String);
    expect(times).toEqual([...times].sort());
    expect(times).not.toContain('null');
    // Two spaces part an empty word, which echo puts between two spaces again.
    expect(await logs(id)).toEqual({ 'job-worker-0': ['hello  world'] });
  });

  it('finds its experiment and this server by its variables, and its own ones', async () => {
    const id = await create({ cmd: 'env', envVars: { A: 'b', LANG: 'own' } });
    await reaches(id, 'Succeeded');
    const lines = (await logs(id))['job-worker-0'];
    expect(lines).toEqual(
      expect.arrayContaining([
        `JOB_ID=${id}`,
        `SUBMARINE_TRACKING_URI=${server.url}`,
        'SUBMARINE_TENSORBOARD_LOG_DIR=logs/mylog',
        'A=b',
        'LANG=own',
      ]),
    );
  });

  it('has references in its words replaced as Kubernetes does it', async () => {
    const id = await create({ cmd: 'echo $(JOB_ID) $(A) $$(A) $(NONE) $A', envVars: { A: 'b' } });
    await reaches(id, 'Succeeded');
    expect(await logs(id)).toEqual({ 'job-worker-0': [`${id} b $(A) $(NONE) $A`] });
  });

  it('fails when its command does, or is not there', async () => {
    for (const cmd of ['false', '/no/such/program', undefined]) {
      const failed = await reaches(await create(cmd === undefined ? {} : { cmd }), 'Failed');
      expect(failed.finishedTime).not.toBeNull();
    }
  });

  it('ends with its chief: the others are stopped and keep their logs', async () => {
    const spec = { Chief: { cmd: 'echo chief' }, Worker: { replicas: 2, cmd: 'sleep 1000' } };
    const id = await create({}, spec);
    await reaches(id, 'Succeeded');
    expect(await logs(id)).toEqual({ 'job-chief-0': ['chief'], 'job-worker-0': [], 'job-worker-1': [] });
  });

  it('starts more replicas when it is patched, and begins anew once it has ended', async () => {
    const spec = (replicas: number, cmd: string) => ({ Ps: { replicas, cmd: 'echo ps' }, Worker: { cmd } });
    const id = await create({}, spec(1, 'sleep 1000'));
    const running = await reaches(id, 'Running');
    const patched = await call('PATCH', `/api/v1/experiment/${id}`, experiment({}, spec(2, 'sleep 1000')));
    expect(patched.result).toMatchObject({ experimentId: id, uid: running.uid, status: 'Running' });
    await vi.waitFor(async () => expect((await logs(id))['job-ps-1']).toEqual(['ps']), { timeout: 10_000 });
    await call('PATCH', `/api/v1/experiment/${id}`, experiment({}, spec(1, 'echo again')));
    const done = await reaches(id, 'Succeeded');
    expect(done.uid).toBe(running.uid);
    expect((await logs(id))['job-worker-0']).toEqual(['again']);
  });

  it('is shown by the filter of its status', async () => {
    const id = await create({ cmd: 'false' });
    await reaches(id, 'Failed');
    const ids = async (status: string) =>
      listOf((await call('GET', `/api/v1/experiment?status=${status}`)).result).map(
        (one) => one.experimentId,
      );
    expect(await ids('failed')).toContain(id);
    expect(await ids('Succeeded')).not.toContain(id);
  });

  it('is gone when it is deleted while it runs', async () => {
    const id = await create({ cmd: 'sleep 1000' });
    await reaches(id, 'Running');
    const { result } = await call('DELETE', `/api/v1/experiment/${id}`);
    expect(result).toMatchObject({ experimentId: id, status: 'Deleted' });
    expect((await call('GET', `/api/v1/experiment/${id}`)).http).toBe(404);
  });
});
