import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { watchMemory } from '../../support/memory.js';
import { sendRaw } from '../../support/raw-http.js';
import { type RunningServer, startServer } from '../../support/server.js';
import { checkAnswer, errorOf, objectOf } from './harness.js';
import { type Malformed, malformed } from './malformed-requests.js';

let server: RunningServer;
let fill: (path: string) => string;

/** Writes as another dialect's client does, and gives the run's id. */
async function write(path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  return text === '' ? {} : objectOf(JSON.parse(text));
}

beforeAll(async () => {
  server = await startServer({ env: { FRANCA_LOCAL_SLOTS: '0', FRANCA_LOG_LEVEL: 'info' } });
  const project = await write('/api/v1/projects', { name: 'p' });
  const run = await write('/api/v1/root/p/experiments', { is_managed: false });
  await write('/api/v1/root/p/experiments/1/metrics', { values: { loss: 1 } });
  const dashed = (hex: unknown) => String(hex).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  fill = (path) =>
    path
      .replace('{model}', `ri.models.main.model.${dashed(project.uuid)}`)
      .replace('{experiment}', `ri.models.main.experiment.${dashed(run.uuid)}`);
});

afterAll(() => server.stop());

/** Sends a request as it stands: neither path nor headers are tidied. */
async function send(row: Malformed) {
  return checkAnswer(row.method, row.path, await sendRaw(server.port, { ...row, path: fill(row.path) }));
}

describe('malformed requests', () => {
  it('are more than a hundred, each another one', () => {
    expect(malformed.length).toBeGreaterThan(100);
    expect(
      new Set(
        malformed.map((row) =>
          JSON.stringify({ ...row, name: '', body: Buffer.from(row.body ?? '').toString('base64') }),
        ),
      ).size,
    ).toBe(malformed.length);
  });

  it.each(malformed)('$status: $name', async (row) => {
    const answer = await send(row);
    expect(errorOf(answer).slice(0, 2)).toEqual([row.status, row.error]);
    expect(answer.text.length).toBeLessThan(10_000);
    expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d|SQLITE|node_modules|\/work\//);
  });

  it('leave the server as it was: small, without an error in its log, and whole', async () => {
    expect(server.output().includes('a request failed')).toBe(false);
    const path = fill('/api/v2/models/{model}/experiments/{experiment}?preview=true');
    const answer = checkAnswer('GET', path, await sendRaw(server.port, { method: 'GET', path }));
    expect(objectOf(answer.body).series).toMatchObject([{ name: 'loss', length: 1 }]);
    expect(watchMemory(server.pid)()).toBeLessThan(300);
  });

  it('are logged by the ids of their errors', async () => {
    const { body } = await send(malformed[0] as Malformed);
    const id = `"instanceId":"${String(objectOf(body).errorInstanceId)}"`;
    await vi.waitFor(() => expect(server.output().includes(id)).toBe(true));
  });
});
