import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../support/raw-http.js';
import { type RunningServer, startServer } from '../../support/server.js';
import { checkAnswer } from './harness.js';
import { type Malformed, malformed } from './malformed-requests.js';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ env: { FRANCA_LOCAL_SLOTS: '0' } });
});

afterAll(() => server.stop());

/** Sends a request as it stands: neither path nor headers are tidied. */
async function send(row: Malformed) {
  return checkAnswer(row.method, row.path, await sendRaw(server.port, row));
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
    expect(answer).toMatchObject({ http: row.status, result: null, success: null, attributes: {} });
    expect(answer.message).toMatch(/\S/);
    expect(answer.text.length).toBeLessThan(10_000);
    expect(answer.message).not.toMatch(/\bat .*\.[jt]s:\d|SQLITE|node_modules|\/work\//);
  });

  it('leave nothing behind, and no error in the log', async () => {
    for (const path of ['experiment', 'environment', 'template']) {
      const answer = await fetch(`${server.url}/api/v1/${path}`);
      expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ result: [] })]);
    }
    expect(server.output()).not.toContain('a request failed');
  });
});
