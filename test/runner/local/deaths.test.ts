import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogRef, RunPlan } from '../../../src/core/ports/index.js';
import { createLocalRunner } from '../../../src/runner/local/local-runner.js';
import { type JobState, readState, writeState } from '../../../src/runner/local/state-file.js';
import {
  exec,
  firstJob,
  inspectJob,
  linesOf,
  onePlan,
  planOf,
  shell,
  untilEnded,
  untilPrinted,
  untilStatus,
} from '../../conformance/runner/plans.js';
import { aRole } from '../../support/builders.js';
import { createLocalFixture, type LocalFixture, optionsFor, processesOf } from './harness.js';

let fixture: LocalFixture;

beforeEach(async () => {
  fixture = await createLocalFixture();
});
afterEach(() => fixture.dispose());

const stateFile = (job: LogRef) => join(fixture.runnerFolder, 'states', job.jobId);

async function running(plan: RunPlan): Promise<{ job: LogRef; state: JobState }> {
  await fixture.runner.submit(plan);
  const job = firstJob(plan);
  await untilPrinted(fixture.logs, job, 'up');
  await untilStatus(fixture.runner, job, 'running');
  const state = readState(stateFile(job));
  if (typeof state === 'string') throw new Error(state);
  return { job, state };
}

function kill(state: JobState): void {
  process.kill(state.supervisor?.pid ?? 0, 'SIGKILL');
}

describe('when the supervisor of a job is killed', () => {
  it('during its setup, that is ended with all that belongs to it, and the command is never started', async () => {
    const setup = `setsid sh -c 'trap "" TERM; echo up; while :; do sleep 0.1; done' & wait`;
    const plan = onePlan(shell('echo never'), { setup });
    await fixture.runner.submit(plan);
    const job = firstJob(plan);
    await untilPrinted(fixture.logs, job, 'up');
    const state = readState(stateFile(job));
    if (typeof state === 'string') throw new Error(state);
    kill(state);
    expect(await untilStatus(fixture.runner, job, 'failed')).toMatchObject({
      reason: 'internal',
      startedAt: null,
    });
    expect(processesOf(fixture.folder)).toEqual([]);
    expect(await linesOf(fixture.logs, job)).toEqual(['up']);
  });

  const stubborn = shell('trap "" TERM PIPE; setsid sleep 300 & echo up; while :; do sleep 0.1; done');

  it('the job is ended with all that belongs to it, and failed', async () => {
    const { job, state } = await running(onePlan(stubborn));
    kill(state);
    const end = await untilStatus(fixture.runner, job, 'failed');
    expect(end).toMatchObject({
      reason: 'internal',
      message: 'its supervisor ended without a record of the job',
      exitCode: null,
      startedAt: state.startedAt,
    });
    expect(processesOf(fixture.folder)).toEqual([]);
    await fixture.restart();
    expect(await inspectJob(fixture.runner, job)).toEqual(end);
  });

  it('while no server runs, the next server does so', async () => {
    const { job, state } = await running(onePlan(stubborn));
    await fixture.runner.close();
    kill(state);
    await fixture.restart();
    expect(await untilStatus(fixture.runner, job, 'failed')).toMatchObject({ reason: 'internal' });
    expect(processesOf(fixture.folder)).toEqual([]);
  });

  it('a stop still ends the job as stopped', async () => {
    const { job, state } = await running(onePlan(stubborn));
    await fixture.runner.close();
    kill(state);
    const fresh = createLocalRunner(optionsFor(fixture.folder));
    await fresh.stop(job.runId, 0.1);
    expect(await untilStatus(fresh, job, 'stopped')).toMatchObject({ reason: 'user_stop' });
    await fresh.close();
    await fixture.restart();
  });
});

describe('after a restart of the machine', () => {
  async function endAfterReboot(change: (state: JobState) => JobState): Promise<LogRef> {
    const { job, state } = await running(onePlan(shell('echo up; exec sleep 300')));
    await fixture.runner.close();
    kill(state);
    process.kill(state.process?.pid ?? 0, 'SIGKILL');
    writeState(stateFile(job), change(state));
    await fixture.restart();
    return job;
  }

  it('a job that ran is failed, for its node was lost', async () => {
    const job = await endAfterReboot((state) => ({ ...state, bootId: 'an earlier boot' }));
    expect(await untilStatus(fixture.runner, job, 'failed')).toMatchObject({
      reason: 'node_lost',
      message: 'the machine was restarted while the job ran',
    });
  });

  it('nobody who has the pids of old by now is harmed', async () => {
    const bystander = spawn('sleep', ['300'], { detached: true });
    const id = { pid: bystander.pid ?? 0, startTime: '1' };
    const job = await endAfterReboot((state) => ({ ...state, supervisor: id, process: id }));
    await untilStatus(fixture.runner, job, 'failed');
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill();
  });
});

it('a job whose state cannot be read is ended and failed', async () => {
  const { job, state } = await running(onePlan(shell('echo up; exec sleep 300')));
  kill(state);
  writeFileSync(stateFile(job), Buffer.alloc(4096));
  expect(await untilStatus(fixture.runner, job, 'failed')).toMatchObject({ reason: 'internal' });
  expect(processesOf(fixture.folder)).toEqual([]);
});

it('a supervisor that is told to end goes on, and records how its job ended', async () => {
  const { job, state } = await running(onePlan(shell('echo up; sleep 0.5; exit 6')));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.kill(state.supervisor?.pid ?? 0, signal);
  expect(await untilStatus(fixture.runner, job, 'failed')).toMatchObject({ exitCode: 6 });
});

it('a job is failed when no supervisor can be started', async () => {
  await fixture.dispose();
  fixture = await createLocalFixture({ supervisorPath: '/no/such/supervisor.js' });
  const plan = onePlan(exec('true'));
  await fixture.runner.submit(plan);
  expect(await untilStatus(fixture.runner, firstJob(plan), 'failed')).toMatchObject({
    reason: 'internal',
    message: 'no supervisor could be started for the job',
  });
});

it('a submission that fails for a passing reason leaves nothing, and succeeds when it is repeated', async () => {
  const plan = onePlan(exec('true'));
  const jobs = join(fixture.runnerFolder, 'jobs');
  rmdirSync(jobs);
  writeFileSync(jobs, 'in the way');
  await expect(fixture.runner.submit(plan)).rejects.toMatchObject({ code: 'ENOTDIR' });
  expect(await fixture.runner.inspect(plan.runId)).toEqual([]);
  rmSync(jobs);
  await fixture.runner.submit(plan);
  await untilStatus(fixture.runner, firstJob(plan), 'succeeded');
});

describe('servers of their own', () => {
  const program = fileURLToPath(new URL('./submit-plan.ts', import.meta.url));
  let servers: ChildProcess[] = [];
  let scratch: string;

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'franca-witness-'));
  });
  afterEach(() => {
    for (const server of servers) server.kill('SIGKILL');
    servers = [];
    rmSync(scratch, { recursive: true });
  });

  /** Starts servers that all submit the plan at the same moment; resolves when all have ended. */
  async function submitFromServers(plan: RunPlan, count: number, crashPoint?: string): Promise<void> {
    fixture.note(plan.runId);
    const planFile = join(scratch, 'plan.json');
    writeFileSync(planFile, JSON.stringify(plan));
    const words = [
      '--import',
      'tsx',
      program,
      planFile,
      fixture.folder,
      ...(crashPoint === undefined ? [] : [crashPoint]),
    ];
    servers = Array.from({ length: count }, () =>
      spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    await Promise.all(servers.map((server) => server.stdout && once(server.stdout, 'data')));
    const exits = servers.map((server) => once(server, 'exit'));
    for (const server of servers) server.stdin?.write('go\n');
    const expected = crashPoint === undefined ? [0, null] : [null, 'SIGKILL'];
    expect(await Promise.all(exits)).toEqual(servers.map(() => expected));
  }

  /** A job that leaves a line for each time that it was started. */
  const witnessed = (replicas: number) =>
    planOf({
      roles: [
        aRole({ replicas, command: shell(`echo $FRANCA_JOB_ID >> ${scratch}/starts; echo up; sleep 0.3`) }),
      ],
    });
  const starts = () => readFileSync(join(scratch, 'starts'), 'utf8').trim().split('\n').sort();

  it('that submit the same run at once start each job once', async () => {
    const plan = witnessed(3);
    await submitFromServers(plan, 2);
    await fixture.restart();
    await untilEnded(fixture.runner, plan.runId);
    expect(starts()).toEqual(plan.jobs.map(({ id }) => id).sort());
  });

  it.each(['local.planStored', 'local.jobStored', 'local.spawned'])(
    'that are killed at %s lose nothing: the next starts each job once',
    async (crashPoint) => {
      const plan = witnessed(2);
      await submitFromServers(plan, 1, crashPoint);
      await fixture.restart();
      await fixture.runner.submit(plan);
      const ends = await untilEnded(fixture.runner, plan.runId);
      expect(ends.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
      expect(starts()).toEqual(plan.jobs.map(({ id }) => id).sort());
    },
  );

  it.each(['local.planStored', 'local.jobStored', 'local.spawned'])(
    'that are killed at %s leave a run that can be stopped without a trace',
    async (crashPoint) => {
      const plan = planOf({ roles: [aRole({ replicas: 2, command: exec('sleep', '300') })] });
      await submitFromServers(plan, 1, crashPoint);
      await fixture.restart();
      await fixture.runner.stop(plan.runId, 5);
      const ends = await untilEnded(fixture.runner, plan.runId);
      expect(ends.map(({ status }) => status)).toEqual(['stopped', 'stopped']);
    },
  );

  it('that are killed between two starts leave a job that still finds the one that ended meanwhile', async () => {
    const print = { command: shell('echo "$TF_CONFIG"') };
    const roles = [aRole({ name: 'Ps', kind: 'ps', ...print }), aRole({ name: 'Worker', ...print })];
    const plan = planOf({ framework: 'tensorflow', roles });
    await submitFromServers(plan, 1, 'local.spawned');
    await fixture.restart();
    await untilStatus(fixture.runner, firstJob(plan), 'succeeded');
    await fixture.runner.submit({ ...plan, jobs: plan.jobs.slice(1) });
    await untilEnded(fixture.runner, plan.runId);
    const clusters = await Promise.all(
      plan.jobs.map(async ({ id }) => {
        const [line] = await linesOf(fixture.logs, { runId: plan.runId, jobId: id });
        return (JSON.parse(line ?? '') as { cluster: unknown }).cluster;
      }),
    );
    expect(clusters[1]).toEqual(clusters[0]);
  });

  it('a run that was submitted goes on without its server, and its log is whole', async () => {
    const plan = onePlan(shell('for i in 1 2 3 4 5; do echo $i; sleep 0.1; done'));
    await submitFromServers(plan, 1);
    await vi.waitFor(() => expect(processesOf(fixture.folder)).toEqual([]), { timeout: 10_000 });
    await fixture.restart();
    expect(await inspectJob(fixture.runner, firstJob(plan))).toMatchObject({ status: 'succeeded' });
    expect(await linesOf(fixture.logs, firstJob(plan))).toEqual(['1', '2', '3', '4', '5']);
  });
});
