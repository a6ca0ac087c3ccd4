import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/core/ports/index.js';
import { isTerminal } from '../../../src/core/status.js';
import { exec, firstJob, inspectJob, onePlan, shell } from './plans.js';
import type { SuiteContext } from './suite.js';

/** What is told of a job that has ended, to those who ask and to those who watch. */
export function describeEnds({ run, fixture }: SuiteContext): void {
  describe('the end of a job', () => {
    it('is success for exit code 0', async () => {
      const end = await run(onePlan(exec('true')));
      expect(end).toMatchObject({
        status: 'succeeded',
        reason: null,
        message: null,
        exitCode: 0,
        signal: null,
      });
      expect(end.finishedAt).toBeGreaterThanOrEqual(end.startedAt ?? Number.NaN);
    });

    it('is failure for any other, and tells it', async () => {
      const end = await run(onePlan(shell('exit 3')));
      expect(end).toMatchObject({
        status: 'failed',
        reason: 'exit_nonzero',
        message: 'exit code 3',
        exitCode: 3,
      });
    });

    it('names the signal that ended it', async () => {
      const end = await run(onePlan(shell('kill -KILL $$')));
      expect(end).toMatchObject({ status: 'failed', reason: 'signal', exitCode: 137, signal: 'SIGKILL' });
    });

    it('is a fault of the spec when the command is not there', async () => {
      const end = await run(onePlan(exec('franca-no-such-command', 'x')));
      expect(end).toMatchObject({ status: 'failed', reason: 'config_error', exitCode: null });
      expect(end.message).toContain('franca-no-such-command');
    });

    it('is observed, with all that led to it, by whoever watches', async () => {
      const plan = onePlan(shell('sleep 0.5'));
      const seen: Observation[] = [];
      const watching = (async () => {
        for await (const observation of fixture().runner.observe(new AbortController().signal)) {
          seen.push(observation);
          if (isTerminal(observation.status)) break;
        }
      })();
      await fixture().runner.submit(plan);
      await watching;
      expect(new Set(seen.map(({ jobId }) => jobId))).toEqual(new Set([firstJob(plan).jobId]));
      expect(seen.map(({ status }) => status).filter((status) => status !== 'starting')).toEqual([
        'running',
        'succeeded',
      ]);
      expect(seen.at(-1)).toEqual(await inspectJob(fixture().runner, firstJob(plan)));
    });
  });

  it('stops observing when told to', async () => {
    const abort = new AbortController();
    const observations = fixture().runner.observe(abort.signal)[Symbol.asyncIterator]();
    const next = observations.next();
    abort.abort();
    expect(await next).toMatchObject({ done: true });
  });
}
