import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Health } from '../../src/gateway/readiness.js';
import { createFrancaServer, type FrancaServer } from '../../src/server.js';
import { ask, createNotes, createSite, type Site } from '../http/support.js';

let site: Site;
let server: FrancaServer;
let port: number;
let state: { store: () => Promise<void>; recovered: boolean };

beforeEach(async () => {
  site = await createSite();
  state = { store: () => site.deps.ports.store.ping(), recovered: true };
  const health: Health = {
    pingStore: () => state.store(),
    reconcilerReady: () => state.recovered,
    runnerReachable: () => true,
    stopping: () => site.lifecycle.stopping,
  };
  server = createFrancaServer({ deps: site.deps, adapters: [createNotes(site.deps)], health });
  ({ port } = await server.listen('127.0.0.1', 0));
});

afterEach(async () => {
  await server.close(0);
  await site.remove();
});

describe('who answers', () => {
  it.each([
    ['GET', '/api/v1/experiment/x', 200],
    ['GET', '/api/v1/experiment/', 405],
    ['GET', '/api/v1/notebook', 404],
    ['DELETE', '/api/v1/environment', 405],
    ['POST', '/api/auth/token', 404],
  ])('%s %s: the dialect, %d in its envelope', async (method, path, status) => {
    const answer = await ask(port, { method, path });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json;charset=utf-8');
    if (status !== 200) expect(JSON.parse(answer.text)).toHaveProperty('code');
  });

  it.each([
    ['/api/v1/root/project', 'polyaxon'],
    ['/ws/v1/x', 'polyaxon'],
    ['/api/2.0/mlflow/runs/create', 'mlflow'],
    ['/api/v1/experiments', 'mlflow'],
    ['/api/v2/models', 'foundry'],
  ])('%s: a 404 that names %s as not served', async (path, dialect) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await ask(port, { method, path });
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.text)).toMatchObject({
        error: 'not_found',
        message: expect.stringContaining(dialect),
      });
    }
  });

  it('refuses a foreign Host everywhere', async () => {
    for (const path of ['/', '/health', '/api/v1/experiment/x', '/api/2.0/x', '/nothing', '/openapi.json']) {
      expect((await ask(port, { path, headers: { host: 'evil.example' } })).status).toBe(403);
    }
  });
});

describe('the gateway', () => {
  it('says what it is', async () => {
    const { status, text } = await ask(port, { path: '/' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ name: 'franca', version: '1.2.3', dialects: ['submarine'] });
  });

  it.each(['/health', '/livez'])('%s is OK', async (path) => {
    expect(await ask(port, { path })).toMatchObject({ status: 200, text: 'OK' });
  });

  it('405 and 404 in JSON', async () => {
    const wrong = await ask(port, { path: '/health', method: 'POST' });
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect(JSON.parse((await ask(port, { path: '/nothing' })).text)).toMatchObject({ error: 'not_found' });
  });

  it('/readyz tells the truth', async () => {
    const ready = async () => {
      const { status, text } = await ask(port, { path: '/readyz' });
      return { status, ...(JSON.parse(text) as object) };
    };
    const fine = { status: 200, ready: true, store: 'ok', reconciler: 'ok', runner: 'ok', stopping: false };
    expect(await ready()).toEqual(fine);
    state.recovered = false;
    expect(await ready()).toEqual({ ...fine, status: 503, ready: false, reconciler: 'recovering' });
    state.recovered = true;
    state.store = () => Promise.reject(new Error('gone'));
    expect(await ready()).toEqual({ ...fine, status: 503, ready: false, store: 'failing' });
    state.store = async () => {};
    site.lifecycle.stopping = true;
    expect(await ready()).toEqual({ ...fine, status: 503, ready: false, stopping: true });
    expect((await ask(port, { path: '/api/v1/experiment/x' })).status).toBe(503);
  });

  it('serves the documents', async () => {
    const merged = await ask(port, { path: '/openapi.json' });
    expect(JSON.parse(merged.text)).toEqual(JSON.parse(JSON.stringify(server.document())));
    expect((await ask(port, { path: '/v1/openapi.json' })).text).toBe(merged.text);
    const own = JSON.parse((await ask(port, { path: '/openapi/submarine.json' })).text) as { info: unknown };
    expect(own.info).toMatchObject({ title: 'Notes' });
    expect((await ask(port, { path: '/openapi/polyaxon.json' })).status).toBe(404);
  });
});
