import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { RunId } from '../../../src/core/ids.js';
import type { RunPlan } from '../../../src/core/ports/index.js';
import type { Command } from '../../../src/core/spec.js';
import { aRole } from '../../support/builders.js';
import {
  exec,
  firstJob,
  linesOf,
  onePlan,
  planOf,
  shell,
  untilEnded,
  untilPrinted,
  untilStatus,
} from './plans.js';
import type { SuiteContext } from './suite.js';

/** How jobs are ended. */
export function describeStops({ fixture }: SuiteContext): void {
  /** A run of one job, whose command has said that it is up. */
  async function started(command: Command): Promise<RunPlan> {
    const plan = onePlan(command);
    await fixture().runner.submit(plan);
    await untilPrinted(fixture().logs, firstJob(plan), 'up');
    return plan;
  }

  describe('stopping', () => {
    it('ends a job and says so', async () => {
      const plan = await started(shell('echo up; exec sleep 60'));
      await fixture().runner.stop(plan.runId, 10);
      await fixture().runner.stop(plan.runId, 10);
      const end = await untilStatus(fixture().runner, firstJob(plan), 'stopped');
      expect(end).toMatchObject({ reason: 'user_stop', exitCode: 143, signal: 'SIGTERM' });
      await fixture().runner.stop(plan.runId, 10);
      expect(await fixture().runner.inspect(plan.runId)).toEqual([end]);
    });

    it('lets a job end itself within the grace, and keeps what it says', async () => {
      const plan = await started(
        shell('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done'),
      );
      await fixture().runner.stop(plan.runId, 10);
      const end = await untilStatus(fixture().runner, firstJob(plan), 'stopped');
      expect(end).toMatchObject({ reason: 'user_stop', exitCode: 0, signal: null });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['up', 'bye']);
    });

    it('kills a job that ignores SIGTERM after the grace', async () => {
      const plan = await started(shell('trap "" TERM; echo up; while :; do sleep 0.05; done'));
      await fixture().runner.stop(plan.runId, 0.3);
      const end = await untilStatus(fixture().runner, firstJob(plan), 'stopped');
      expect(end).toMatchObject({ reason: 'user_stop', signal: 'SIGKILL', exitCode: 137 });
    });

    it('again with less grace kills sooner', async () => {
      const plan = await started(shell('trap "" TERM; echo up; while :; do sleep 0.05; done'));
      await fixture().runner.stop(plan.runId, 600);
      await fixture().runner.stop(plan.runId, 0);
      expect(await untilStatus(fixture().runner, firstJob(plan), 'stopped')).toMatchObject({
        signal: 'SIGKILL',
      });
    });

    it('directly after submitting ends every job as stopped, and a repeat of the submission starts none', async () => {
      const plan = planOf({ roles: [aRole({ replicas: 3, command: exec('sleep', '60') })] });
      await fixture().runner.submit(plan);
      await fixture().runner.stop(plan.runId, 5);
      const ends = await untilEnded(fixture().runner, plan.runId);
      expect(ends.map(({ status }) => status)).toEqual(['stopped', 'stopped', 'stopped']);
      await fixture().runner.submit(plan);
      expect(await fixture().runner.inspect(plan.runId)).toEqual(ends);
    });

    it('what ended before is still what it was', async () => {
      const plan = onePlan(exec('true'));
      await fixture().runner.submit(plan);
      const end = await untilStatus(fixture().runner, firstJob(plan), 'succeeded');
      await fixture().runner.stop(plan.runId, 1);
      expect(await fixture().runner.inspect(plan.runId)).toEqual([end]);
    });

    it('a run that is not known is no error', async () => {
      await fixture().runner.stop(uuid() as RunId, 1);
      expect(await fixture().runner.inspect(uuid() as RunId)).toEqual([]);
    });
  });
}
