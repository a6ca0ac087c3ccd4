import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogRef, RunPlan } from '../../../src/core/ports/index.js';
import {
  exec,
  firstJob,
  linesOf,
  onePlan,
  shell,
  untilPrinted,
  untilStatus,
} from '../../conformance/runner/plans.js';
import { createLocalFixture, type LocalFixture, processesOf } from './harness.js';

let fixture: LocalFixture;

beforeEach(async () => {
  fixture = await createLocalFixture();
});
afterEach(() => fixture.dispose());

async function start(plan: RunPlan, line: string | RegExp = 'up'): Promise<LogRef> {
  await fixture.runner.submit(plan);
  await untilPrinted(fixture.logs, firstJob(plan), line);
  return firstJob(plan);
}

/** Known by its words, for some of these processes have no environment. */
const sleep = `sleep 300.${process.pid}`;

/** Scripts that leave a process behind, each by another way of escaping its parent. */
const escapes = [
  { name: 'a child in the background', script: `${sleep} &` },
  { name: 'a grandchild in a session of its own', script: `setsid ${sleep} &` },
  { name: 'a daemon that forked twice', script: `(setsid sh -c "${sleep} & exit 0" &) ` },
  {
    name: 'a daemon that ignores SIGTERM',
    script: `setsid sh -c 'trap "" TERM; while :; do sleep 0.1; done' &`,
  },
  { name: 'a child without an environment', script: `env -i ${sleep} &` },
  { name: 'a session without an environment', script: `env -i setsid sh -c "${sleep}; :" &` },
];

function left(): string[] {
  return [...processesOf(fixture.folder), ...processesOf(sleep)].filter(
    (text) => !text.includes('supervisor.js'),
  );
}

describe('nothing is left', () => {
  it.each(escapes)('when a job is stopped: $name', async ({ script }) => {
    const job = await start(onePlan(shell(`${script}\necho up\nwait\nsleep 300`)));
    await fixture.runner.stop(job.runId, 0.5);
    expect(await untilStatus(fixture.runner, job, 'stopped')).toMatchObject({ reason: 'user_stop' });
    expect(left()).toEqual([]);
  });

  // The last one has lost both its parent and its name by the time its job ends: no way to tell whose it is.
  it.each(escapes.slice(0, -1))('when a job has ended: $name', async ({ script }) => {
    const job = await start(onePlan(shell(`${script}\necho up; exit 5`)));
    expect(await untilStatus(fixture.runner, job, 'failed')).toMatchObject({
      exitCode: 5,
      message: 'exit code 5',
    });
    expect(left()).toEqual([]);
  });

  it('when a job forks faster than it can be killed', async () => {
    const fork =
      'f() { sleep 0.01; f & f2=$!; }; trap "" TERM; f; while :; do (sleep 0.05 &) ; sleep 0.01; done';
    const job = await start(onePlan(shell(`echo up; ${fork}`)));
    await fixture.runner.stop(job.runId, 0.3);
    await untilStatus(fixture.runner, job, 'stopped');
    expect(left()).toEqual([]);
  });
});

describe('the end of the output', () => {
  it('is waited for when a child still writes it', async () => {
    const script = 'echo up; (sleep 0.2; echo late) & exit 0';
    const job = await start(onePlan(shell(script)));
    await untilStatus(fixture.runner, job, 'succeeded');
    expect(await linesOf(fixture.logs, job)).toEqual(['up', 'late']);
  });

  it('is not waited for without end when a process that cannot be found holds it', async () => {
    // Without its environment and parent nobody can tell whose it is; it ends by itself after the test.
    const script = 'env -i setsid sleep 6 & echo up; sleep 0.2; exit 0';
    const job = await start(onePlan(shell(script)));
    expect(await untilStatus(fixture.runner, job, 'succeeded', 5)).toMatchObject({ exitCode: 0 });
  });

  it('of a line that was never finished is shown while the job runs', async () => {
    const job = await start(onePlan(shell('printf "Password: "; exec sleep 60')), 'Password: ');
    expect(await linesOf(fixture.logs, job)).toEqual(['Password: ']);
  });
});

it('a job keeps nothing of its supervisor open', async () => {
  const plan = onePlan(exec('ls', '/proc/self/fd'));
  await fixture.runner.submit(plan);
  await untilStatus(fixture.runner, firstJob(plan), 'succeeded');
  // The fourth is the folder that ls itself reads; Node keeps higher ones of whoever started the tests.
  const descriptors = (await linesOf(fixture.logs, firstJob(plan))).filter((name) => Number(name) < 16);
  expect(descriptors).toEqual(['0', '1', '2', '3']);
});
