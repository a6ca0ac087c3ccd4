import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  firstJob,
  inspectJob,
  linesOf,
  onePlan,
  shell,
  untilEnded,
  untilPrinted,
  untilStatus,
} from '../conformance/runner/plans.js';
import { type BareRunner, startBareRunner } from './bare-runner.js';
import { forgetHistory, isOwn } from './machine.js';
import { createSpace, type Space, servedKinds } from './space.js';
import { image } from './support.js';
import { layWire, type Wire } from './wire.js';

/** A watch lasts this long, and half as much again by chance. */
const watchSeconds = 4;

describe('the way to the API server', () => {
  let space: Space;
  let wire: Wire;
  let bare: BareRunner;

  beforeEach(async () => {
    space = await createSpace();
    wire = await layWire();
  });
  afterEach(async () => {
    await bare?.close();
    await wire?.close();
    await space?.remove();
  });

  /** All statuses that were told of a job once it had a node, each once. */
  const statuses = (jobId: string) => {
    const all = bare.told.filter((one) => one.jobId === jobId).map(({ status }) => status);
    return all.filter((status, place) => status !== 'scheduled' && status !== all[place - 1]);
  };

  it.skipIf(!isOwn)(
    'is cut, with no history left to go on from: listed once, and nothing is missed',
    async () => {
      bare = await startBareRunner(space, wire.cluster);
      const { runner, logs } = bare;
      const plan = onePlan(shell('echo up; sleep 6; echo over; exit 3'), { image });
      await runner.submit(plan);
      await untilStatus(runner, firstJob(plan), 'running', 60);
      await untilPrinted(logs, firstJob(plan), 'up');
      const before = wire.cluster.requests;
      await forgetHistory();
      wire.cut();
      const until = performance.now() + 10_000;
      await untilEnded(runner, plan.runId, 60);
      expect(await inspectJob(runner, firstJob(plan))).toMatchObject({ status: 'failed', exitCode: 3 });
      expect(await linesOf(logs, firstJob(plan))).toEqual(['up', 'over']);
      await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until), { timeout: 20_000 });
      // A list and a watch of each collection, the log, its end, and letting go of the pod: nine without the operator.
      const collections = 3 + (await servedKinds()).size;
      expect(wire.cluster.requests - before).toBeLessThanOrEqual(2 * collections + 3);
      expect(statuses(firstJob(plan).jobId)).toEqual(['starting', 'running', 'failed']);
    },
  );

  it('falls silent: what happened meanwhile is known soon after a watch should have ended', async () => {
    bare = await startBareRunner(space, wire.cluster, { watchSeconds });
    const { runner, logs } = bare;
    const plan = onePlan(shell('echo up; sleep 3; echo over'), { image });
    await runner.submit(plan);
    await untilStatus(runner, firstJob(plan), 'running', 60);
    await untilPrinted(logs, firstJob(plan), 'up');
    wire.swallow();
    await vi.waitFor(
      async () => expect((await space.pods()).map(({ status }) => status?.phase)).toEqual(['Succeeded']),
      { timeout: 30_000, interval: 100 },
    );
    // The watch's time, five seconds of silence, and ten more for the output's own stream.
    await untilEnded(runner, plan.runId, watchSeconds * 1.5 + 5 + 10 + 3);
    expect(await inspectJob(runner, firstJob(plan))).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(await linesOf(logs, firstJob(plan))).toEqual(['up', 'over']);
  });
});
