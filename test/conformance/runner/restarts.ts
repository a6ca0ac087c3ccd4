import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isTerminal } from '../../../src/core/status.js';
import { aRole } from '../../support/builders.js';
import {
  exec,
  firstJob,
  inspectJob,
  linesOf,
  onePlan,
  planOf,
  shell,
  untilEnded,
  untilStatus,
} from './plans.js';
import type { SuiteContext } from './suite.js';

/** What a runner knows again after a restart of the server. */
export function describeRestarts({ fixture }: SuiteContext): void {
  describe('a restart', () => {
    it('finds what runs, what ended meanwhile, and what ended before', async () => {
      const before = onePlan(exec('true'));
      const meanwhile = onePlan(shell('echo up; sleep 0.3; echo done; exit 4'));
      const still = onePlan(shell('echo up; exec sleep 60'));
      for (const plan of [before, meanwhile, still]) await fixture().runner.submit(plan);
      const ended = await untilStatus(fixture().runner, firstJob(before), 'succeeded');
      const running = await untilStatus(fixture().runner, firstJob(still), 'running');
      await fixture().restart();
      expect(await inspectJob(fixture().runner, firstJob(before))).toEqual(ended);
      expect(await inspectJob(fixture().runner, firstJob(still))).toEqual(running);
      expect(await untilStatus(fixture().runner, firstJob(meanwhile), 'failed')).toMatchObject({
        exitCode: 4,
      });
      expect(await linesOf(fixture().logs, firstJob(meanwhile))).toEqual(['up', 'done']);
      await fixture().runner.stop(still.runId, 5);
      await untilStatus(fixture().runner, firstJob(still), 'stopped');
    });

    it('observes the end of what it found', async () => {
      const plan = onePlan(shell('sleep 1'));
      await fixture().runner.submit(plan);
      await fixture().restart();
      for await (const observation of fixture().runner.observe(new AbortController().signal)) {
        if (isTerminal(observation.status)) break;
      }
      expect(await inspectJob(fixture().runner, firstJob(plan))).toMatchObject({ status: 'succeeded' });
    });

    it('keeps the port of each job, until the job is removed', async () => {
      const role = aRole({ replicas: 2, command: { kind: 'shell', script: 'exec sleep 60' } });
      const plan = planOf({ roles: [role] });
      const portsOf = () => Promise.all(plan.jobs.map(({ id }) => fixture().runner.portOf(plan.runId, id)));
      expect(await portsOf()).toEqual([null, null]);
      await fixture().runner.submit(plan);
      const ports = await portsOf();
      expect(new Set(ports).size).toBe(2);
      for (const port of ports) expect(port).toBeGreaterThan(1023);
      await fixture().restart();
      expect(await portsOf()).toEqual(ports);
      await fixture().runner.stop(plan.runId, 5);
      await untilEnded(fixture().runner, plan.runId);
      await fixture().runner.remove(plan.runId);
      expect(await portsOf()).toEqual([null, null]);
    });

    it('keeps an inbox of each job, where what the job leaves is found until it is removed', async () => {
      const role = aRole({
        replicas: 2,
        command: { kind: 'shell', script: 'echo "$FRANCA_JOB_ID" > "$INBOX/left"' },
      });
      const plan = planOf({ roles: [role], environment: ({ inbox }) => ({ INBOX: inbox }) });
      const { runner } = fixture();
      const inboxesOf = () =>
        Promise.all(plan.jobs.map(({ id }) => fixture().runner.inboxOf(plan.runId, id)));
      expect(await inboxesOf()).toEqual([null, null]);
      await runner.submit(plan);
      await untilEnded(runner, plan.runId);
      await fixture().restart();
      const left = (await inboxesOf()).map((inbox) => readFileSync(join(inbox ?? '', 'left'), 'utf8').trim());
      expect(left).toEqual(plan.jobs.map(({ id }) => id));
      await fixture().runner.remove(plan.runId);
      expect(await inboxesOf()).toEqual([null, null]);
    });

    it('starts nothing twice when the submission is repeated', async () => {
      const plan = onePlan(shell('echo started; sleep 0.3'));
      await fixture().runner.submit(plan);
      await fixture().restart();
      await fixture().runner.submit(plan);
      await untilEnded(fixture().runner, plan.runId);
      await fixture().restart();
      await fixture().runner.submit(plan);
      await untilEnded(fixture().runner, plan.runId);
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['started']);
    });
  });
}
