import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bringUp, forgetHistory, isOwn, killApiServer, setNodeSilent } from './machine.js';
import {
  createPlace,
  find,
  historyOf,
  idle,
  logsOf,
  numberOf,
  type Place,
  remove,
  submit,
  untilStatus,
} from './support.js';
import { untilFailed, untilTold } from './told.js';

const full = process.env.FRANCA_TEST_FULL === '1';
/** How long the API server is away. */
const outageMillis = full ? 60_000 : 15_000;

describe.skipIf(!isOwn)('a cluster of this machine that breaks', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace({ FRANCA_K8S_NODE_LOST_SECONDS: '600' });
    await place.start();
  });
  afterEach(async () => {
    setNodeSilent(false);
    await bringUp();
  });
  afterAll(() => place?.remove());

  it('by its API server: nothing fails, writes work, and all is right afterwards', async () => {
    const server = place.server();
    const script = (seconds: number, code: number) =>
      `echo begin; i=0; while [ $i -lt ${seconds * 5} ]; do echo line $i; i=$((i+1)); sleep 0.2; done; echo end; exit ${code}`;
    const during = await submit(server, { Worker: { script: script(5, 0) } });
    const failing = await submit(server, { Worker: { script: script(5, 3) } });
    const beyond = await submit(server, { Worker: { script: script(outageMillis / 1000 + 10, 0) } });
    for (const run of [during, failing, beyond]) await untilStatus(server, run, 'Running');
    killApiServer();
    const meanwhile = await submit(server, { Worker: { script: 'echo late' } });
    await delay(outageMillis / 2);
    // No watch can go on from where it was.
    await forgetHistory();
    await delay(outageMillis / 2);
    expect((await find(server, beyond)).status).toBe('Running');
    expect((await find(server, meanwhile)).status).toMatch(/^(Accepted|Created)$/);
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true, runner: 'unreachable' }]);
    await bringUp();
    await untilStatus(server, during, 'Succeeded');
    expect(await untilFailed(server, failing)).toBe('exit_nonzero: test-worker-0: exit code 3');
    await untilStatus(server, beyond, 'Succeeded', 120);
    await untilStatus(server, meanwhile, 'Succeeded', 120);
    for (const run of [during, failing]) {
      const lines = ['begin', ...Array.from({ length: 25 }, (_, i) => `line ${i}`), 'end'];
      expect((await logsOf(server, run))['test-worker-0']).toEqual(lines);
    }
    const long = (await logsOf(server, beyond))['test-worker-0'] ?? [];
    expect(long).toEqual([
      'begin',
      ...Array.from({ length: (outageMillis / 1000 + 10) * 5 }, (_, i) => `line ${i}`),
      'end',
    ]);
  });

  it('by a node that is silent for a while: its jobs are unknown, and go on', async () => {
    const server = place.server();
    const run = await submit(server, {
      Worker: { script: 'i=0; while [ $i -lt 60 ]; do echo $i; i=$((i+1)); sleep 1; done' },
    });
    await untilStatus(server, run, 'Running');
    setNodeSilent(true);
    expect(await untilTold(server, run, 'unknown')).toMatch(/its node \S+ does not answer/);
    setNodeSilent(false);
    await untilStatus(server, run, 'Succeeded', 120);
    expect((await logsOf(server, run))['test-worker-0']).toEqual(
      Array.from({ length: 60 }, (_, i) => `${i}`),
    );
    const statuses = (await historyOf(server, numberOf(run))).map(({ status }) => status);
    expect(statuses.slice(-3)).toEqual(['unknown', 'running', 'succeeded']);
  });
});

describe.skipIf(!isOwn)('a node that is silent for too long', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace({ FRANCA_K8S_NODE_LOST_SECONDS: '5' });
    await place.start();
  });
  afterEach(() => setNodeSilent(false));
  afterAll(() => place?.remove());

  it('holds up neither a stop nor a removal', async () => {
    const server = place.server();
    const runs = [
      await submit(server, { Worker: { script: idle } }),
      await submit(server, { Worker: { script: idle } }),
    ] as const;
    for (const run of runs) await untilStatus(server, run, 'Running');
    setNodeSilent(true);
    const [stopped, removed] = runs;
    const path = `/api/v1/root/default/experiments/${numberOf(stopped)}/stop`;
    expect((await fetch(`${server.url}${path}`, { method: 'POST' })).status).toBe(200);
    await remove(server, removed);
    await untilStatus(server, stopped, 'Failed', 90);
    expect((await historyOf(server, numberOf(stopped))).at(-1)?.status).toBe('stopped');
    await vi.waitFor(async () => expect(await place.space.jobs(removed)).toEqual([]), { timeout: 90_000 });
    setNodeSilent(false);
    await vi.waitFor(async () => expect(await place.space.pods()).toEqual([]), { timeout: 60_000 });
  });

  it('fails its jobs, and what comes back with it changes nothing', async () => {
    const server = place.server();
    const run = await submit(server, { Worker: { script: idle } });
    await untilStatus(server, run, 'Running');
    setNodeSilent(true);
    expect(await untilFailed(server, run, 90)).toMatch(
      /^node_lost: test-worker-0: its node \S+ does not answer/,
    );
    setNodeSilent(false);
    await vi.waitFor(async () => expect(await place.space.pods(run)).toEqual([]), { timeout: 60_000 });
    expect((await find(server, run)).status).toBe('Failed');
    expect((await logsOf(server, run))['test-worker-0']?.[0]).toBe('up');
  });
});
