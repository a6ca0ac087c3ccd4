import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/core/model.js';
import { decide, outcomeOf } from '../../src/reconciler/decide.js';
import type { RunSnapshot } from '../../src/services/lifecycle/load.js';
import { aJob, anAttempt, aRun, aSpec } from '../support/builders.js';

function snapshot(parts: Partial<RunSnapshot>): RunSnapshot {
  const attempt = parts.attempt ?? anAttempt();
  return { run: aRun(), spec: aSpec(), attempt, attempts: [attempt], jobs: [aJob()], ...parts };
}

const admitted = anAttempt({ admitted: true });
const submitted = anAttempt({ admitted: true, submittedRevision: 1 });
const running = aJob({ status: 'running', startedAt: 5 });
const succeeded = aJob({ status: 'succeeded', startedAt: 5, finishedAt: 9 });
const failed = aJob({ status: 'failed', reason: 'exit_nonzero', message: 'exit code 3', finishedAt: 9 });

describe('decide', () => {
  it.each([
    { name: 'a new run waits for room', given: {}, kind: 'admit' },
    { name: 'one with room is submitted', given: { attempt: admitted }, kind: 'submit' },
    { name: 'one that was submitted is left alone', given: { attempt: submitted }, kind: 'none' },
    {
      name: 'a new revision is submitted',
      given: {
        run: aRun({ specRevision: 2 }),
        spec: aSpec({ revision: 2 }),
        attempt: submitted,
        jobs: [running],
      },
      kind: 'submit',
    },
    { name: 'success finishes', given: { attempt: submitted, jobs: [succeeded] }, kind: 'finish' },
    { name: 'failure finishes', given: { attempt: submitted, jobs: [failed] }, kind: 'finish' },
    {
      name: 'failure ends the others first',
      given: { attempt: submitted, jobs: [failed, aJob({ number: 2, index: 1, status: 'running' })] },
      kind: 'stop',
    },
    {
      name: 'failure with a retry left',
      given: {
        attempt: submitted,
        jobs: [failed],
        spec: aSpec({ termination: { completion: { kind: 'all' }, maxRetries: 1 } }),
      },
      kind: 'retry',
    },
    {
      name: 'failure without a retry left',
      given: {
        attempt: submitted,
        attempts: [anAttempt(), anAttempt({ number: 2, reason: 'retry' as const })],
        jobs: [failed],
        spec: aSpec({ termination: { completion: { kind: 'all' as const }, maxRetries: 1 } }),
      },
      kind: 'finish',
    },
    ...(['evicted', 'preempted', 'node_lost', 'node_shutdown'] as const).map((reason) => ({
      name: `${reason} before anything ran is repeated free`,
      given: {
        attempt: submitted,
        jobs: [aJob({ status: 'failed' as const, reason, finishedAt: 9 })],
      },
      kind: 'retry',
    })),
    {
      name: 'but not without end',
      given: {
        attempt: submitted,
        attempts: [1, 2, 3, 4].map((number) =>
          anAttempt({ number, reason: number === 1 ? 'first' : 'infrastructure' }),
        ),
        jobs: [aJob({ status: 'failed' as const, reason: 'evicted' as const, finishedAt: 9 })],
      },
      kind: 'finish',
    },
    {
      name: 'and not once a job of the attempt has run',
      given: {
        attempt: submitted,
        jobs: [
          aJob({ status: 'failed' as const, reason: 'evicted' as const, finishedAt: 9 }),
          aJob({ number: 2, index: 1, status: 'succeeded', startedAt: 5, finishedAt: 8 }),
        ],
      },
      kind: 'finish',
    },
    {
      name: 'a command that cannot run is not repeated',
      given: {
        attempt: submitted,
        jobs: [aJob({ status: 'failed', reason: 'config_error' })],
        spec: aSpec({ termination: { completion: { kind: 'all' as const }, maxRetries: 5 } }),
      },
      kind: 'finish',
    },
    {
      name: 'a stop of a waiting run finishes it',
      given: { run: aRun({ desiredState: 'stopped' }) },
      kind: 'finish',
    },
    {
      name: 'a stop of a run that may have started ends its jobs',
      given: { run: aRun({ desiredState: 'stopped' }), attempt: admitted },
      kind: 'stop',
    },
    {
      name: 'a stop whose jobs have ended finishes',
      given: {
        run: aRun({ desiredState: 'stopped' }),
        attempt: submitted,
        jobs: [aJob({ status: 'stopped', finishedAt: 3 })],
      },
      kind: 'finish',
    },
    {
      name: 'jobs of an older attempt end before the next one waits',
      given: {
        run: aRun({ attempt: 2, status: 'resuming' }),
        attempt: anAttempt({ number: 2 }),
        jobs: [running, aJob({ number: 2, attempt: 2 })],
      },
      kind: 'stop',
    },
    {
      name: 'the next attempt waits once they have',
      given: {
        run: aRun({ attempt: 2, status: 'resuming' }),
        attempt: anAttempt({ number: 2 }),
        jobs: [succeeded, aJob({ number: 2, attempt: 2 })],
      },
      kind: 'admit',
    },
    {
      name: 'a deleted run that runs is ended',
      given: { run: aRun({ deletedAt: 1, purgeAt: 1 }), attempt: submitted, jobs: [running] },
      kind: 'stop',
    },
    {
      name: 'a deleted run that never started is purged',
      given: { run: aRun({ deletedAt: 1, purgeAt: 1 }) },
      kind: 'purge',
    },
    {
      name: 'a deleted run that has ended is purged',
      given: { run: aRun({ status: 'succeeded', deletedAt: 1, purgeAt: 1 }), jobs: [succeeded] },
      kind: 'purge',
    },
    {
      name: 'an ended run is left alone',
      given: { run: aRun({ status: 'failed' }), jobs: [failed] },
      kind: 'none',
    },
  ])('$name: $kind', ({ given, kind }) => {
    expect(decide(snapshot(given)).kind).toBe(kind);
  });
});

describe('outcome', () => {
  const chief = (fields: Partial<Job>) => aJob({ number: 1, role: 'Chief', name: 'run-chief-0', ...fields });
  const worker = (fields: Partial<Job>) =>
    aJob({ number: 2, role: 'Worker', name: 'run-worker-0', ...fields });
  const byChief = aSpec({
    termination: { completion: { kind: 'job', role: 'chief', index: 0 }, maxRetries: 0 },
  });
  const byAll = aSpec();
  const failure = { status: 'failed', reason: 'exit_nonzero', message: 'exit code 3' } as const;

  it.each([
    {
      name: 'all: one runs',
      spec: byAll,
      jobs: [chief({ status: 'succeeded' }), worker({ status: 'running' })],
      status: null,
    },
    {
      name: 'all: the last success counts',
      spec: byAll,
      jobs: [chief({ status: 'succeeded', finishedAt: 4 }), worker({ status: 'succeeded', finishedAt: 7 })],
      status: 'succeeded',
      at: 7,
    },
    {
      name: 'all: a failure ends it while others run',
      spec: byAll,
      jobs: [chief({ status: 'running' }), worker({ ...failure, finishedAt: 2 })],
      status: 'failed',
      at: 2,
      message: 'run-worker-0: exit code 3',
    },
    {
      name: 'by one: its success ends it while others run',
      spec: byChief,
      jobs: [chief({ status: 'succeeded', finishedAt: 4 }), worker({ status: 'running' })],
      status: 'succeeded',
      at: 4,
    },
    {
      name: 'by one: what fails after it changes nothing',
      spec: byChief,
      jobs: [chief({ status: 'succeeded', finishedAt: 4 }), worker({ ...failure, finishedAt: 5 })],
      status: 'succeeded',
      at: 4,
    },
    {
      name: 'by one: what fails before it fails the run',
      spec: byChief,
      jobs: [chief({ status: 'succeeded', finishedAt: 4 }), worker({ ...failure, finishedAt: 3 })],
      status: 'failed',
      at: 3,
    },
    {
      name: 'by one: others may succeed first',
      spec: byChief,
      jobs: [chief({ status: 'running' }), worker({ status: 'succeeded', finishedAt: 3 })],
      status: null,
    },
    {
      name: 'the first failure is told',
      spec: byAll,
      jobs: [
        chief({ ...failure, message: 'exit code 1', finishedAt: 9 }),
        worker({ ...failure, finishedAt: 8 }),
      ],
      status: 'failed',
      at: 8,
      message: 'run-worker-0: exit code 3',
    },
    {
      name: 'what was stopped for a failure is not told in its place, though its time is rounded down',
      spec: byAll,
      jobs: [
        chief({ ...failure, message: 'exit code 1', finishedAt: 9 }),
        worker({ status: 'stopped', reason: 'run_ended', finishedAt: 8 }),
      ],
      status: 'failed',
      at: 9,
      message: 'run-chief-0: exit code 1',
    },
    {
      name: 'what was stopped for a success does not fail the run',
      spec: byChief,
      jobs: [
        chief({ status: 'succeeded', finishedAt: 4 }),
        worker({ status: 'stopped', reason: 'run_ended', finishedAt: 3 }),
      ],
      status: 'succeeded',
      at: 4,
    },
  ])('$name', ({ spec, jobs, status, at, message }) => {
    const outcome = outcomeOf(spec, jobs);
    expect(outcome?.status ?? null).toBe(status);
    if (at !== undefined) expect(outcome?.at).toBe(at);
    if (message !== undefined) expect(outcome?.message).toBe(message);
  });
});
