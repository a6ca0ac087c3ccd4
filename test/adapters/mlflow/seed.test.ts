import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seedRoutes, seedUpload } from '../../../adapters/mlflow/seed/routes.js';
import { addUser } from '../../../src/services/accounts/add-user.js';
import { createToken } from '../../../src/services/accounts/create-token.js';
import { type Answer, type Client, createClient, objectOf } from './harness.js';

const base = '/api/v1/experiments';
const runs = `${base}/runs`;

let client: Client;

beforeEach(async () => {
  client = await createClient();
});

afterEach(() => client.close());

const send = (method: string, path: string, body?: unknown) =>
  client.call(method, path, body === undefined ? {} : { body });

async function created(path: string, body: unknown): Promise<string> {
  const answer = await send('POST', path, body);
  expect([answer.http, answer.text]).toEqual([201, answer.text]);
  return String(objectOf(answer.body).id);
}

const experiment = (name = 'vision') => created(base, { name });
const run = async (fields: object = {}) =>
  created(runs, { experiment_id: await experiment(`e${Math.random()}`), ...fields });

/** A form with one file, as browsers and `curl -F` send it. */
function form(content: string, { name = 'file', fileName = 'model.txt' } = {}) {
  const body = `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${fileName}"\r\n\r\n${content}\r\n--b--\r\n`;
  return { body, type: 'multipart/form-data; boundary=b' };
}

const faultsOf = (answer: Answer) => [answer.http, objectOf(answer.body).error];

describe('the endpoints of seed 003', () => {
  it('are all served', () => {
    const served = [...Object.values(seedRoutes), seedUpload].map(
      ({ method, path }) => `${method.toUpperCase()} ${path.replace('/api/v1', '').replace('{id}', ':id')}`,
    );
    expect(served.sort()).toEqual(
      [
        'POST /experiments',
        'GET /experiments',
        'GET /experiments/:id',
        'PATCH /experiments/:id',
        'DELETE /experiments/:id',
        'POST /experiments/:id/restore',
        'POST /experiments/runs',
        'GET /experiments/runs',
        'GET /experiments/runs/:id',
        'POST /experiments/runs/:id/log-metrics',
        'POST /experiments/runs/:id/log-params',
        'POST /experiments/runs/:id/log-batch',
        'POST /experiments/runs/:id/log-artifact',
        'POST /experiments/runs/:id/end',
        'POST /experiments/runs/compare',
      ].sort(),
    );
  });
});

describe('experiments', () => {
  it('are created with what the seed names', async () => {
    const answer = await send('POST', base, {
      name: 'string',
      description: 'what it is for',
      artifact_location: 's3://bucket/path',
      tags: { key: 'value' },
    });
    expect(answer.http).toBe(201);
    expect(answer.body).toMatchObject({
      id: '1',
      experiment_id: '1',
      name: 'string',
      description: 'what it is for',
      artifact_location: 's3://bucket/path',
      lifecycle_stage: 'active',
      tags: { key: 'value' },
    });
    expect((await send('GET', `${base}/1`)).body).toEqual(answer.body);
  });

  it.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(256) }, 'name'],
    [{ name: 5 }, 'name'],
    [{ name: 'a', description: 'x'.repeat(1001) }, 'description'],
    [{ name: 'a', artifact_location: 'file:///etc' }, 'artifact_location'],
    [{ name: 'a', artifact_location: 's3://b/x#y' }, 'artifact_location'],
    [{ name: 'a', tags: ['x'] }, 'tags'],
    [{ name: 'a', tags: { k: 5 } }, 'tags.k'],
    [{ name: 'a', tags: { '../k': 'v' } }, 'tags.../k'],
  ])('%j is refused', async (body, field) => {
    const answer = await send('POST', base, body);
    expect(faultsOf(answer)).toEqual([400, 'invalid']);
    expect(objectOf(answer.body).details).toEqual([{ field, message: expect.any(String) }]);
  });

  it('at the limits are taken', async () => {
    await experiment('x'.repeat(255));
    await created(base, { name: 'y', description: 'x'.repeat(1000), tags: null });
  });

  it('have names of their own', async () => {
    await experiment('a');
    expect(faultsOf(await send('POST', base, { name: 'a' }))).toEqual([400, 'already_exists']);
  });

  it('are listed newest first, by a part of the name in any case, by stage, and in pages', async () => {
    for (const name of ['Alpha', 'beta', 'alphabet']) await experiment(name);
    const names = async (query: string) => {
      const { experiments, ...rest } = objectOf((await send('GET', `${base}${query}`)).body);
      return [(experiments as { name: string }[]).map(({ name }) => name), rest];
    };
    expect(await names('')).toEqual([
      ['alphabet', 'beta', 'Alpha', 'Default'],
      { total: 4, limit: 100, offset: 0 },
    ]);
    expect(await names('?search=ALPHA&limit=1&offset=1')).toEqual([
      ['Alpha'],
      { total: 2, limit: 1, offset: 1 },
    ]);
    expect((await send('DELETE', `${base}/2`)).body).toMatchObject({ lifecycle_stage: 'deleted' });
    expect(await names('?lifecycle_stage=deleted')).toEqual([['beta'], { total: 1, limit: 100, offset: 0 }]);
    expect((await names('?search=beta'))[0]).toEqual([]);
    expect((await send('POST', `${base}/2/restore`)).body).toMatchObject({ lifecycle_stage: 'active' });
    expect((await names('?search=beta'))[0]).toEqual(['beta']);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'offset=-1', 'lifecycle_stage=all'])(
    '?%s is refused',
    async (query) => {
      const answer = await send('GET', `${base}?${query}`);
      expect(faultsOf(answer)).toEqual([400, 'invalid']);
      expect(answer.text).toContain(`"field":"${query.split('=')[0]}"`);
    },
  );

  it('are changed in what is named; a tag of null goes', async () => {
    await created(base, { name: 'a', description: 'd', tags: { x: '1', y: '2' } });
    const answer = await send('PATCH', `${base}/1`, { name: 'b', tags: { x: null, z: '3' } });
    expect(answer.body).toMatchObject({ name: 'b', description: 'd', tags: { y: '2', z: '3' } });
    expect((await send('PATCH', `${base}/1`, { description: null })).body).toMatchObject({
      description: null,
    });
    expect((await send('PATCH', `${base}/1`, {})).http).toBe(200);
  });

  it.each(['GET', 'PATCH', 'DELETE'])('that are not there are 404 for %s', async (method) => {
    const answer = await send(method, `${base}/77`, method === 'PATCH' ? {} : undefined);
    expect([answer.http, answer.body]).toEqual([
      404,
      { error: 'not_found', message: 'experiment not found' },
    ]);
    expect((await send(method, `${base}/abc`, method === 'PATCH' ? {} : undefined)).http).toBe(400);
  });
});

describe('runs', () => {
  it('are created in an experiment', async () => {
    const experimentId = await experiment();
    const answer = await send('POST', runs, {
      experiment_id: experimentId,
      name: 'first',
      description: 'd',
      tags: { key: 'value' },
    });
    expect(answer.http).toBe(201);
    const shown = objectOf(answer.body);
    expect(shown).toMatchObject({
      experiment_id: experimentId,
      name: 'first',
      description: 'd',
      status: 'RUNNING',
      lifecycle_stage: 'active',
      end_time: null,
      params: {},
      metrics: {},
      tags: { key: 'value' },
      artifact_uri: `mlflow-artifacts:/${experimentId}/${shown.id}/artifacts`,
    });
    expect((await send('GET', `${runs}/${shown.id}`)).body).toEqual(shown);
  });

  it.each([
    [{}, 400],
    [{ experiment_id: 'x' }, 400],
    [{ experiment_id: '77' }, 404],
    [{ experiment_id: '0', name: 5 }, 400],
  ])('%j is refused', async (body, status) => {
    expect((await send('POST', runs, body)).http).toBe(status);
  });

  it('are listed newest first, by status, in pages', async () => {
    const experimentId = await experiment();
    const ids = [];
    for (let i = 0; i < 3; i += 1) ids.push(await created(runs, { experiment_id: experimentId }));
    await send('POST', `${runs}/${ids[1]}/end`, { status: 'failed' });
    const list = async (query: string) => {
      const { runs: found, ...rest } = objectOf(
        (await send('GET', `${runs}?experiment_id=${experimentId}${query}`)).body,
      );
      return [(found as { id: string }[]).map(({ id }) => id), rest];
    };
    expect(await list('')).toEqual([ids.toReversed(), { total: 3, limit: 100, offset: 0 }]);
    expect(await list('&status=Failed')).toEqual([[ids[1]], { total: 1, limit: 100, offset: 0 }]);
    expect(await list('&limit=1&offset=2')).toEqual([[ids[0]], { total: 3, limit: 1, offset: 2 }]);
    expect(faultsOf(await send('GET', runs))).toEqual([400, 'invalid']);
    expect(faultsOf(await send('GET', `${runs}?experiment_id=${experimentId}&status=x`))).toEqual([
      400,
      'invalid',
    ]);
  });

  it('take metrics with a step and a time', async () => {
    const id = await run();
    const answer = await send('POST', `${runs}/${id}/log-metrics`, {
      metrics: { metric_name: 0.95 },
      step: 10,
      timestamp: 1707723600000,
    });
    expect([answer.http, answer.body]).toEqual([200, { metrics: 1, params: 0, tags: 0 }]);
    await send('POST', `${runs}/${id}/log-metrics`, { metrics: { metric_name: 0.5, nan: 'NaN' }, step: 11 });
    expect((await send('GET', `${runs}/${id}`)).body).toMatchObject({
      metrics: { metric_name: 0.5, nan: 'NaN' },
    });
    const history = await send(
      'GET',
      `/api/2.0/mlflow/metrics/get-history?run_id=${id}&metric_key=metric_name`,
    );
    expect(history.body).toMatchObject({
      metrics: [
        { value: 0.95, step: 10, timestamp: 1707723600000 },
        { value: 0.5, step: 11 },
      ],
    });
  });

  it('take params of every type once', async () => {
    const id = await run();
    const params = { lr: 0.01, epochs: 5, name: 'adam', amsgrad: false };
    const path = `${runs}/${id}/log-params`;
    expect((await send('POST', path, { params })).body).toEqual({ metrics: 0, params: 4, tags: 0 });
    expect((await send('POST', path, { params: { lr: 0.01 } })).http).toBe(200);
    expect(faultsOf(await send('POST', path, { params: { new: 1, lr: 0.02 } }))).toEqual([400, 'conflict']);
    expect((await send('GET', `${runs}/${id}`)).body).toMatchObject({
      params: { lr: '0.01', epochs: '5', name: 'adam', amsgrad: 'false' },
    });
  });

  it('take a batch, all of it or nothing', async () => {
    const id = await run();
    const batch = {
      metrics: [{ key: 'loss', value: 0.34, step: 1 }],
      params: [{ key: 'lr', value: '0.01' }],
      tags: [{ key: 'type', value: 'baseline' }],
    };
    const path = `${runs}/${id}/log-batch`;
    expect((await send('POST', path, batch)).body).toEqual({ metrics: 1, params: 1, tags: 1 });
    const wrong = { ...batch, params: [{ key: 'lr', value: '0.02' }], tags: [{ key: 'other', value: '' }] };
    expect((await send('POST', path, wrong)).http).toBe(400);
    expect(faultsOf(await send('POST', path, { metrics: [{ key: 'loss' }] }))).toEqual([400, 'invalid']);
    expect((await send('GET', `${runs}/${id}`)).body).toMatchObject({
      metrics: { loss: 0.34 },
      params: { lr: '0.01' },
      tags: { type: 'baseline' },
    });
    expect((await send('POST', path, {})).body).toEqual({ metrics: 0, params: 0, tags: 0 });
  });

  it('take a file, in a folder or in none', async () => {
    const id = await run();
    const path = `${runs}/${id}/log-artifact`;
    const sha256 = createHash('sha256').update('weights').digest('hex');
    expect((await client.call('POST', path, form('weights'))).body).toEqual({
      path: 'model.txt',
      size: 7,
      sha256,
    });
    const below = await client.call('POST', `${path}?artifact_path=a/b/`, form('x'));
    expect(below.body).toMatchObject({ path: 'a/b/model.txt', size: 1 });
    const list = await send('GET', `/api/2.0/mlflow/artifacts/list?run_id=${id}`);
    expect(list.body).toMatchObject({
      files: [
        { path: 'a', is_dir: true },
        { path: 'model.txt', file_size: 7 },
      ],
    });
  });

  it.each([
    ['a file without a name', '', form('x', { fileName: '' }), 400],
    ['a name that is a path', '', form('x', { fileName: '..' }), 400],
    ['another part', '', form('x', { name: 'other' }), 400],
    ['no form', '', { body: {} }, 415],
  ])('refuse %s', async (_name, query, options, status) => {
    const answer = await client.call('POST', `${runs}/${await run()}/log-artifact${query}`, options);
    expect(answer.http).toBe(status);
  });

  it('end as FINISHED, or as the client says, when it says', async () => {
    const [a, b] = [await run(), await run()];
    const ended = objectOf((await send('POST', `${runs}/${a}/end`)).body);
    expect(ended).toMatchObject({ status: 'FINISHED', end_time: expect.any(Number) });
    const killed = await send('POST', `${runs}/${b}/end`, { status: 'KILLED', end_time: 1707723600000 });
    expect(killed.body).toMatchObject({ status: 'KILLED', end_time: 1707723600000 });
    expect(faultsOf(await send('POST', `${runs}/${b}/end`, { status: 'OVER' }))).toEqual([400, 'invalid']);
  });

  it('that are not there are 404', async () => {
    for (const path of [`${runs}/${'0'.repeat(32)}`, `${runs}/nonsense`]) {
      expect((await send('GET', path)).http).toBe(404);
      expect((await send('POST', `${path}/log-params`, { params: {} })).http).toBe(404);
    }
  });
});

describe('a comparison', () => {
  it('has the values of each metric and param side by side', async () => {
    const ids = [await run(), await run(), await run()];
    for (const [place, id] of ids.entries()) {
      await send('POST', `${runs}/${id}/log-metrics`, {
        metrics: { val_accuracy: place / 10, val_loss: 1 },
        step: 0,
      });
      await send('POST', `${runs}/${id}/log-metrics`, { metrics: { val_accuracy: place / 5 }, step: 1 });
      if (place > 0) await send('POST', `${runs}/${id}/log-params`, { params: { lr: place } });
    }
    const answer = await send('POST', `${runs}/compare`, {
      run_ids: ids,
      metrics: ['val_accuracy', 'val_loss', 'none'],
    });
    const [a, b, c] = ids;
    expect(answer.body).toMatchObject({
      runs: ids.map((id) => ({ id })),
      metrics: {
        val_accuracy: {
          runs: { [`${b}`]: { last: 0.2, min: 0.1, max: 0.2 }, [`${c}`]: { last: 0.4, min: 0.2, max: 0.4 } },
          min: { run_id: a, value: 0 },
          max: { run_id: c, value: 0.4 },
        },
      },
      params: { lr: { [`${b}`]: '1', [`${c}`]: '2' } },
    });
    expect(Object.keys(objectOf(objectOf(answer.body).metrics)).sort()).toEqual(['val_accuracy', 'val_loss']);
    const all = await send('POST', `${runs}/compare`, { run_ids: ids });
    expect(all.body).toEqual(answer.body);
  });

  it('is of 2 to 10 runs, each another one', async () => {
    const ids = [];
    for (let i = 0; i < 11; i += 1) ids.push(await created(runs, { experiment_id: '0' }));
    const compare = async (run_ids: unknown) => (await send('POST', `${runs}/compare`, { run_ids })).http;
    expect(await compare(ids.slice(0, 10))).toBe(200);
    for (const wrong of [ids, ids.slice(0, 1), [], [ids[0], ids[0]], 'x', undefined])
      expect(await compare(wrong)).toBe(400);
    expect(await compare([ids[0], '0'.repeat(32)])).toBe(404);
  });
});

describe('other tenants', () => {
  it('are refused with 403, whether they name a thing of one, or a run by its id from their own place', async () => {
    const id = await run();
    const { ports, workspace } = client.site.deps;
    await addUser(ports, { name: 'eve', role: 'none', workspace: workspace.name, superuser: false });
    const { secret } = await createToken(ports, { user: 'eve', label: null, expiresAt: null });
    const Authorization = `Bearer ${secret}`;
    const home = { Authorization, 'X-MLFLOW-WORKSPACE': 'eve' };
    for (const headers of [{ Authorization }, home]) {
      expect(faultsOf(await client.call('GET', `${runs}/${id}`, { headers }))).toEqual([403, 'forbidden']);
      const ended = await client.call('POST', `${runs}/${id}/end`, { headers, body: {} });
      expect(faultsOf(ended)).toEqual([403, 'forbidden']);
    }
    expect((await client.call('GET', `${base}/1`, { headers: { Authorization } })).http).toBe(403);
    expect((await client.call('GET', `${base}/1`, { headers: home })).http).toBe(404);
    expect((await client.call('GET', `${base}/0`, { headers: home })).http).toBe(200);
  });
});
