import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, Run } from '../../src/core/model.js';
import type { Observation } from '../../src/core/ports/index.js';
import { admitAttempt, markQueued } from '../../src/services/lifecycle/admit.js';
import { retryRun } from '../../src/services/lifecycle/begin-attempt.js';
import { finishRun } from '../../src/services/lifecycle/finish.js';
import { purgeRun } from '../../src/services/lifecycle/purge.js';
import { recordObservations } from '../../src/services/lifecycle/record-observations.js';
import { recordSubmission } from '../../src/services/lifecycle/record-submission.js';
import { createRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { getRun } from '../../src/services/runs/get.js';
import { stopRun } from '../../src/services/runs/stop.js';
import type { RunView } from '../../src/services/runs/view.js';
import { aRole, aSpec } from '../support/builders.js';
import { aRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
let view: RunView;
let run: Run;
let job: Job;

beforeEach(async () => {
  bench = await createBench();
  view = await createRun(bench.ctx, aRequest({ spec: aSpec() }));
  run = view.run;
  const [first] = view.jobs;
  if (first === undefined) throw new Error('one replica is one job');
  job = first;
});

afterEach(() => bench.close());

const seen = (fields: Partial<Observation>): Observation => ({
  runId: run.id,
  jobId: job.id,
  status: 'running',
  reason: null,
  message: null,
  exitCode: null,
  signal: null,
  node: 'here',
  builtAt: null,
  startedAt: null,
  finishedAt: null,
  ...fields,
});

async function history(): Promise<{ run: string[]; job: string[] }> {
  const events = await bench.store.read.statuses.list([run.key], { jobs: true });
  return {
    run: events.filter((event) => event.jobKey === null).map((event) => event.status),
    job: events.filter((event) => event.jobKey !== null).map((event) => event.status),
  };
}

describe('admission', () => {
  it('schedules the run and its jobs', async () => {
    await markQueued(bench.ports, run.key, 1, 'waits for 1 of 0 slots');
    await markQueued(bench.ports, run.key, 1, 'waits for 1 of 0 slots');
    expect(await admitAttempt(bench.ports, run.key, 1)).toBe(true);
    expect(await history()).toEqual({ run: ['created', 'queued', 'scheduled'], job: ['scheduled'] });
  });

  it('is refused for a run that is to stop, or for another attempt', async () => {
    expect(await admitAttempt(bench.ports, run.key, 2)).toBe(false);
    await stopRun(bench.ctx, { id: run.id });
    expect(await admitAttempt(bench.ports, run.key, 1)).toBe(false);
  });
});

describe('what the runner remarks on a submission', () => {
  const submission = { attempt: 1, spec: aSpec(), remarks: ['runs elsewhere', 'on other nodes'] };
  beforeEach(() => admitAttempt(bench.ports, run.key, 1));

  async function told(): Promise<[string, string | null][]> {
    const events = await bench.store.read.statuses.list([run.key], { jobs: false });
    return events.map(({ status, message }) => [status, message]);
  }

  it('is told in the run’s history, once an attempt', async () => {
    await recordSubmission(bench.ports, run.key, submission);
    await recordSubmission(bench.ports, run.key, { ...submission, spec: aSpec({ revision: 2 }) });
    expect(await told()).toEqual([
      ['created', null],
      ['scheduled', null],
      ['scheduled', 'runs elsewhere; on other nodes'],
    ]);
    expect(await bench.store.read.attempts.find(run.key, 1)).toMatchObject({ submittedRevision: 2 });
  });

  it('moves nothing that has gone on meanwhile', async () => {
    await recordObservations(bench.ports, run.key, [seen({ startedAt: 70 })]);
    await recordSubmission(bench.ports, run.key, submission);
    expect((await getRun(bench.ctx, { id: run.id })).run).toMatchObject({
      status: 'running',
      statusMessage: null,
    });
    expect((await told()).at(-1)).toEqual(['scheduled', 'runs elsewhere; on other nodes']);
  });

  it('is nothing where it has nothing to say', async () => {
    await recordSubmission(bench.ports, run.key, { ...submission, remarks: [] });
    expect(await told()).toHaveLength(2);
  });
});

describe('observations', () => {
  beforeEach(() => admitAttempt(bench.ports, run.key, 1));

  async function shown(): Promise<[string, string | null]> {
    const { run: now } = await getRun(bench.ctx, { id: run.id });
    return [now.status, now.statusMessage];
  }

  it('of what keeps a job from running are told of the run, each once, with the name of the job', async () => {
    const full = seen({ status: 'unschedulable', message: 'no room' });
    await recordObservations(bench.ports, run.key, [full]);
    await recordObservations(bench.ports, run.key, [full]);
    expect(await shown()).toEqual(['unschedulable', `${job.name}: no room`]);
    await recordObservations(bench.ports, run.key, [seen({ status: 'starting', message: 'no image' })]);
    expect(await shown()).toEqual(['starting', `${job.name}: no image`]);
    await recordObservations(bench.ports, run.key, [seen({ startedAt: 70 })]);
    expect(await shown()).toEqual(['running', null]);
    expect((await history()).run).toEqual([
      'created',
      'scheduled',
      'unschedulable',
      'starting',
      'starting',
      'running',
    ]);
  });

  it('of a node that is silent for a while pass', async () => {
    await recordObservations(bench.ports, run.key, [seen({ startedAt: 70 })]);
    await recordObservations(bench.ports, run.key, [
      seen({ status: 'unknown', message: 'silent', startedAt: 70 }),
    ]);
    expect(await shown()).toEqual(['unknown', `${job.name}: silent`]);
    await recordObservations(bench.ports, run.key, [seen({ startedAt: 70 })]);
    expect(await shown()).toEqual(['running', null]);
    expect((await history()).job).toEqual(['scheduled', 'running', 'unknown', 'running']);
  });

  it('move the job and the run, and change nothing when they are repeated', async () => {
    expect(await recordObservations(bench.ports, run.key, [seen({ status: 'starting' })])).toBe(true);
    expect(await recordObservations(bench.ports, run.key, [seen({ startedAt: 70 })])).toBe(true);
    expect(await recordObservations(bench.ports, run.key, [seen({ startedAt: 70 })])).toBe(false);
    expect(await history()).toEqual({
      run: ['created', 'scheduled', 'starting', 'running'],
      job: ['scheduled', 'starting', 'running'],
    });
    const after = await getRun(bench.ctx, { id: run.id });
    expect(after.run).toMatchObject({ status: 'running', startedAt: 70 });
    expect(after.jobs[0]).toMatchObject({ status: 'running', startedAt: 70, node: 'here' });
  });

  it('fill in what was missed, with its own time', async () => {
    const end = seen({
      status: 'failed',
      reason: 'exit_nonzero',
      message: 'exit code 3',
      exitCode: 3,
      startedAt: 5,
      finishedAt: 9,
    });
    await recordObservations(bench.ports, run.key, [end]);
    expect(await history()).toEqual({
      run: ['created', 'scheduled', 'starting', 'running'],
      job: ['scheduled', 'running', 'failed'],
    });
    const after = await getRun(bench.ctx, { id: run.id });
    expect(after.jobs[0]).toMatchObject({ exitCode: 3, startedAt: 5, finishedAt: 9, message: 'exit code 3' });
    expect(after.run).toMatchObject({ status: 'running', finishedAt: null });
  });

  it('come too late after the end', async () => {
    await recordObservations(bench.ports, run.key, [
      seen({ status: 'succeeded', startedAt: 5, finishedAt: 9 }),
    ]);
    expect(await recordObservations(bench.ports, run.key, [seen({ startedAt: 5 })])).toBe(false);
    expect(await recordObservations(bench.ports, run.key, [seen({ status: 'failed', finishedAt: 10 })])).toBe(
      false,
    );
  });

  it('tell why a job was stopped', async () => {
    await stopRun(bench.ctx, { id: run.id });
    await recordObservations(bench.ports, run.key, [seen({ status: 'stopped', reason: 'user_stop' })]);
    expect((await getRun(bench.ctx, { id: run.id })).jobs[0]).toMatchObject({
      status: 'stopped',
      reason: 'user_stop',
    });
  });
});

describe('a run with a setup', () => {
  beforeEach(async () => {
    const spec = aSpec({ roles: [aRole({ setup: 'make' }), aRole({ name: 'Ps', kind: 'ps' })] });
    const view = await createRun(bench.ctx, aRequest({ spec }));
    run = view.run;
    const [first] = view.jobs;
    if (first === undefined) throw new Error('two replicas are two jobs');
    job = first;
    await admitAttempt(bench.ports, run.key, 1);
  });

  const building = () => seen({ status: 'building' });

  it('is building until that is done, then scheduled, starting, running', async () => {
    expect(await recordObservations(bench.ports, run.key, [building()])).toBe(false);
    expect(await history()).toEqual({ run: ['created', 'building'], job: ['building', 'scheduled'] });
    await recordObservations(bench.ports, run.key, [seen({ status: 'starting', builtAt: 7 })]);
    await recordObservations(bench.ports, run.key, [seen({ builtAt: 7, startedAt: 8 })]);
    expect(await history()).toEqual({
      run: ['created', 'building', 'scheduled', 'starting', 'running'],
      job: ['building', 'scheduled', 'scheduled', 'starting', 'running'],
    });
    const events = await bench.store.read.statuses.list([run.key], { jobs: false });
    expect(events.slice(2).map(({ at }) => at)).toEqual([7, expect.any(Number), 8]);
  });

  it('whose start was missed has it filled in', async () => {
    const end = { status: 'succeeded', builtAt: 7, startedAt: 8, finishedAt: 9 } as const;
    await recordObservations(bench.ports, run.key, [seen(end)]);
    expect(await history()).toEqual({
      run: ['created', 'building', 'scheduled', 'starting', 'running'],
      job: ['building', 'scheduled', 'scheduled', 'running', 'succeeded'],
    });
  });

  it('that fails was never scheduled', async () => {
    const end = {
      status: 'failed',
      reason: 'exit_nonzero',
      message: 'm',
      exitCode: 2,
      finishedAt: 9,
    } as const;
    await recordObservations(bench.ports, run.key, [seen(end)]);
    const outcome = { status: 'failed', reason: 'exit_nonzero', message: 'm', at: 9 } as const;
    await finishRun(bench.ports, run.key, 1, outcome);
    expect(await history()).toEqual({
      run: ['created', 'building', 'failed'],
      job: ['building', 'scheduled', 'failed', 'skipped'],
    });
  });

  it('goes on with a job that has none', async () => {
    const other = (await getRun(bench.ctx, { id: run.id })).jobs[1];
    if (other === undefined) throw new Error('two replicas are two jobs');
    await recordObservations(bench.ports, run.key, [
      building(),
      { ...seen({ startedAt: 8 }), jobId: other.id },
    ]);
    expect((await history()).run).toEqual(['created', 'building', 'scheduled', 'starting', 'running']);
  });
});

describe('the end', () => {
  it('comes once: the first one stays', async () => {
    const outcome = { status: 'succeeded', reason: null, message: null, at: 9 } as const;
    expect(await finishRun(bench.ports, run.key, 1, outcome)).toBe(true);
    expect(await finishRun(bench.ports, run.key, 1, { ...outcome, status: 'failed' })).toBe(false);
    const after = await getRun(bench.ctx, { id: run.id });
    expect(after.run).toMatchObject({ status: 'succeeded', finishedAt: 9 });
    expect(after.jobs[0]?.status).toBe('skipped');
    expect(await bench.store.read.runs.unfinished()).toEqual([]);
  });

  it('may be followed by another attempt, but only of the attempt that failed', async () => {
    expect(await retryRun(bench.ports, run.key, 1, aSpec(), { reason: 'retry', message: 'again' })).toBe(
      true,
    );
    expect(await retryRun(bench.ports, run.key, 1, aSpec(), { reason: 'retry', message: 'again' })).toBe(
      false,
    );
    expect(
      await finishRun(bench.ports, run.key, 1, { status: 'failed', reason: null, message: null, at: null }),
    ).toBe(false);
    const after = await getRun(bench.ctx, { id: run.id });
    expect(after.run).toMatchObject({ status: 'resuming', attempt: 2 });
    expect(after.jobs.map((each) => each.attempt)).toEqual([1, 2]);
  });
});

describe('purging', () => {
  it('removes every row of a deleted run, and none of another', async () => {
    const other = await createRun(bench.ctx, aRequest());
    await purgeRun(bench.ports, run.key);
    expect((await getRun(bench.ctx, { id: run.id })).run.id).toBe(run.id);
    await deleteRun(bench.ctx, { id: run.id });
    await purgeRun(bench.ports, run.key);
    await purgeRun(bench.ports, run.key);
    expect(await bench.store.read.runs.findByKey(run.key)).toBeNull();
    expect(await bench.store.read.jobs.list([run.key])).toEqual([]);
    expect(await bench.store.read.statuses.list([run.key], { jobs: true })).toEqual([]);
    expect(await getRun(bench.ctx, { id: other.run.id })).toEqual(other);
    expect(await bench.store.read.audit.list(`run ${run.id}`)).toHaveLength(2);
  });
});
