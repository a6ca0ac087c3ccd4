import { describe, expect, it } from 'vitest';
import type { JobId, RunId } from '../../../src/core/ids.js';
import { Rejected } from '../../../src/core/ports/index.js';
import { isTerminal } from '../../../src/core/status.js';
import { exec, firstJob, inspectJob, onePlan, shell, untilStatus } from './plans.js';
import type { SuiteContext } from './suite.js';

/** How a run is forgotten, and what is no run. */
export function describeRemoval({ run, fixture }: SuiteContext): void {
  describe('removing', () => {
    it('forgets a run that has ended, and may be repeated', async () => {
      const plan = onePlan(exec('true'));
      await run(plan);
      await fixture().runner.remove(plan.runId);
      await fixture().runner.remove(plan.runId);
      expect(await fixture().runner.inspect(plan.runId)).toEqual([]);
    });

    it('is refused while a job lives', async () => {
      const plan = onePlan(shell('echo up; exec sleep 60'));
      await fixture().runner.submit(plan);
      await untilStatus(fixture().runner, firstJob(plan), 'running');
      const ended = (async () => {
        for await (const observation of fixture().runner.observe(new AbortController().signal)) {
          if (isTerminal(observation.status)) return observation.status;
        }
        return null;
      })();
      await expect(fixture().runner.remove(plan.runId)).rejects.toThrow('has not ended');
      expect(await inspectJob(fixture().runner, firstJob(plan))).toMatchObject({ status: 'running' });
      await fixture().runner.stop(plan.runId, 5);
      expect(await ended).toBe('stopped');
    });
  });

  it.each(['..', '../../etc', '', 'x'])('takes %j for no id', async (id) => {
    const plan = onePlan(exec('true'));
    const withJob = { ...plan, jobs: plan.jobs.map((job) => ({ ...job, id: id as JobId })) };
    await expect(fixture().runner.submit({ ...plan, runId: id as RunId })).rejects.toThrow('not an id');
    await expect(fixture().runner.submit(withJob)).rejects.toThrow('not an id');
    await expect(fixture().runner.remove(id as RunId)).rejects.toThrow('not an id');
    await expect(fixture().runner.inspect(id as RunId)).rejects.toThrow('not an id');
  });

  it('refuses a job whose role the spec does not have', async () => {
    const plan = onePlan(exec('true'));
    const jobs = plan.jobs.map((job) => ({ ...job, role: 'Nobody' }));
    await expect(fixture().runner.submit({ ...plan, jobs })).rejects.toThrow(Rejected);
  });
}
