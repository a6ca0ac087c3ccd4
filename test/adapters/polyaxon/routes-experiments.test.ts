import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, createClient, listOf, objectOf, type RequestOptions } from './harness.js';

const experiments = '/api/v1/root/p/experiments';
const one = `${experiments}/1`;

let client: Client;

beforeEach(async () => {
  client = await createClient();
  await client.call('POST', '/api/v1/projects', { body: { name: 'p' } });
});

afterEach(() => client.close());

const file = JSON.stringify({
  version: 1,
  kind: 'experiment',
  params: { lr: 0.1 },
  run: { cmd: 'x {{ lr }}' },
});

/** An answer that is as it should be, as an object. */
async function ok(method: string, path: string, http: number, options?: RequestOptions) {
  const answer = await client.call(method, path, options);
  expect([answer.http, answer.text]).toEqual([http, answer.text]);
  return answer.text === '' ? {} : objectOf(answer.body);
}

const track = (body: object = {}) => ok('POST', experiments, 201, { body: { is_managed: false, ...body } });
const patch = (body: object) => ok('PATCH', one, 200, { body });
const idsAt = async (path: string) =>
  listOf((await client.call('GET', path)).body).results.map(({ id }) => id);

describe('create', () => {
  it('of a file is run, and shown with what the file says', async () => {
    const made = await ok('POST', experiments, 201, { body: { content: file, tags: 'a, b', name: 'first' } });
    expect(made).toMatchObject({
      id: 1,
      unique_name: 'root.p.1',
      user: 'root',
      tags: ['a', 'b'],
      name: 'first',
    });
    expect(await ok('GET', one, 200)).toMatchObject({
      is_managed: true,
      content: file,
      params: { lr: 0.1 },
      declarations: { lr: 0.1 },
      num_jobs: 1,
      bookmarked: false,
      original: null,
      is_clone: false,
      total_run: null,
    });
  });

  it('takes null for what was not set, and keeps what it does not use', async () => {
    const kept = { run_env: { python: '3' }, data_refs: { a: 'b' }, readme: '# x', ttl: 60 };
    await track({ name: null, tags: null, params: null, content: null, description: null, ...kept });
    expect(await ok('GET', one, 200)).toMatchObject({
      ...kept,
      name: null,
      tags: null,
      params: null,
      content: null,
    });
  });

  it('gives a name that is taken a number; a change to one is refused', async () => {
    await track({ name: 'x' });
    expect(await track({ name: 'x' })).toMatchObject({ name: 'x-2' });
    expect(await ok('PATCH', `${experiments}/2`, 400, { body: { name: 'x' } })).toEqual({
      name: [expect.any(String)],
    });
    expect(await patch({ name: 'x' })).toMatchObject({ name: 'x' });
  });

  it('with the same Idempotency-Key makes one experiment', async () => {
    const options = { body: { content: file }, headers: { 'Idempotency-Key': 'k' } };
    const first = await ok('POST', experiments, 201, options);
    expect(await ok('POST', experiments, 201, options)).toEqual(first);
    expect(await idsAt(experiments)).toEqual([1]);
  });
});

describe('change', () => {
  it('replaces tags and params, or adds to them with merge', async () => {
    await track({ tags: ['a'], params: { a: 1, b: 2 } });
    expect(await patch({ tags: ['b'], params: { b: 3 }, merge: true })).toMatchObject({
      tags: ['a', 'b'],
      params: { a: 1, b: 3 },
    });
    expect(await patch({ tags: ['c'], params: { c: 'x' } })).toMatchObject({
      tags: ['c'],
      params: { c: 'x' },
    });
    expect(await patch({ tags: [], declarations: { d: true } })).toMatchObject({
      tags: null,
      params: { d: true },
    });
  });

  it('leaves what is null or not named', async () => {
    await track({
      name: 'x',
      description: 'd',
      tags: ['a'],
      params: { a: 1 },
      readme: 'r',
      run_env: { k: 1 },
    });
    const { updated_at: _, ...before } = await ok('GET', one, 200);
    expect(
      await patch({ name: null, description: null, tags: null, params: null, readme: null }),
    ).toMatchObject(before);
    expect(await patch({})).toMatchObject(before);
  });
});

describe('lists', () => {
  it('come in pages, newest first, with the addresses of their neighbours', async () => {
    for (let count = 0; count < 23; count += 1) await track();
    const first = listOf((await client.call('GET', experiments)).body);
    expect([first.count, first.results.length, first.results[0]?.id, first.previous]).toEqual([
      23,
      20,
      23,
      null,
    ]);
    const rest = await client.call('GET', (first.next ?? '').replace(/^https?:\/\/[^/]+/, ''));
    expect(listOf(rest.body)).toMatchObject({
      count: 23,
      next: null,
      previous: expect.stringContaining('limit=20'),
    });
    expect(listOf(rest.body).results.map(({ id }) => id)).toEqual([3, 2, 1]);
    expect(await idsAt(`${experiments}?limit=2&offset=1&sort=id`)).toEqual([2, 3]);
    expect(await idsAt(`${experiments}?offset=23`)).toEqual([]);
    expect(await idsAt(`${experiments}?limit=0`)).toHaveLength(20);
  });

  it('show metrics and params when they are asked for', async () => {
    await track({ params: { lr: 0.1 } });
    await ok('POST', `${one}/metrics`, 201, { body: { values: { loss: 0.5 } } });
    const [plain] = listOf((await client.call('GET', experiments)).body).results;
    expect(Object.keys(plain ?? {})).not.toEqual(expect.arrayContaining(['params']));
    const asked = await client.call('GET', `${experiments}?metrics=True&params=True&declarations=true`);
    expect(listOf(asked.body).results).toEqual([
      { ...plain, last_metric: { loss: 0.5 }, params: { lr: 0.1 }, declarations: { lr: 0.1 } },
    ]);
  });

  it('show the members of a group, or those of none', async () => {
    await track({ experiment_group: 7 });
    await track();
    expect(await idsAt(`${experiments}?independent=true`)).toEqual([2]);
    // No filter, as in the server of 0.5.
    expect(await idsAt(`${experiments}?independent=False`)).toEqual(await idsAt(experiments));
    expect(await idsAt(`${experiments}?group=7`)).toEqual([1]);
  });

  it('hide what is archived, which its id still finds, until it is restored', async () => {
    await track();
    await track();
    await ok('POST', `${one}/archive`, 200);
    expect(await idsAt(experiments)).toEqual([2]);
    expect(await idsAt('/api/v1/experiments')).toEqual([2]);
    await ok('GET', one, 200);
    await ok('POST', `${one}/restore`, 200);
    expect(await idsAt(experiments)).toEqual([2, 1]);
  });

  it('of all projects are at one address', async () => {
    await ok('POST', '/api/v1/projects', 201, { body: { name: 'q' } });
    await track();
    await ok('POST', '/api/v1/root/q/experiments', 201, { body: { is_managed: false } });
    const all = await client.call('GET', '/api/v1/experiments');
    expect(listOf(all.body).results.map((row) => row.unique_name)).toEqual(['root.q.1', 'root.p.1']);
  });
});

describe('removal', () => {
  it('is for good', async () => {
    await track();
    await ok('DELETE', one, 204);
    for (const method of ['GET', 'DELETE'])
      expect(await ok(method, one, 404)).toEqual({ detail: 'Not found.' });
    expect(await track()).toMatchObject({ id: 2 });
  });

  it('of several passes over what is not there', async () => {
    for (let count = 0; count < 3; count += 1) await track();
    await ok('DELETE', `${experiments}/delete`, 200, { body: { ids: [1, 3, 99] } });
    expect(await idsAt(experiments)).toEqual([2]);
  });

  it('stop of several stops those alone', async () => {
    for (let count = 0; count < 3; count += 1) await track();
    await ok('POST', `${experiments}/stop`, 200, { body: { ids: [1, 2, 99] } });
    const shown = await client.call('GET', `${experiments}?sort=id`);
    expect(listOf(shown.body).results.map((row) => row.last_status)).toEqual([
      'stopped',
      'stopped',
      'created',
    ]);
    await ok('POST', `${one}/stop`, 200);
  });
});

describe('code references', () => {
  it('are nulls until they are set', async () => {
    await track();
    const none = { commit: null, head: null, branch: null, git_url: null, is_dirty: null, git_diff: null };
    expect(await ok('GET', `${one}/coderef`, 200)).toEqual(none);
    const set = { ...none, commit: 'abc', is_dirty: true, git_diff: '+x' };
    expect(
      await ok('POST', `${one}/coderef`, 201, { body: { commit: 'abc', is_dirty: true, git_diff: '+x' } }),
    ).toEqual(set);
    expect(await ok('GET', `${one}/coderef`, 200)).toEqual(set);
    expect(await ok('POST', `${one}/coderef`, 201)).toEqual(none);
  });
});

describe('clones', () => {
  it.each(['restart', 'copy'])('%s refers to the origin and has its params', async (kind) => {
    await ok('POST', experiments, 201, { body: { content: file, name: 'x', tags: ['a'], description: 'd' } });
    expect(await ok('POST', `${one}/${kind}`, 201, { body: { params: { lr: 0.2 } } })).toMatchObject({
      id: 2,
      original: 'root.p.1',
      is_clone: true,
      name: null,
      tags: null,
      description: 'd',
    });
    expect(await ok('GET', `${experiments}/2`, 200)).toMatchObject({ params: { lr: 0.2 } });
    expect(await ok('GET', one, 200)).toMatchObject({ params: { lr: 0.1 } });
  });
});
