import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, type Client, createClient, listOf, objectOf, seedExperiment } from './harness.js';
import { wireSpec } from './wire-specs.js';

let client: Client;

beforeEach(async () => {
  client = await createClient();
});

afterEach(() => client.close());

const path = '/api/v1/experiment';

async function create(document: unknown = seedExperiment): Promise<Record<string, unknown>> {
  const { http, result, message } = await client.call('POST', path, { body: document });
  expect([http, message]).toEqual([200, null]);
  return objectOf(result);
}

async function createdId(document: unknown = seedExperiment): Promise<string> {
  return String((await create(document)).experimentId);
}

const named = (name: string, more: object = {}) => ({
  ...seedExperiment,
  meta: { ...seedExperiment.meta, name, ...more },
});

describe('create', () => {
  it('answers the accepted experiment in the seed’s shape', async () => {
    const answer = await client.call('POST', path, { body: seedExperiment });
    expect(answer).toMatchObject({ http: 200, status: 'OK', code: 200, success: true, message: null });
    const ms = client.site.deps.ports.store.createdAtMs;
    expect(answer.result).toMatchObject({
      experimentId: `experiment_${ms}_0001`,
      name: 'tf-mnist-json',
      uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      status: 'Accepted',
      acceptedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/),
      createdTime: null,
      runningTime: null,
      finishedTime: null,
      spec: { ...seedExperiment, meta: { ...seedExperiment.meta, experimentId: `experiment_${ms}_0001` } },
    });
  });

  it('takes the same name twice: each is an experiment of its own', async () => {
    expect(await createdId()).not.toBe(await createdId());
  });

  it('takes YAML, and answers JSON', async () => {
    const body = 'meta: {name: Y, framework: tensorflow, cmd: run}\nspec:\n  Worker: {replicas: 2}\n';
    const answer = await client.call('POST', path, { body, type: 'application/yaml; charset=utf-8' });
    expect(answer.http).toBe(200);
    expect(at(answer.result, 'spec.spec.Worker.replicas')).toBe(2);
    expect(at(answer.result, 'name')).toBe('y');
  });

  it('ignores whatever experimentId, cpu, memory and gpu a client sends', async () => {
    const sent = {
      ...named('a', { experimentId: 'experiment_1_0001' }),
      spec: { Worker: { replicas: 1, cpu: '4', memory: null, gpu: '1' } },
    };
    const experiment = await create(sent);
    expect(at(experiment, 'spec.meta.experimentId')).toBe(experiment.experimentId);
    expect(at(experiment, 'spec.spec.Worker')).toMatchObject({ cpu: '4', memory: null, resourceMap: {} });
  });

  it.each(['', ' \n', 'null', '# nothing'])(
    'answers 200 without a result to the empty body %j',
    async (body) => {
      const type = body.startsWith('#') ? 'application/yaml' : 'application/json';
      const answer = await client.call('POST', path, { body, type });
      expect(answer).toMatchObject({
        http: 200,
        status: 'OK',
        code: 200,
        success: null,
        message: 'Invalid experiment spec.',
        result: null,
      });
      expect(listOf((await client.call('GET', path)).result)).toEqual([]);
    },
  );

  it.each([
    ['meta', { ...seedExperiment, meta: undefined }, /^meta: /],
    ['meta.name', named(''), /^meta\.name: /],
    ['meta.framework', { ...seedExperiment, meta: { name: 'a' } }, /^meta\.framework: /],
    ['spec', { ...seedExperiment, spec: undefined }, /^spec: /],
    [
      'spec.Worker.replicas',
      { ...seedExperiment, spec: { Worker: { replicas: -1 } } },
      /^spec\.Worker\.replicas: /,
    ],
    [
      'spec.Worker.resources',
      { ...seedExperiment, spec: { Worker: { resources: 'cpu=x' } } },
      /^spec\.Worker\.resources: /,
    ],
    ['meta.envVars', named('a', { envVars: { 'A=B': 'x' } }), /^meta\.envVars\.A=B: /],
    ['no replica', { ...seedExperiment, spec: {} }, /^spec: /],
    ['no replica', { ...seedExperiment, spec: { Worker: { replicas: 0 } } }, /^spec: /],
    ['too many', { ...seedExperiment, spec: { Worker: { replicas: 1000 }, Ps: { replicas: 1 } } }, /^spec: /],
    ['two roles of one name', { ...seedExperiment, spec: { Worker: {}, worker: {} } }, /^spec: /],
    ['a framework', named('a', { framework: 'Keras' }), /^Unsupported framework name: Keras\. /],
    ['a role', { ...seedExperiment, spec: { Boss: {} } }, /^Unrecognized replica type name: Boss, /],
    [
      'a git address',
      { ...seedExperiment, code: { syncMode: 'git', git: { url: 'x' } } },
      /^Invalid Code Spec: URL is malformed\. x$/,
    ],
  ])('refuses %s in words', async (_what, body, message) => {
    const answer = await client.call('POST', path, { body });
    expect(answer).toMatchObject({ http: 400, status: 'BAD_REQUEST', success: null, result: null });
    expect(answer.message).toMatch(message);
  });

  it('refuses an environment that is not stored', async () => {
    const answer = await client.call('POST', path, {
      body: { ...seedExperiment, environment: { name: 'none' } },
    });
    expect(answer).toMatchObject({ http: 404, status: 'NOT_FOUND', message: 'Environment not found.' });
  });

  it('takes the image of a stored environment', async () => {
    await client.call('POST', '/api/v1/environment', { body: { name: 'env', dockerImage: 'image:1' } });
    const experiment = await create({ ...seedExperiment, environment: { name: 'env' } });
    expect(at(experiment, 'spec.environment.name')).toBe('env');
    const { store } = client.site.deps.ports;
    const [run] = await store.read.runs.page({ workspaceKey: client.site.deps.workspace.key, limit: 1 });
    const spec = run === undefined ? null : await store.read.specs.find(run.key, 1);
    expect(spec?.roles.map(({ image }) => image)).toEqual(['image:1', 'image:1']);
  });

  it('finds the first answer again by an idempotency key, and refuses another request with it', async () => {
    const headers = { 'Idempotency-Key': 'k1' };
    const first = await client.call('POST', path, { body: seedExperiment, headers });
    const again = await client.call('POST', path, { body: seedExperiment, headers });
    expect(again.text).toBe(first.text);
    const other = await client.call('POST', path, { body: named('other'), headers });
    expect(other).toMatchObject({ http: 409, status: 'CONFLICT' });
    expect(listOf((await client.call('GET', path)).result)).toHaveLength(1);
  });

  it('stores what it was sent: any spec is shown the same ever after', async () => {
    await fc.assert(
      fc.asyncProperty(wireSpec, async (sent) => {
        const created = await create(sent);
        const shown = await client.call('GET', `${path}/${String(created.experimentId)}`);
        expect(shown.result).toEqual(created);
      }),
      { numRuns: 40 },
    );
  });
});

describe('get', () => {
  it('takes ids with dashes, as since Submarine 0.6, and a trailing slash', async () => {
    const id = await createdId();
    for (const form of [id, id.replaceAll('_', '-'), `${id}/`, `/${id}`]) {
      expect(at((await client.call('GET', `${path}/${form}`)).result, 'experimentId')).toBe(id);
    }
  });

  it.each(['GET', 'PATCH', 'DELETE'])('%s of an unknown id is Submarine’s 404', async (method) => {
    const id = await createdId();
    const body = method === 'PATCH' ? { body: seedExperiment } : {};
    for (const unknown of [
      id.replace(/0001$/, '0002'),
      id.replace(/0001$/, '1'),
      'experiment_1_0001',
      'x',
      '..%2f..%2fetc',
    ]) {
      const answer = await client.call(method, `${path}/${unknown}`, body);
      expect(answer).toMatchObject({ http: 404, status: 'NOT_FOUND', message: 'Not found experiment.' });
    }
  });
});

describe('list', () => {
  it('shows all in the order in which they came, whole without a limit', async () => {
    for (const name of ['a', 'b', 'c']) await create(named(name));
    const names = async (query: string) =>
      listOf((await client.call('GET', `${path}${query}`)).result).map(({ name }) => name);
    expect(await names('')).toEqual(['a', 'b', 'c']);
    expect(await names('/')).toEqual(['a', 'b', 'c']);
    expect(await names('?limit=2')).toEqual(['a', 'b']);
    expect(await names('?limit=2&offset=1')).toEqual(['b', 'c']);
    expect(await names('?offset=5')).toEqual([]);
    expect(await names('?limit=0')).toEqual([]);
  });

  it.each([
    ['?status=accepted', 1],
    ['?status=ACCEPTED', 1],
    ['?status=Running', 0],
    ['?status=Deleted', 0],
    ['?status=nonsense', 0],
    ['?status=', 0],
    ['?unknown=1', 1],
  ])('%s', async (query, count) => {
    await create();
    for (const list of [path, `${path}/logs`]) {
      expect(listOf((await client.call('GET', list + query)).result)).toHaveLength(count);
    }
  });

  it('is more than one page long', async () => {
    const { ports, workspace } = client.site.deps;
    const experiment = await create(named('first'));
    const [run] = await ports.store.read.runs.page({ workspaceKey: workspace.key, limit: 1 });
    if (run === undefined) throw new Error('it was created');
    await ports.store.transaction(async (tx) => {
      for (let count = 0; count < 1001; count += 1) {
        await tx.runs.insert({
          ...run,
          id: ports.ids.uuid() as typeof run.id,
          name: `n${count}`,
          specRevision: null,
        });
      }
    });
    const answer = await client.raw('GET', path);
    const list = listOf(objectOf(await answer.json()).result);
    expect(list).toHaveLength(1002);
    expect(list[0]).toMatchObject({ experimentId: experiment.experimentId, name: 'first' });
    expect(new Set(list.map(({ experimentId }) => experimentId)).size).toBe(1002);
    expect(list.at(-1)).toMatchObject({ name: 'n1000', spec: { meta: { tags: [], envVars: {} } } });
  });
});

describe('patch', () => {
  const rescaled = {
    ...seedExperiment,
    spec: { ...seedExperiment.spec, Worker: { replicas: 2, resources: 'cpu=1,memory=2048M' } },
  };

  it('replaces the whole spec and answers the experiment with its own id', async () => {
    const before = await create(named('Before', { tags: ['a', 'b'] }));
    const patch = { body: { ...rescaled, meta: { ...rescaled.meta, name: 'After', tags: ['b', 'c'] } } };
    const answer = await client.call('PATCH', `${path}/${String(before.experimentId)}`, patch);
    expect(answer).toMatchObject({ http: 200, success: true });
    expect(answer.result).toMatchObject({
      ...before,
      name: 'After',
      spec: { ...patch.body, meta: { ...patch.body.meta } },
    });
    expect(at(answer.result, 'spec.meta.experimentId')).toBe(before.experimentId);
    expect((await client.call('GET', `${path}/${String(before.experimentId)}`)).result).toEqual(
      answer.result,
    );
  });

  it('adds the pods of more replicas', async () => {
    const id = await createdId();
    await client.call('PATCH', `${path}/${id}`, { body: rescaled });
    const { result } = await client.call('GET', `${path}/logs/${id}`);
    expect(listOf(at(result, 'logContent')).map(({ podName }) => podName)).toEqual([
      'tf-mnist-json-ps-0',
      'tf-mnist-json-worker-0',
      'tf-mnist-json-worker-1',
    ]);
  });

  it('takes back what was shown and changes nothing by it', async () => {
    const before = await create(named('tf', { tags: ['x'], color: 'red' }));
    const answer = await client.call('PATCH', `${path}/${String(before.experimentId)}`, {
      body: before.spec,
    });
    expect(answer.result).toEqual(before);
  });

  it('with an empty body changes nothing and says so with 200', async () => {
    const before = await create();
    const answer = await client.call('PATCH', `${path}/${String(before.experimentId)}`, { body: '' });
    expect(answer).toMatchObject({
      http: 200,
      success: null,
      message: 'Invalid experiment spec.',
      result: null,
    });
    expect((await client.call('GET', `${path}/${String(before.experimentId)}`)).result).toEqual(before);
  });

  it('with an empty body of an unknown experiment is a 404 all the same', async () => {
    const answer = await client.call('PATCH', `${path}/experiment_1_0001`, { body: '' });
    expect(answer).toMatchObject({ http: 404, message: 'Not found experiment.' });
  });

  it('of a faulty spec changes nothing', async () => {
    const before = await create();
    const answer = await client.call('PATCH', `${path}/${String(before.experimentId)}`, {
      body: named('x', { framework: 'Keras' }),
    });
    expect(answer.http).toBe(400);
    expect((await client.call('GET', `${path}/${String(before.experimentId)}`)).result).toEqual(before);
  });
});

describe('delete', () => {
  it('answers the last experiment as Deleted; then nobody sees it', async () => {
    const before = await create();
    const id = String(before.experimentId);
    const answer = await client.call('DELETE', `${path}/${id}`);
    expect(answer.result).toEqual({ ...before, status: 'Deleted' });
    for (const [method, gone] of [
      ['GET', `${path}/${id}`],
      ['GET', `${path}/logs/${id}`],
      ['DELETE', `${path}/${id}`],
    ] as const) {
      expect(await client.call(method, gone)).toMatchObject({ http: 404, message: 'Not found experiment.' });
    }
    expect(listOf((await client.call('GET', path)).result)).toEqual([]);
    expect(listOf((await client.call('GET', `${path}/logs`)).result)).toEqual([]);
  });
});
