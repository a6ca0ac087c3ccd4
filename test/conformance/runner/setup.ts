import { describe, expect, it } from 'vitest';
import { firstJob, inspectJob, linesOf, onePlan, shell, untilPrinted, untilStatus } from './plans.js';
import type { SuiteContext } from './suite.js';

/** What every runner promises of scripts that prepare a job before its command. */
export function describeSetup({ run, fixture }: SuiteContext): void {
  describe('a setup', () => {
    it('is done before the command, in its folder and with its variables, and its output is kept', async () => {
      const plan = onePlan(shell('cat made; echo "$B"'), {
        setup: 'echo "setting up $A"\npwd > made\npwd',
        env: [
          { name: 'A', value: 'a' },
          { name: 'B', value: 'b' },
        ],
      });
      const end = await run(plan);
      expect(end).toMatchObject({ status: 'succeeded', exitCode: 0 });
      const lines = await linesOf(fixture().logs, firstJob(plan));
      expect(lines).toEqual(['setting up a', lines[1], lines[1], 'b']);
      const { builtAt, startedAt, finishedAt } = end;
      const times = [builtAt, startedAt, finishedAt];
      expect(times).toEqual([...times].sort((a, b) => (a ?? 0) - (b ?? 0)));
    });

    it('is building while it runs, and not started', async () => {
      const plan = onePlan(shell('echo started; exec sleep 60'), {
        setup: 'echo up; while [ ! -e "$HOME/go" ]; do sleep 0.05; done',
      });
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'up');
      const building = { status: 'building', builtAt: null, startedAt: null };
      expect(await inspectJob(fixture().runner, firstJob(plan))).toMatchObject(building);
      await fixture().restart();
      expect(await inspectJob(fixture().runner, firstJob(plan))).toMatchObject(building);
      await fixture().runner.submit(plan);
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['up']);
    });

    it('ends the job at its first step that fails', async () => {
      const plan = onePlan(shell('echo never'), { setup: 'echo one\n(exit 7)\necho two' });
      expect(await run(plan)).toMatchObject({
        status: 'failed',
        reason: 'exit_nonzero',
        message: 'a step of the setup failed: exit code 7',
        exitCode: 7,
        builtAt: null,
        startedAt: null,
      });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['one']);
    });

    it('leaves nothing running for the command', async () => {
      const plan = onePlan(shell('rm -f beat; sleep 0.5; [ -e beat ] || echo gone'), {
        setup: '(while :; do touch beat; sleep 0.05; done) &\nwhile [ ! -e beat ]; do :; done',
      });
      expect(await run(plan)).toMatchObject({ status: 'succeeded' });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['gone']);
    });

    it('can be stopped, with what it started, and the command is then never started', async () => {
      const plan = onePlan(shell('echo never'), {
        setup: `setsid sh -c 'trap "" TERM; echo up; while :; do sleep 0.05; done' &\nwait; exit 0`,
      });
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'up');
      await fixture().runner.stop(plan.runId, 0.3);
      expect(await untilStatus(fixture().runner, firstJob(plan), 'stopped')).toMatchObject({
        reason: 'user_stop',
        builtAt: null,
        startedAt: null,
      });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['up']);
    });

    it('that ends well after it was asked to end is stopped all the same', async () => {
      const plan = onePlan(shell('echo never'), {
        setup: 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done',
      });
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'up');
      await fixture().runner.stop(plan.runId, 10);
      expect(await untilStatus(fixture().runner, firstJob(plan), 'stopped')).toMatchObject({ exitCode: 0 });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['up', 'bye']);
    });
  });
}
