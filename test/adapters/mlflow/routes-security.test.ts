import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addUser } from '../../../src/services/accounts/add-user.js';
import { createToken } from '../../../src/services/accounts/create-token.js';
import { issueRunToken } from '../../../src/services/accounts/run-token.js';
import { createRun } from '../../../src/services/runs/create.js';
import { aRequest } from '../../support/services.js';
import { type Client, createClient, objectOf } from './harness.js';

const api = '/api/2.0/mlflow';

let client: Client;

beforeEach(async () => {
  client = await createClient({ auth: 'token' });
});

afterEach(() => client.close());

async function tokenOf(name: string, role: 'reader' | 'writer' | 'none'): Promise<string> {
  const { ports, workspace } = client.site.deps;
  await addUser(ports, { name, role, workspace: workspace.name, superuser: false });
  return (await createToken(ports, { user: name, label: null, expiresAt: null })).secret;
}

function as(token: string, method: string, path: string, body?: unknown, headers = {}) {
  const all = { Authorization: `Bearer ${token}`, ...headers };
  return client.call(method, path, { headers: all, ...(body === undefined ? {} : { body }) });
}

describe('where tokens are needed', () => {
  it('one is taken as a bearer, and as a password', async () => {
    const token = await tokenOf('ann', 'writer');
    const basic = Buffer.from(`ann:${token}`).toString('base64');
    const path = `${api}/experiments/get?experiment_id=0`;
    for (const Authorization of [`Bearer ${token}`, `Basic ${basic}`])
      expect((await client.call('GET', path, { headers: { Authorization } })).http).toBe(200);
  });

  it('a reader changes nothing', async () => {
    const [writer, reader] = [await tokenOf('ann', 'writer'), await tokenOf('rea', 'reader')];
    const made = await as(writer, 'POST', `${api}/runs/create`, { experiment_id: '0' });
    const run_id = objectOf(objectOf(objectOf(made.body).run).info).run_id;
    expect((await as(reader, 'GET', `${api}/runs/get?run_id=${run_id}`)).http).toBe(200);
    const changes: readonly [string, unknown][] = [
      ['experiments/create', { name: 'x' }],
      ['experiments/update', { experiment_id: '0', new_name: 'x' }],
      ['experiments/set-experiment-tag', { experiment_id: '0', key: 'k', value: 'v' }],
      ['runs/create', { experiment_id: '0' }],
      ['runs/update', { run_id, status: 'FINISHED' }],
      ['runs/delete', { run_id }],
      ['runs/log-metric', { run_id, key: 'k', value: 1, timestamp: 1 }],
      ['runs/log-parameter', { run_id, key: 'k', value: '1' }],
      ['runs/log-batch', { run_id, tags: [{ key: 'k', value: '1' }] }],
      ['runs/set-tag', { run_id, key: 'k', value: '1' }],
      ['runs/delete-tag', { run_id, key: 'k' }],
    ];
    for (const [path, body] of changes)
      expect([path, (await as(reader, 'POST', `${api}/${path}`, body)).http]).toEqual([path, 403]);
    const put = await as(reader, 'PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${run_id}/artifacts/x`, 'x');
    expect(put.http).toBe(403);
  });

  it('another workspace is chosen by the header, by those who may see it', async () => {
    const eve = await tokenOf('eve', 'none');
    const path = `${api}/experiments/create`;
    expect((await as(eve, 'POST', path, { name: 'x' })).http).toBe(403);
    const home = { 'X-MLFLOW-WORKSPACE': 'EVE' };
    expect((await as(eve, 'POST', path, { name: 'x' }, home)).body).toEqual({ experiment_id: '1' });
    expect(
      (await as(eve, 'GET', `${api}/experiments/get?experiment_id=1`, undefined, home)).body,
    ).toMatchObject({
      experiment: { workspace: 'eve' },
    });
    const nowhere = { 'X-MLFLOW-WORKSPACE': 'nowhere' };
    expect((await as(eve, 'GET', `${api}/experiments/get?experiment_id=0`, undefined, nowhere)).http).toBe(
      404,
    );
  });
});

describe('the token of a run', () => {
  it('writes its own run, which every name of an experiment leads to, and no other', async () => {
    const writer = await tokenOf('ann', 'writer');
    const { ports, workspace } = client.site.deps;
    const user = await ports.store.read.accounts.findUser('ann');
    if (user === null) throw new Error('the user was made');
    const { run } = await createRun({ ports, workspace, actor: { user, runKey: null } }, aRequest());
    const token = await issueRunToken(ports, new Uint8Array(32).fill(7), run);
    const run_id = run.id.replaceAll('-', '');
    const other = objectOf(
      objectOf(objectOf((await as(writer, 'POST', `${api}/runs/create`, { experiment_id: '0' })).body).run)
        .info,
    ).run_id;

    const set = await as(token, 'GET', `${api}/experiments/get-by-name?experiment_name=mine`);
    expect(set.body).toMatchObject({ experiment: { experiment_id: '0', name: 'Default' } });
    expect((await as(token, 'POST', `${api}/experiments/create`, { name: 'mine' })).body).toEqual({
      experiment_id: '0',
    });
    const logged = {
      run_id,
      metrics: [{ key: 'm', value: 1, timestamp: 1 }],
      params: [{ key: 'p', value: '1' }],
    };
    // Wherever the client thinks that it is.
    const lost = { 'X-MLFLOW-WORKSPACE': 'nowhere' };
    expect((await as(token, 'POST', `${api}/runs/log-batch`, logged, lost)).http).toBe(200);
    expect((await as(token, 'POST', `${api}/runs/log-batch`, { ...logged, run_id: other })).http).toBe(403);
    const nested = await as(token, 'POST', `${api}/runs/create`, {
      experiment_id: '0',
      tags: [{ key: 'mlflow.parentRunId', value: run_id }],
    });
    expect(nested.http).toBe(200);

    // What it says of its own end is heard, and the run goes on.
    const ended = await as(token, 'POST', `${api}/runs/update`, { run_id, status: 'FINISHED', end_time: 1 });
    expect(ended.body).toMatchObject({ run_info: { status: 'SCHEDULED' } });
    const shown = await as(writer, 'GET', `${api}/runs/get?run_id=${run_id}`);
    const { data } = objectOf(objectOf(shown.body).run) as { data: { tags: unknown[]; metrics: unknown[] } };
    expect(data.metrics).toEqual([{ key: 'm', value: 1, timestamp: 1, step: 0 }]);
    expect(data.tags).toContainEqual({ key: 'franca.requestedExperiment', value: 'mine' });
  });

  it('a user who kills a run that Franca started has it stopped', async () => {
    const writer = await tokenOf('ann', 'writer');
    const { ports, workspace } = client.site.deps;
    const user = await ports.store.read.accounts.findUser('ann');
    if (user === null) throw new Error('the user was made');
    const { run } = await createRun({ ports, workspace, actor: { user, runKey: null } }, aRequest());
    const run_id = run.id.replaceAll('-', '');
    expect((await as(writer, 'POST', `${api}/runs/update`, { run_id, status: 'KILLED' })).http).toBe(200);
    expect((await ports.store.read.runs.findByKey(run.key))?.desiredState).toBe('stopped');
  });
});
