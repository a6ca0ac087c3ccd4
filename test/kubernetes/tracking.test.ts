import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startClient } from './client.js';
import { isOwn, loadMlflow } from './machine.js';
import { createPlace, type Place } from './support.js';

const image = 'localhost/mlflow:test';
const token = 'test-token-of-the-superuser';
/** Where pods of a cluster of this machine reach it. */
const address = process.env.FRANCA_TEST_HOST_ADDRESS ?? '10.244.0.1';

interface Shown {
  readonly uid: string;
  readonly status: string;
  readonly logs: Readonly<Record<string, readonly string[]>>;
}

interface Said {
  readonly run: string;
  readonly refusal: string | null;
  readonly token: string;
  readonly version: string;
}

interface MlflowRun {
  readonly info: { readonly run_id: string; readonly status: string };
  readonly data: { readonly metrics: readonly object[]; readonly params: readonly object[] };
}

describe.skipIf(!isOwn)('a job that Submarine’s SDK submitted, with the mlflow client in its pod', () => {
  let place: Place;
  let client: Client | undefined;
  beforeAll(async () => {
    await loadMlflow(image);
    place = await createPlace({ FRANCA_HOST: '0.0.0.0', FRANCA_TOKEN: token });
    await place.start({ FRANCA_JOB_URL: `http://${address}:${place.port}` });
  });
  afterEach(() => client?.stop());
  afterAll(() => place?.remove());

  function call(path: string, body?: object, bearer = token): Promise<Response> {
    return fetch(`${place.server().url}${path}`, {
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  }

  const mlflow = async <T>(path: string, body?: object) =>
    (await (await call(`/api/2.0/mlflow/${path}`, body)).json()) as T;

  it('logs metrics, params and an artifact into its own run, and nothing elsewhere', async () => {
    expect((await call('/api/2.0/mlflow/experiments/get?experiment_id=0', undefined, 'wrong')).status).toBe(
      401,
    );
    const other = await mlflow<{ run: MlflowRun }>('runs/create', { experiment_id: '0' });
    client = await startClient('apache-submarine', 'run_submarine.py', {
      url: place.server().url,
      token,
      experiment: {
        meta: {
          name: 'train',
          framework: 'TensorFlow',
          cmd: 'python3 /job/train.py',
          envVars: { OTHER_RUN: other.run.info.run_id, GIT_PYTHON_REFRESH: 'quiet' },
        },
        environment: { image },
        spec: { Worker: { replicas: 1, resources: 'cpu=100m,memory=256M' } },
      },
    });
    const { uid } = await client.next<Shown>();
    const id = uid.replaceAll('-', '');
    const end = await client.next<Shown>();
    expect(end, JSON.stringify(end.logs)).toMatchObject({ status: 'Succeeded' });
    const said = JSON.parse(end.logs['train-worker-0']?.at(-1) ?? '') as Said;
    expect(said).toMatchObject({ run: id, version: '3.17.2' });
    expect(said.refusal).toBe('PERMISSION_DENIED: this may not write the run');

    const { run } = await mlflow<{ run: MlflowRun }>(`runs/get?run_id=${id}`);
    expect(run.info.status).toBe('FINISHED');
    expect(run.data.params).toEqual([{ key: 'lr', value: '0.1' }]);
    const history = await mlflow<{ metrics: readonly object[] }>(
      `metrics/get-history?run_id=${id}&metric_key=loss`,
    );
    expect(history.metrics).toMatchObject([1, 1 / 2, 1 / 3].map((value, step) => ({ value, step })));
    const file = await call(`/get-artifact?run_uuid=${id}&path=model/weights.bin`);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(Uint8Array.from({ length: 256 }, (_, i) => i));
    const untouched = await mlflow<{ run: MlflowRun }>(`runs/get?run_id=${other.run.info.run_id}`);
    expect(untouched.run.data.metrics).toEqual([]);

    const late = { run_id: id, key: 'loss', value: 0, timestamp: 0, step: 9 };
    const refused = await call('/api/2.0/mlflow/runs/log-metric', late, said.token);
    expect(refused.status).toBe(401);
  });
});
