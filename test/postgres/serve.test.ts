import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type RunningServer, startServer } from '../support/server.js';
import { createDatabase, dropDatabase, execute } from './database.js';

let url: string;
let server: RunningServer;

beforeAll(async () => {
  url = await createDatabase(inject('postgresUrl'));
  server = await startServer({ env: { FRANCA_DB: url } });
});

afterAll(async () => {
  await server.stop();
  await dropDatabase(inject('postgresUrl'), url);
});

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1/experiment${path}`, {
    ...init,
    headers: { 'content-type': 'application/json' },
  });
  const body = (await answer.json()) as { result: T; message: string | null };
  expect(body.message).toBeNull();
  return body.result;
}

it('a server on PostgreSQL runs a job to its end, and its rows are there', async () => {
  const spec = {
    meta: { name: 'hello', framework: 'TensorFlow', cmd: 'echo $(FRANCA_RUN_ID)' },
    environment: { image: 'none' },
    spec: { Worker: { replicas: 2, resources: 'cpu=1,memory=64M' } },
  };
  const posted = await ask<{ experimentId: string; uid: string }>('', {
    method: 'POST',
    body: JSON.stringify(spec),
  });
  await expect
    .poll(() => ask<{ status: string }>(`/${posted.experimentId}`), { timeout: 30_000 })
    .toMatchObject({ status: 'Succeeded' });
  const log = await ask<{ logContent: { podName: string; podLog: string[] }[] }>(
    `/logs/${posted.experimentId}`,
  );
  expect(log.logContent[0]).toEqual({ podName: 'hello-worker-0', podLog: [posted.uid] });
  const { rows } = await execute(url, 'select id, status from run');
  expect(rows).toEqual([{ id: posted.uid, status: 'succeeded' }]);
});
