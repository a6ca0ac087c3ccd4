import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactPath, runRoot } from '../../../src/core/artifact-path.js';
import { bytesOf } from '../../conformance/artifacts/tar.js';
import { type Client, createClient, listOf } from './harness.js';

const project = '/api/v1/root/p';
const one = `${project}/experiments/1`;

let client: Client;

beforeEach(async () => {
  client = await createClient();
  await client.call('POST', '/api/v1/projects', { body: { name: 'p' } });
  await client.call('POST', `${project}/experiments`, { body: { is_managed: false } });
});

afterEach(() => client.close());

describe('projects', () => {
  it('are created, changed, listed and deleted', async () => {
    const body = { name: 'q', description: 'd', tags: 'a,b', readme: '# q', is_public: true };
    const made = await client.call('POST', '/api/v1/projects', { body });
    expect(made).toMatchObject({
      http: 201,
      body: { ...body, tags: ['a', 'b'], id: 2, unique_name: 'root.q', owner: 'root', num_experiments: 0 },
    });
    expect(await client.call('GET', '/api/v1/root/q')).toMatchObject({ http: 200, body: made.body });
    const nulls = { name: null, description: null, tags: null, readme: null, is_public: null };
    expect((await client.call('PATCH', '/api/v1/root/q', { body: nulls })).body).toMatchObject({
      ...body,
      tags: ['a', 'b'],
    });
    const changed = await client.call('PATCH', '/api/v1/root/q', {
      body: { name: 'r', tags: ['b'], is_public: false },
    });
    expect(changed.body).toMatchObject({ name: 'r', tags: ['b'], is_public: false });
    const names = async () =>
      listOf((await client.call('GET', '/api/v1/root')).body).results.map(({ name }) => name);
    expect(await names()).toEqual(['r', 'p', 'Default']);
    expect(await client.call('DELETE', '/api/v1/root/r')).toMatchObject({ http: 204, text: '' });
    expect(await names()).toEqual(['p', 'Default']);
    expect((await client.call('GET', '/api/v1/root/r')).body).toEqual({ detail: 'Not found.' });
  });

  it('are bookmarked', async () => {
    for (let twice = 0; twice < 2; twice += 1) {
      expect((await client.call('POST', `${project}/bookmark`)).http).toBe(201);
    }
    const marked = await client.call('GET', '/api/v1/bookmarks/root/projects');
    expect(listOf(marked.body)).toMatchObject({
      count: 1,
      results: [{ content_object: { name: 'p', bookmarked: true } }],
    });
    expect((await client.call('DELETE', `${project}/unbookmark`)).http).toBe(204);
    expect(listOf((await client.call('GET', '/api/v1/bookmarks/root/projects')).body).count).toBe(0);
  });
});

describe('what is not served', () => {
  it.each([
    [`${project}/groups`, 'experiment groups are not served by Franca'],
    [`${project}/jobs/1`, 'jobs of a project are not served by Franca'],
    [`${project}/builds`, 'builds are not served by Franca'],
    [`${project}/notebook/start`, 'notebooks are not served by Franca'],
    [`${project}/ci`, 'continuous integration is not served by Franca'],
    [`${project}/repo/external`, 'code from another repository is not served by Franca'],
    [`${one}/impersonatetoken`, 'impersonation is not served by Franca'],
  ])('%s says so', async (path, detail) => {
    expect(await client.call('GET', path)).toMatchObject({ http: 404, body: { detail } });
  });

  it.each([
    ['PUT', one, ['DELETE', 'GET', 'PATCH']],
    ['GET', `${one}/stop`, ['POST']],
    ['PATCH', `${one}/metrics`, ['GET', 'POST']],
    ['POST', `${one}/jobs`, ['GET']],
  ])('%s %s names what is', async (method, path, allowed) => {
    const answer = await client.call(method, path);
    expect([answer.http, Object.keys(answer.body as object)]).toEqual([405, ['detail']]);
    const allow = (answer.headers.get('allow') ?? '')
      .split(/,\s*/)
      .filter((name) => name !== 'HEAD' && name !== 'OPTIONS');
    expect(allow.sort()).toEqual(allowed);
  });
});

describe('slashes', () => {
  it.each([`${one}/`, one.replace(/\//g, '//'), `/${one}//`])('%s is the same address', async (path) => {
    expect(await client.call('GET', path)).toMatchObject({ http: 200, body: { id: 1 } });
  });
});

describe('a file of the outputs', () => {
  it('is given whole, or the part that is asked for', async () => {
    const { store, artifacts } = client.site.deps.ports;
    const { key } = client.site.deps.workspace;
    const made = await store.read.projects.findByName(key, 'p');
    const run = made === null ? null : await store.read.runs.findByNumber(made.key, 1);
    if (run === null) throw new Error('the run is there');
    await artifacts.write(runRoot(run.id), artifactPath('digits'), bytesOf('0123456789'));
    const get = (headers: Record<string, string>) =>
      client.raw('GET', `${one}/outputs/files?path=digits`, { headers });
    const whole = await get({});
    expect([whole.status, await whole.text(), whole.headers.get('accept-ranges')]).toEqual([
      200,
      '0123456789',
      'bytes',
    ]);
    const part = await get({ Range: 'bytes=2-4' });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ]);
    expect((await get({ Range: 'bytes=10-' })).status).toBe(416);
  });
});

describe('what clients ask before they begin', () => {
  it.each([
    ['/api/v1/users', { username: 'root', email: null, is_superuser: true }],
    ['/api/v1/versions/cli', { latest_version: '0.6.1', min_version: '0.5.0' }],
    ['/api/v1/versions/platform', { latest_version: '0.6.1', min_version: '0.5.0' }],
    ['/api/v1/versions/lib', { latest_version: '0.6.1', min_version: '0.5.0' }],
    ['/api/v1/versions/chart', { version: '0.6.1' }],
    ['/api/v1/log_handler', { dsn: null, environment: 'franca', tags: {} }],
  ])('%s', async (path, body) => {
    expect(await client.call('GET', path)).toMatchObject({ http: 200, body });
  });

  it('any credentials are taken where none are needed', async () => {
    for (const body of [{ username: 'a', password: 'b' }, { password: 'b' }]) {
      expect((await client.call('POST', '/api/v1/users/token', { body })).body).toEqual({ token: 'b' });
    }
  });
});
