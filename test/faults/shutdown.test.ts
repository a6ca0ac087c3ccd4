import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../support/server.js';
import { createSite, eventually, get, post, type Site, submit, waitForEnd } from './support.js';

let site: Site;
let server: RunningServer;

beforeEach(async () => {
  site = await createSite();
  server = await site.start();
});

afterEach(() => site.remove());

describe('SIGTERM', () => {
  it('under load: what is under way is answered, the rest refused, nothing half-done; jobs go on', async () => {
    const cmd = await site.script('job.sh', 'echo up >> "$WITNESS"; sleep 3; echo done >> "$WITNESS"');
    const { experimentId } = await submit(server.url, {
      name: 'long',
      cmd,
      envVars: { WITNESS: site.witnessFile },
    });
    await eventually(async () => expect(await site.witness()).toEqual(['up']));

    const acknowledged: string[] = [];
    const statuses = new Set<number>();
    let refused = 0;
    let over = false;
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let index = 0; !over; index += 1) {
        const answer = await post(server.url, { name: `load-${client}-${index}`, cmd: 'true' }).catch(
          () => null,
        );
        if (answer === null) {
          refused += 1;
          return;
        }
        statuses.add(answer.status);
        if (answer.status === 503) expect(answer.headers.get('retry-after')).not.toBeNull();
        const body = (await answer.json()) as { result: { experimentId: string } | null };
        if (answer.status === 200 && body.result !== null) acknowledged.push(body.result.experimentId);
      }
    });
    await eventually(async () => expect(acknowledged.length).toBeGreaterThan(20));
    const asked = Date.now();
    server.kill('SIGTERM');
    const { code, signal } = await server.exited;
    const took = Date.now() - asked;
    over = true;
    await Promise.all(clients);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(took).toBeLessThan(5500);
    expect(refused).toBeGreaterThan(0);
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);

    server = await site.start();
    for (const id of acknowledged) await waitForEnd(server.url, id, 120);
    expect(await waitForEnd(server.url, experimentId)).toMatchObject({ status: 'Succeeded' });
    expect(await site.witness()).toEqual(['up', 'done']);
  });

  it('with a log stream that nobody reads: it is cut at the deadline, and the exit is still clean', async () => {
    const print = await site.script(
      'print.mjs',
      `for (let i = 0; i < 60000; i++) console.log(i + 'x'.repeat(1000));`,
    );
    const cmd = print.replace(/^sh/, process.execPath);
    const { experimentId } = await submit(server.url, { name: 'big', cmd });
    await waitForEnd(server.url, experimentId);
    const stream = request(`${server.url}/api/v1/experiment/logs/${experimentId}`);
    const broken = new Promise<void>((resolve) => {
      stream.on('error', () => resolve());
      stream.on('response', (answer) => {
        answer.once('data', () => answer.pause());
        answer.on('error', () => resolve()).on('aborted', () => resolve());
      });
    });
    const begun = new Promise((resolve) => stream.on('response', resolve));
    stream.end();
    await begun;
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    stream.destroy();
    await broken;
  });

  it('tells the truth: not ready while it stops, and a second signal does no harm', async () => {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    server.kill('SIGTERM');
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    await expect(get(server.url, 'any')).rejects.toThrow();
  });
});
