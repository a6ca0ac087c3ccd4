import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactPath, runRoot } from '../../../src/core/artifact-path.js';
import type { RunId } from '../../../src/core/ids.js';
import { classify } from '../../../src/core/metrics.js';
import { bytesOf } from '../../conformance/artifacts/tar.js';
import { at, type Client, createClient, seedExperiment } from './harness.js';

let client: Client;

beforeEach(async () => {
  client = await createClient();
});

afterEach(() => client.close());

async function createdId(): Promise<string> {
  const { result } = await client.call('POST', '/api/v1/experiment', { body: seedExperiment });
  return String(at(result, 'experimentId'));
}

describe('beside experiments', () => {
  it('ping', async () => {
    expect(await client.call('GET', '/api/v1/experiment/ping')).toMatchObject({ http: 200, result: 'Pong' });
  });

  it.each(['tensorboard', 'mlflow'])('%s is not deployed', async (service) => {
    const answer = await client.call('GET', `/api/v1/experiment/${service}`);
    expect(answer).toMatchObject({
      http: 404,
      status: 'NOT_FOUND',
      message: expect.stringMatching(/ is not deployed\.$/),
    });
  });

  it('artifacts are listed, files and folders; none of an id that names no experiment', async () => {
    const { result } = await client.call('POST', '/api/v1/experiment', { body: seedExperiment });
    const id = String(at(result, 'experimentId'));
    const list = (of: string) => client.call('GET', `/api/v1/experiment/artifacts/${of}`);
    for (const of of [id, 'none', id.replace(/.$/, '9')])
      expect(await list(of)).toMatchObject({ http: 200, result: [] });

    const { artifacts, store } = client.site.deps.ports;
    const run = await store.read.runs.find(String(at(result, 'uid')) as RunId);
    if (run === null) throw new Error('the experiment is not stored');
    for (const path of ['model/weights', 'model/deep/er', 'a b.txt'])
      await artifacts.write(runRoot(run.artifactRoot), artifactPath(path), bytesOf('x'));
    expect(await list(id)).toMatchObject({
      result: [`s3://submarine/experiment/${id}/a b.txt`, `s3://submarine/experiment/${id}/model/`],
    });
  });

  it.each([
    ['GET', '/api/v1/notebook'],
    ['POST', '/api/v1/notebook'],
    ['GET', '/api/v1/notebook/x'],
    ['POST', '/api/v1/serve'],
    ['GET', '/api/v1/registered-model'],
    ['GET', '/api/v1/model-version/x/1'],
    ['POST', '/api/v1/internal/TFJob/x'],
    ['GET', '/api/v1/experiment/a/b'],
  ])('%s %s is not served, and the answer names it', async (method, path) => {
    const answer = await client.call(method, path, method === 'POST' ? { body: {} } : {});
    expect(answer).toMatchObject({
      http: 404,
      status: 'NOT_FOUND',
      message: `there is no ${method} ${path}`,
    });
  });

  it('every path answers another method with 405 and what it allows', async () => {
    const answer = await client.call('PUT', '/api/v1/experiment', { body: {} });
    expect(answer).toMatchObject({ http: 405, status: 'METHOD_NOT_ALLOWED' });
    expect(answer.headers.get('allow')).toMatch(/GET.*POST|POST.*GET/);
  });

  it('HEAD and OPTIONS work as in any JAX-RS server', async () => {
    const head = await client.raw('HEAD', '/api/v1/experiment');
    expect([head.status, await head.text()]).toEqual([200, '']);
    const options = await client.raw('OPTIONS', '/api/v1/experiment');
    expect([options.status, options.headers.get('allow')]).toEqual([200, expect.stringContaining('GET')]);
  });

  it('answers JSON or nothing', async () => {
    const headers = { Accept: 'text/html' };
    expect(await client.call('GET', '/api/v1/experiment', { headers })).toMatchObject({
      http: 406,
      status: 'NOT_ACCEPTABLE',
    });
  });
});

describe('metrics and params', () => {
  async function log(): Promise<void> {
    const { ports, workspace } = client.site.deps;
    const [run] = await ports.store.read.runs.page({ workspaceKey: workspace.key, limit: 1 });
    if (run === undefined) throw new Error('it was created');
    const values = [0.5, Number.NaN, Number.POSITIVE_INFINITY, null];
    const points = values.map((value, step) => ({
      key: 'loss',
      ...classify(value),
      step: BigInt(step),
      timestampMs: 1592057969000n,
      timestampUs: 0,
    }));
    await ports.store.transaction(async (tx) => {
      await tx.metrics.append(run.key, points, ports.clock.now());
      await tx.params.upsert(run.key, [{ key: 'lr', type: 'string', text: '0.10', number: 0.1 }]);
    });
  }

  it('are those of the experiment', async () => {
    const id = await createdId();
    await log();
    const metrics = await client.call('POST', '/api/metric/selective', { body: { id } });
    const common = { id, key: 'loss', workerIndex: 'worker-0', timestamp: '2020-06-13T14:19:29.000+00:00' };
    expect(metrics.result).toEqual([
      { ...common, value: 0.5, step: 0, isNan: false },
      { ...common, value: 0, step: 1, isNan: true },
      { ...common, value: Number.MAX_VALUE, step: 2, isNan: false },
    ]);
    const params = await client.call('POST', '/api/param/selective', { body: { id } });
    expect(params.result).toEqual([{ id, key: 'lr', value: '0.10', workerIndex: 'worker-0' }]);
  });

  it.each(['metric', 'param'])(
    '%s: none of an unknown id, and of an experiment without any',
    async (kind) => {
      for (const id of [await createdId(), 'none']) {
        expect(await client.call('POST', `/api/${kind}/selective`, { body: { id } })).toMatchObject({
          http: 200,
          result: [],
        });
      }
      expect(await client.call('POST', `/api/${kind}/selective`, { body: {} })).toMatchObject({ http: 400 });
    },
  );
});
