import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isTerminal } from '../../src/core/status.js';
import { trainingKinds } from '../../src/runner/kubernetes/workloads.js';
import {
  firstJob,
  inspectJob,
  linesOf,
  onePlan,
  shell,
  untilEnded,
  untilStatus,
} from '../conformance/runner/plans.js';
import { type BareRunner, startBareRunner } from './bare-runner.js';
import { createSpace, type Space } from './space.js';
import { createPlace, type Experiment, find, image, logsOf, type Place, submit } from './support.js';

const full = process.env.FRANCA_TEST_FULL === '1';

describe('many runs at once', () => {
  const count = full ? 200 : 40;
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
    await place.start();
  });
  afterAll(() => place?.remove());

  it(`end right, in little memory: ${count}`, { timeout: 1_800_000 }, async () => {
    const server = place.server();
    const runs = await Promise.all(
      Array.from({ length: count }, (_, number) =>
        submit(server, { Worker: { script: `echo run ${number}` } }),
      ),
    );
    let most = 0;
    const left = new Set<Experiment>(runs);
    await vi.waitFor(
      async () => {
        const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
        most = Math.max(most, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
        for (const run of left) if ((await find(server, run)).status === 'Succeeded') left.delete(run);
        expect(left.size).toBe(0);
      },
      { timeout: 1_700_000, interval: 2000 },
    );
    for (const [number, run] of runs.entries())
      expect((await logsOf(server, run))['test-worker-0']).toEqual([`run ${number}`]);
    expect(most).toBeLessThan(300);
  });
});

describe('what is asked of the API server', () => {
  let space: Space;
  let bare: BareRunner;

  beforeAll(async () => {
    space = await createSpace();
    bare = await startBareRunner(space, space.cluster);
  });
  afterAll(async () => {
    await space?.cluster.request({ method: 'DELETE', path: `/api/v1/namespaces/${space.name}` });
    await bare?.close();
  });

  it('grows with what happens, not with runs and time', async () => {
    const { runner, logs } = bare;
    const before = space.cluster.requests;
    const plans = Array.from({ length: 10 }, () => onePlan(shell('echo up; sleep 20'), { image }));
    await Promise.all(plans.map((plan) => runner.submit(plan)));
    for (const plan of plans) await untilStatus(runner, firstJob(plan), 'running', 60);
    // A Job, a Service and a log for each.
    const started = space.cluster.requests - before;
    expect(started).toBeLessThanOrEqual(10 * 3 + 10);
    await vi.waitFor(async () => {
      for (const plan of plans) expect(await linesOf(logs, firstJob(plan))).toEqual(['up']);
    });
    const quiet = space.cluster.requests;
    const until = performance.now() + 8000;
    await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until), { timeout: 20_000 });
    // Nothing happens but, at most, the renewal of the watches: three, and one for each kind of the training operator.
    expect(space.cluster.requests - quiet).toBeLessThanOrEqual(3 + trainingKinds.length);
    for (const plan of plans) await untilEnded(runner, plan.runId, 60);
    await vi.waitFor(async () => {
      for (const pod of await space.pods())
        expect(pod.metadata?.finalizers ?? []).not.toContain('franca/capture');
    });
    for (const plan of plans) {
      const { status } = await inspectJob(runner, firstJob(plan));
      expect(isTerminal(status)).toBe(true);
    }
    expect(space.cluster.requests - before).toBeLessThanOrEqual(10 * 6 + 20);
  });
});
