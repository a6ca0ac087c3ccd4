import { describe, expect, it } from 'vitest';
import type { RunPlan } from '../../../src/core/ports/index.js';
import { aRole } from '../../support/builders.js';
import { firstJob, inspectJob, linesOf, onePlan, planOf, shell, untilPrinted, untilStatus } from './plans.js';
import type { SuiteContext } from './suite.js';

/** That a submission may be repeated, and what a later one changes. */
export function describeSubmission({ run, fixture }: SuiteContext): void {
  const sleeper = (replicas: number) => aRole({ replicas, command: shell('echo "pid $$"; exec sleep 60') });

  async function pids(plan: RunPlan): Promise<string[]> {
    const { logs } = fixture();
    return Promise.all(
      plan.jobs.map(({ id }) => untilPrinted(logs, { runId: plan.runId, jobId: id }, /^pid \d+$/)),
    );
  }

  describe('submitting', () => {
    it('again changes nothing, while it runs and after its end', async () => {
      const plan = onePlan(shell('echo started; sleep 0.3'));
      await Promise.all([fixture().runner.submit(plan), fixture().runner.submit(plan)]);
      await untilStatus(fixture().runner, firstJob(plan), 'running');
      await fixture().runner.submit(plan);
      const end = await untilStatus(fixture().runner, firstJob(plan), 'succeeded');
      await fixture().runner.submit(plan);
      expect(await fixture().runner.inspect(plan.runId)).toEqual([end]);
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['started']);
    });

    it('with more replicas starts the new ones and leaves the others alone', async () => {
      const before = planOf({ roles: [sleeper(1)] });
      await fixture().runner.submit(before);
      const [first] = await pids(before);
      const after = planOf({ runId: before.runId, revision: 2, roles: [sleeper(3)], keep: before.jobs });
      await fixture().runner.submit(after);
      const all = await pids(after);
      expect(all[0]).toBe(first);
      expect(new Set(all).size).toBe(3);
      expect((await fixture().runner.inspect(before.runId)).map(({ status }) => status)).toEqual(
        Array(3).fill('running'),
      );
    });

    it('with fewer replicas stops the surplus and leaves the others alone', async () => {
      const before = planOf({ roles: [sleeper(3)] });
      await fixture().runner.submit(before);
      await pids(before);
      const after = planOf({ runId: before.runId, revision: 2, roles: [sleeper(1)], keep: before.jobs });
      await fixture().runner.submit(after);
      for (const { id } of before.jobs.slice(1)) {
        const end = await untilStatus(fixture().runner, { runId: before.runId, jobId: id }, 'stopped');
        expect(end.reason).toBe('respecified');
      }
      expect(await inspectJob(fixture().runner, firstJob(after))).toMatchObject({ status: 'running' });
    });

    it('a new attempt stops the jobs of the one before', async () => {
      const before = planOf({ roles: [sleeper(1)] });
      await fixture().runner.submit(before);
      await pids(before);
      const after = onePlan(shell('echo again'), {}, { runId: before.runId, attempt: 2, revision: 2 });
      await fixture().runner.submit(after);
      await untilStatus(fixture().runner, firstJob(after), 'succeeded');
      const old = await untilStatus(fixture().runner, firstJob(before), 'stopped');
      expect(old.reason).toBe('respecified');
    });

    it('what was overtaken changes nothing', async () => {
      const newer = onePlan(shell('echo new'), {}, { attempt: 2, revision: 2 });
      await run(newer);
      const older = onePlan(shell('echo old'), {}, { runId: newer.runId });
      await fixture().runner.submit(older);
      expect((await fixture().runner.inspect(newer.runId)).map(({ jobId }) => jobId)).toEqual([
        firstJob(newer).jobId,
      ]);
    });
  });
}
