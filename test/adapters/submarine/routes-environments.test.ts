import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, type Client, createClient, listOf } from './harness.js';

let client: Client;

beforeEach(async () => {
  client = await createClient();
});

afterEach(() => client.close());

const path = '/api/v1/environment';
const sent = {
  name: 'my-submarine-env',
  dockerImage: 'continuumio/anaconda3',
  kernelSpec: {
    name: 'team_default_python_3.7',
    channels: ['defaults'],
    condaDependencies: ['_ipyw_jlab_nb_ext_conf=0.1.0=py37_0', 'anaconda=2020.02=py37_0'],
    pipDependencies: ['apache-submarine==0.5.0'],
  },
};
const shown = { ...sent, description: null, image: null };

const create = (body: unknown = sent) => client.call('POST', path, { body });

describe('environments', () => {
  it('are stored and shown with every key', async () => {
    const { createdAtMs } = client.site.deps.ports.store;
    const created = await create();
    expect(created).toMatchObject({ http: 200, success: true });
    expect(created.result).toEqual({
      environmentId: `environment_${createdAtMs}_0001`,
      environmentSpec: shown,
    });
    expect((await client.call('GET', `${path}/my-submarine-env`)).result).toEqual(created.result);
    expect((await client.call('GET', `${path}/`)).result).toEqual([created.result]);
    expect((await client.call('GET', `${path}?status=x`)).result).toEqual([created.result]);
  });

  it('are none at first', async () => {
    expect((await client.call('GET', path)).result).toEqual([]);
  });

  it('are found by any name that they were given', async () => {
    for (const name of [
      'Über uns',
      'a%b',
      '100%',
      '日本',
      'a+b',
      "'; drop table environment; --",
      'toString',
    ]) {
      expect((await create({ name })).http).toBe(200);
      const { result } = await client.call('GET', `${path}/${encodeURIComponent(name)}`);
      expect(at(result, 'environmentSpec.name')).toBe(name);
    }
    expect(listOf((await client.call('GET', path)).result)).toHaveLength(7);
  });

  it('take a name once', async () => {
    await create();
    const answer = await create();
    expect(answer).toMatchObject({
      http: 400,
      status: 'BAD_REQUEST',
      message: 'Unable to process the environment spec.',
    });
  });

  it('are replaced as a whole, and keep their id', async () => {
    const { result } = await create();
    const body = { name: 'my-submarine-env', image: 'other', more: 1 };
    const patched = await client.call('PATCH', `${path}/my-submarine-env`, { body });
    expect(patched.result).toEqual({
      environmentId: at(result, 'environmentId'),
      environmentSpec: { ...body, dockerImage: null, kernelSpec: null, description: null },
    });
    expect((await client.call('GET', `${path}/my-submarine-env`)).result).toEqual(patched.result);
  });

  it('can be renamed, but not to a name that is taken', async () => {
    await create();
    await create({ name: 'taken' });
    const renamed = await client.call('PATCH', `${path}/my-submarine-env`, { body: { name: 'new' } });
    expect(at(renamed.result, 'environmentSpec.name')).toBe('new');
    expect((await client.call('GET', `${path}/my-submarine-env`)).http).toBe(404);
    const clash = await client.call('PATCH', `${path}/new`, { body: { name: 'taken' } });
    expect(clash).toMatchObject({ http: 400, message: 'Unable to process the environment spec.' });
  });

  it('are deleted, and their name is free again with a new id', async () => {
    const { result } = await create();
    expect((await client.call('DELETE', `${path}/my-submarine-env`)).result).toEqual(result);
    expect((await client.call('GET', `${path}/my-submarine-env`)).http).toBe(404);
    expect(at((await create()).result, 'environmentId')).not.toBe(at(result, 'environmentId'));
  });

  it.each(['GET', 'PATCH', 'DELETE'])('%s of an unknown one is Submarine’s 404', async (method) => {
    const options = method === 'PATCH' ? { body: sent } : {};
    const answer = await client.call(method, `${path}/none`, options);
    expect(answer).toMatchObject({ http: 404, status: 'NOT_FOUND', message: 'Environment not found.' });
    if (method !== 'PATCH') return;
    expect(await client.call('PATCH', `${path}/none`, { body: '' })).toMatchObject({ http: 404 });
  });

  it.each(['', 'null'])('refuse the empty body %j', async (body) => {
    await create();
    for (const [method, at] of [
      ['POST', path],
      ['PATCH', `${path}/my-submarine-env`],
    ] as const) {
      expect(await client.call(method, at, { body })).toMatchObject({
        http: 400,
        message: 'Invalid environment spec.',
      });
    }
  });

  it.each([
    [{ image: 'x' }, /^name: Unable to process the environment spec\.$/],
    [{ name: '' }, /^name: Unable to process the environment spec\.$/],
    [{ name: 'a/b' }, /^name: must not be a path$/],
    [{ name: 'a', image: 5 }, /^image: /],
    [{ name: 'a', kernelSpec: { channels: [5] } }, /^kernelSpec/],
  ])('refuse %j', async (body, message) => {
    const answer = await create(body);
    expect(answer.http).toBe(400);
    expect(answer.message).toMatch(message);
  });
});
