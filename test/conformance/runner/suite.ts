import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId, RunId } from '../../../src/core/ids.js';
import {
  type ArtifactStore,
  type JobPlace,
  type LogStore,
  type Observation,
  Rejected,
  type Runner,
  type RunPlan,
} from '../../../src/core/ports/index.js';
import { isTerminal } from '../../../src/core/status.js';
import type { Cluster } from '../../../src/core/topology.js';
import { aRole } from '../../support/builders.js';
import { treeOf } from '../artifacts/fixtures.js';
import { describeCode } from './code.js';
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
} from './plans.js';
import { describeSetup } from './setup.js';

/** A runner under test, with what a test needs around it. */
export interface RunnerFixture {
  /** The runner; another one after `restart`. */
  readonly runner: Runner;
  readonly logs: LogStore;
  /** Where outputs go and code comes from. */
  readonly artifacts: ArtifactStore;
  /** Lets go of the runner and makes another over the same jobs, recovered, as after a restart of the server. */
  restart(): Promise<void>;
  /** Ends everything, and fails if something was left behind. */
  dispose(): Promise<void>;
}

/** What every runner promises. */
export function describeRunner(name: string, create: () => Promise<RunnerFixture>): void {
  describe(`${name} keeps the contract of runners`, () => {
    let fixture: RunnerFixture;

    beforeEach(async () => {
      fixture = await create();
    });
    afterEach(() => fixture.dispose());

    async function run(plan: RunPlan): Promise<Observation> {
      await fixture.runner.submit(plan);
      await untilEnded(fixture.runner, plan.runId);
      return inspectJob(fixture.runner, firstJob(plan));
    }

    const context = { run, fixture: () => fixture };
    describeEnds(context);
    describeOutput(context);
    describeSetup(context);
    describeCode(context);
    describeSubmission(context);
    describeStops(context);
    describeRestarts(context);
    describeRemoval(context);
  });
}

interface SuiteContext {
  run(plan: RunPlan): Promise<Observation>;
  fixture(): RunnerFixture;
}

function describeEnds({ run, fixture }: SuiteContext): void {
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

function describeOutput({ run, fixture }: SuiteContext): void {
  describe('the output of a job', () => {
    it('is kept by stream, line for line', async () => {
      const plan = onePlan(shell('echo one; echo oops >&2; echo; printf "last, without newline"'));
      await run(plan);
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['one', '', 'last, without newline']);
      expect(await linesOf(fixture().logs, firstJob(plan), 'stderr')).toEqual(['oops']);
    });

    it('is whole when the job fails at once', async () => {
      const plan = onePlan(shell('echo 1; echo 2; echo 3; exit 1'));
      expect(await run(plan)).toMatchObject({ status: 'failed', exitCode: 1 });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['1', '2', '3']);
    });

    it('can be read while it runs', async () => {
      const plan = onePlan(shell('echo early; sleep 60'));
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'early');
      expect(await inspectJob(fixture().runner, firstJob(plan))).toMatchObject({ status: 'running' });
    });

    it('is that of the command as it was given: words are no script', async () => {
      const words = onePlan(exec('echo', '$HOME', ';', 'echo', '"two  spaces"', ''));
      await run(words);
      expect(await linesOf(fixture().logs, firstJob(words))).toEqual(['$HOME ; echo "two  spaces" ']);
      const script = onePlan(shell('echo "$FRANCA_WORD" | tr a-z A-Z'), {
        env: [{ name: 'FRANCA_WORD', value: 'word' }],
      });
      await run(script);
      expect(await linesOf(fixture().logs, firstJob(script))).toEqual(['WORD']);
    });
  });

  describe('the environment of a job', () => {
    it('has the variables of Franca and of the role, and the role wins', async () => {
      const env = [
        { name: 'A', value: 'role' },
        { name: 'B', value: '$A "quoted" €' },
      ];
      const plan = onePlan(
        shell('echo "$A $B $C $FRANCA_JOB_ID"'),
        { env },
        { environment: () => ({ A: 'franca', C: 'c' }) },
      );
      await run(plan);
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual([
        `role $A "quoted" € c ${firstJob(plan).jobId}`,
      ]);
    });

    it('may depend on what is known only where it runs: its outputs and its fellows', async () => {
      const environment = ({ outputs, cluster }: JobPlace) => ({
        OUTPUTS: outputs,
        CLUSTER: JSON.stringify(cluster),
      });
      const command = shell('echo "$CLUSTER" && cd "$OUTPUTS" && pwd > "$FRANCA_JOB_ID"');
      const roles = [aRole({ name: 'Master', kind: 'master', command }), aRole({ replicas: 2, command })];
      const plan = planOf({ roles, environment });
      await run(plan);
      const [master, ...workers] = await Promise.all(
        plan.jobs.map(async ({ id }) => {
          const [line] = await linesOf(fixture().logs, { runId: plan.runId, jobId: id });
          return JSON.parse(line ?? '') as Cluster;
        }),
      );
      expect(master?.task).toEqual({ role: 'master', index: 0 });
      expect(workers.map(({ task }) => task)).toEqual([0, 1].map((index) => ({ role: 'worker', index })));
      const addresses = Object.values(master?.addresses ?? {}).flat();
      expect(new Set(addresses).size).toBe(3);
      expect(addresses.every((address) => /^127\.0\.0\.1:[1-9]\d+$/.test(address))).toBe(true);
      expect(workers.map((worker) => worker.addresses)).toEqual([master?.addresses, master?.addresses]);
      const outputs = await treeOf(fixture().artifacts, plan.artifactRoot);
      expect(Object.keys(outputs).sort()).toEqual(plan.jobs.map(({ id }) => id).sort());
      for (const folder of Object.values(outputs)) expect(folder).toMatch(/^\//);
    });

    it('tells replicas where the others are', async () => {
      const print = { command: shell('echo "$TF_CONFIG"') };
      const roles = [
        aRole({ name: 'Ps', kind: 'ps', ...print }),
        aRole({ name: 'Worker', replicas: 2, ...print }),
      ];
      const plan = planOf({ framework: 'tensorflow', roles });
      await run(plan);
      const configs = await Promise.all(
        plan.jobs.map(async ({ id }) => {
          const [line] = await linesOf(fixture().logs, { runId: plan.runId, jobId: id });
          return JSON.parse(line ?? '') as { cluster: { ps: string[]; worker: string[] }; task: unknown };
        }),
      );
      const [cluster] = configs.map((config) => config.cluster);
      expect(configs.map((config) => config.cluster)).toEqual([cluster, cluster, cluster]);
      expect(new Set([...(cluster?.ps ?? []), ...(cluster?.worker ?? [])]).size).toBe(3);
      expect(configs.map(({ task }) => task)).toEqual([
        { type: 'ps', index: 0 },
        { type: 'worker', index: 0 },
        { type: 'worker', index: 1 },
      ]);
    });
  });
}

function describeSubmission({ run, fixture }: SuiteContext): void {
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

function describeStops({ fixture }: SuiteContext): void {
  describe('stopping', () => {
    it('ends a job and says so', async () => {
      const plan = onePlan(shell('echo up; exec sleep 60'));
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'up');
      await fixture().runner.stop(plan.runId, 10);
      await fixture().runner.stop(plan.runId, 10);
      const end = await untilStatus(fixture().runner, firstJob(plan), 'stopped');
      expect(end).toMatchObject({ reason: 'user_stop', exitCode: 143, signal: 'SIGTERM' });
      await fixture().runner.stop(plan.runId, 10);
      expect(await fixture().runner.inspect(plan.runId)).toEqual([end]);
    });

    it('lets a job end itself within the grace, and keeps what it says', async () => {
      const plan = onePlan(shell('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done'));
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'up');
      await fixture().runner.stop(plan.runId, 10);
      const end = await untilStatus(fixture().runner, firstJob(plan), 'stopped');
      expect(end).toMatchObject({ reason: 'user_stop', exitCode: 0, signal: null });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['up', 'bye']);
    });

    it('kills a job that ignores SIGTERM after the grace', async () => {
      const plan = onePlan(shell('trap "" TERM; echo up; while :; do sleep 0.05; done'));
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'up');
      await fixture().runner.stop(plan.runId, 0.3);
      const end = await untilStatus(fixture().runner, firstJob(plan), 'stopped');
      expect(end).toMatchObject({ reason: 'user_stop', signal: 'SIGKILL', exitCode: 137 });
    });

    it('again with less grace kills sooner', async () => {
      const plan = onePlan(shell('trap "" TERM; echo up; while :; do sleep 0.05; done'));
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'up');
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

function describeRestarts({ fixture }: SuiteContext): void {
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

function describeRemoval({ run, fixture }: SuiteContext): void {
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
