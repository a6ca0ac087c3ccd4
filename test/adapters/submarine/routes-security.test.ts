import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addUser } from '../../../src/services/accounts/add-user.js';
import { createToken } from '../../../src/services/accounts/create-token.js';
import { at, type Client, createClient, seedExperiment } from './harness.js';

let client: Client;

beforeEach(async () => {
  client = await createClient({ auth: 'token' });
});

afterEach(() => client.close());

/** A token of a new user with this role. */
async function tokenOf(name: string, role: 'reader' | 'writer' | 'none'): Promise<string> {
  const { ports, workspace } = client.site.deps;
  await addUser(ports, { name, role, workspace: workspace.name, superuser: false });
  return (await createToken(ports, { user: name, label: null, expiresAt: null })).secret;
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

describe('where tokens are needed', () => {
  it('a token is taken by each way that clients have', async () => {
    const token = await tokenOf('ann', 'writer');
    const basic = Buffer.from(`ann:${token}`).toString('base64');
    for (const value of [`Bearer ${token}`, `bearer ${token}`, `token ${token}`, `Basic ${basic}`]) {
      const answer = await client.call('GET', '/api/v1/experiment', { headers: { Authorization: value } });
      expect(answer.http).toBe(200);
    }
  });

  it('a reader reads and changes nothing', async () => {
    const [reader, writer] = [bearer(await tokenOf('rea', 'reader')), bearer(await tokenOf('wri', 'writer'))];
    const created = await client.call('POST', '/api/v1/experiment', { ...writer, body: seedExperiment });
    const own = `/api/v1/experiment/${String(at(created.result, 'experimentId'))}`;
    expect((await client.call('GET', own, reader)).result).toEqual(created.result);
    const changes: readonly [string, string, unknown][] = [
      ['POST', '/api/v1/experiment', seedExperiment],
      ['PATCH', own, seedExperiment],
      ['DELETE', own, undefined],
      ['POST', '/api/v1/environment', { name: 'e' }],
      ['POST', '/api/v1/template', { name: 't', experimentSpec: seedExperiment }],
    ];
    for (const [method, path, body] of changes) {
      const answer = await client.call(method, path, { ...reader, ...(body === undefined ? {} : { body }) });
      expect(answer).toMatchObject({ http: 403, status: 'FORBIDDEN', result: null });
    }
    expect((await client.call('GET', own, reader)).result).toEqual(created.result);
  });

  it('who is no member sees nothing', async () => {
    const writer = bearer(await tokenOf('wri', 'writer'));
    const created = await client.call('POST', '/api/v1/experiment', { ...writer, body: seedExperiment });
    const id = String(at(created.result, 'experimentId'));
    const stranger = bearer(await tokenOf('str', 'none'));
    for (const path of ['', `/${id}`, '/logs', `/logs/${id}`]) {
      const answer = await client.call('GET', `/api/v1/experiment${path}`, stranger);
      expect(answer).toMatchObject({ http: 403, result: null });
    }
    for (const kind of ['metric', 'param']) {
      const answer = await client.call('POST', `/api/${kind}/selective`, { ...stranger, body: { id } });
      expect(answer.http).toBe(403);
    }
  });

  it('a writer does not delete another’s experiment', async () => {
    const [ann, ben] = [bearer(await tokenOf('ann', 'writer')), bearer(await tokenOf('ben', 'writer'))];
    const created = await client.call('POST', '/api/v1/experiment', { ...ann, body: seedExperiment });
    const own = `/api/v1/experiment/${String(at(created.result, 'experimentId'))}`;
    expect((await client.call('DELETE', own, ben)).http).toBe(403);
    expect((await client.call('DELETE', own, ann)).http).toBe(200);
  });

  it('a login checks the token that stands for the password', async () => {
    const token = await tokenOf('ann', 'writer');
    const login = (body: unknown) => client.call('POST', '/api/auth/token', { body });
    expect(await login({ username: 'ann', password: token })).toMatchObject({ http: 200, result: token });
    for (const body of [
      { username: 'ann', password: 'wrong' },
      { username: 'ann', password: '' },
      { username: 'ann' },
      {},
      '',
    ]) {
      expect(await login(body)).toMatchObject({
        http: 401,
        message: 'User Not Found. Please try again!',
        result: null,
      });
    }
  });
});

describe('where none is needed', () => {
  it('a login answers any text, and every call takes any credentials', async () => {
    await client.close();
    client = await createClient();
    const login = (body: unknown) => client.call('POST', '/api/auth/token', { body });
    expect(await login({ username: 'admin', password: 'admin' })).toMatchObject({
      http: 200,
      result: 'admin',
    });
    expect(at(await login(''), 'result')).toMatch(/^.+$/);
    expect((await client.call('GET', '/api/v1/experiment', bearer('admin'))).http).toBe(200);
  });
});
