import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addUser } from '../../../src/services/accounts/add-user.js';
import { createToken } from '../../../src/services/accounts/create-token.js';
import { issueRunToken } from '../../../src/services/accounts/run-token.js';
import { type Client, createClient, listOf } from './harness.js';

const experiments = '/api/v1/main/p/experiments';
const one = `${experiments}/1`;

let client: Client;
let owner: string;

beforeEach(async () => {
  client = await createClient({ auth: 'token', workspace: 'main' });
  owner = await tokenOf('ann', 'writer');
  const { ports, workspace } = client.site.deps;
  expect(workspace.name).toBe('main');
  await addUser(ports, { name: 'main', role: 'writer', workspace: 'main', superuser: false });
  const { secret } = await createToken(ports, { user: 'main', label: null, expiresAt: null });
  expect((await as(secret, 'POST', '/api/v1/projects', { name: 'p' })).http).toBe(201);
  for (let count = 0; count < 2; count += 1) {
    expect((await as(owner, 'POST', experiments, { is_managed: false })).http).toBe(201);
  }
});

afterEach(() => client.close());

async function tokenOf(name: string, role: 'reader' | 'writer' | 'none'): Promise<string> {
  const { ports, workspace } = client.site.deps;
  await addUser(ports, { name, role, workspace: workspace.name, superuser: false });
  return (await createToken(ports, { user: name, label: null, expiresAt: null })).secret;
}

function as(token: string, method: string, path: string, body?: unknown, scheme = 'Token') {
  const headers = { Authorization: `${scheme} ${token}` };
  return client.call(method, path, { headers, ...(body === undefined ? {} : { body }) });
}

/** The token that the job of an experiment would have. */
async function runToken(number: number): Promise<string> {
  const { ports } = client.site.deps;
  const project = await ports.store.read.projects.findByName(client.site.deps.workspace.key, 'p');
  if (project === null) throw new Error('the project is there');
  const run = await ports.store.read.runs.findByNumber(project.key, number);
  if (run === null) throw new Error('the run is there');
  return issueRunToken(ports, new Uint8Array(32).fill(7), run);
}

describe('where tokens are needed', () => {
  it('a token is taken by each way that clients have', async () => {
    for (const scheme of ['Token', 'token', 'Bearer']) {
      expect((await as(owner, 'GET', one, undefined, scheme)).http).toBe(200);
    }
  });

  it('a login gives a token back, and refuses any other', async () => {
    const login = (password: string) =>
      client.call('POST', '/api/v1/users/token', {
        body: `username=ann&password=${password}`,
        type: 'application/x-www-form-urlencoded',
      });
    expect((await login(owner)).body).toEqual({ token: owner });
    for (const wrong of ['wrong', '']) expect((await login(wrong)).http).toBe(401);
  });
});

describe('others', () => {
  it('who is no member may not see what is there, nor what is not', async () => {
    const stranger = await tokenOf('str', 'none');
    for (const path of [
      '/api/v1/main/p',
      '/api/v1/main/none',
      experiments,
      one,
      `${one}/logs`,
      `${one}/outputs`,
    ]) {
      expect([path, (await as(stranger, 'GET', path)).http]).toEqual([path, 403]);
    }
    expect((await as(stranger, 'POST', experiments, { is_managed: false })).http).toBe(403);
    expect(listOf((await as(stranger, 'GET', '/api/v1/experiments')).body)).toMatchObject({
      count: 0,
      results: [],
    });
  });

  it('a reader changes nothing', async () => {
    const reader = await tokenOf('rea', 'reader');
    expect((await as(reader, 'GET', one)).http).toBe(200);
    const changes: readonly (readonly [string, string, unknown?])[] = [
      ['POST', experiments, { is_managed: false }],
      ['PATCH', one, { name: 'x' }],
      ['DELETE', one],
      ['POST', `${one}/stop`],
      ['POST', `${one}/archive`],
      ['POST', `${one}/statuses`, { status: 'running' }],
      ['POST', `${one}/metrics`, { values: { a: 1 } }],
      ['POST', `${one}/logs`, '"x"'],
      ['POST', `${one}/coderef`, {}],
      ['POST', `${one}/_heartbeat`],
      ['DELETE', '/api/v1/main/p'],
      ['DELETE', `${experiments}/delete`, { ids: [1] }],
      ['POST', `${experiments}/stop`, { ids: [1] }],
    ];
    for (const [method, path, body] of changes) {
      expect([method, path, (await as(reader, method, path, body)).http]).toEqual([method, path, 403]);
    }
  });

  it('a writer does not delete another’s experiment, and bookmarks are each one’s own', async () => {
    const ben = await tokenOf('ben', 'writer');
    expect((await as(ben, 'DELETE', one)).http).toBe(403);
    expect((await as(ben, 'POST', `${one}/bookmark`)).http).toBe(201);
    expect((await as(ben, 'GET', one)).body).toMatchObject({ bookmarked: true });
    expect((await as(owner, 'GET', one)).body).toMatchObject({ bookmarked: false });
    const marked = (token: string, name: string) => as(token, 'GET', `/api/v1/bookmarks/${name}/experiments`);
    expect(listOf((await marked(ben, 'ben')).body).count).toBe(1);
    expect(listOf((await marked(owner, 'ann')).body).count).toBe(0);
    expect((await marked(owner, 'ben')).http).toBe(403);
    expect((await as(ben, 'DELETE', `${one}/unbookmark`)).http).toBe(204);
    expect(listOf((await marked(ben, 'ben')).body).count).toBe(0);
  });
});

describe('the token of a run', () => {
  it('reads its project and writes its own run alone', async () => {
    const token = await runToken(1);
    for (const path of ['/api/v1/main/p', experiments, one, `${experiments}/2`]) {
      expect((await as(token, 'GET', path)).http).toBe(200);
    }
    expect((await as(token, 'POST', `${one}/metrics`, { values: { a: 1 } })).http).toBe(201);
    expect((await as(token, 'POST', `${one}/statuses`, { status: 'running' })).http).toBe(201);
    const refused: readonly (readonly [string, string, unknown?])[] = [
      ['POST', `${experiments}/2/metrics`, { values: { a: 1 } }],
      ['PATCH', `${experiments}/2`, { name: 'x' }],
      ['POST', `${experiments}/2/stop`],
      ['DELETE', `${experiments}/2`],
      ['DELETE', one],
      ['DELETE', '/api/v1/main/p'],
      ['PATCH', '/api/v1/main/p', { description: 'x' }],
      ['POST', '/api/v1/projects', { name: 'q' }],
      ['POST', `${one}/bookmark`],
    ];
    for (const [method, path, body] of refused) {
      expect([method, path, (await as(token, method, path, body)).http]).toEqual([method, path, 403]);
    }
  });

  it('is exchanged for itself at its own run alone, and ends with it', async () => {
    const token = await runToken(1);
    const exchange = (at: string) => as(token, 'POST', `${at}/ephemeraltoken`, undefined, 'EphemeralToken');
    expect(await exchange(one)).toMatchObject({ http: 200, body: { token } });
    expect((await exchange(`${experiments}/2`)).http).toBe(404);
    expect((await as(owner, 'POST', `${one}/ephemeraltoken`)).http).toBe(401);
    expect((await as(owner, 'POST', `${one}/ephemeraltoken`, undefined, 'EphemeralToken')).http).toBe(404);
    await as(owner, 'POST', `${one}/statuses`, { status: 'succeeded' });
    expect((await exchange(one)).http).toBe(401);
    expect((await as(token, 'GET', one)).http).toBe(401);
  });
});
