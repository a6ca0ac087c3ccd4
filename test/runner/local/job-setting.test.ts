import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observation, RunPlan } from '../../../src/core/ports/index.js';
import {
  exec,
  firstJob,
  inspectJob,
  linesOf,
  onePlan,
  planOf,
  shell,
  untilEnded,
} from '../../conformance/runner/plans.js';
import { aRole } from '../../support/builders.js';
import { createLocalFixture, type LocalFixture } from './harness.js';

let fixture: LocalFixture;

beforeEach(async () => {
  fixture = await createLocalFixture({
    serverEnvironment: { PATH: process.env.PATH, LANG: 'C', FRANCA_TOKEN: 'secret' },
  });
});
afterEach(() => fixture.dispose());

async function run(plan: RunPlan): Promise<Observation> {
  await fixture.runner.submit(plan);
  await untilEnded(fixture.runner, plan.runId);
  return inspectJob(fixture.runner, firstJob(plan));
}

describe('what a job finds', () => {
  it('is exactly the promised environment, and nothing else of the server', async () => {
    process.env.FRANCA_TEST_SECRET = 'secret';
    const env = [{ name: 'MINE', value: '1' }];
    const plan = onePlan(exec('/usr/bin/env'), { env }, { environment: () => ({ FRANCA_URL: 'http://x' }) });
    await run(plan);
    delete process.env.FRANCA_TEST_SECRET;
    const { jobId } = firstJob(plan);
    const jobFolder = join(fixture.runnerFolder, 'jobs', jobId);
    expect((await linesOf(fixture.logs, firstJob(plan))).sort()).toEqual(
      [
        `FRANCA_JOB_ID=${jobId}`,
        'FRANCA_URL=http://x',
        `HOME=${jobFolder}/work`,
        'LANG=C',
        'MINE=1',
        `PATH=${process.env.PATH}`,
        `TMPDIR=${jobFolder}/tmp`,
      ].sort(),
    );
  });

  it('is an id that its own variables cannot hide', async () => {
    const plan = onePlan(shell('echo $FRANCA_JOB_ID'), { env: [{ name: 'FRANCA_JOB_ID', value: 'none' }] });
    await run(plan);
    expect(await linesOf(fixture.logs, firstJob(plan))).toEqual([firstJob(plan).jobId]);
  });

  it('is a working folder of its own that only it can read, a TMPDIR, and no input', async () => {
    const plan = onePlan(shell('pwd; stat -c %a . "$TMPDIR"; wc -c; touch file "$TMPDIR/file" && echo ok'));
    await run(plan);
    const work = join(fixture.runnerFolder, 'jobs', firstJob(plan).jobId, 'work');
    expect(await linesOf(fixture.logs, firstJob(plan))).toEqual([work, '700', '700', '0', 'ok']);
  });

  it('is not what a killed server had begun to put there', async () => {
    const plan = onePlan(shell('ls'));
    const work = join(fixture.runnerFolder, 'jobs', firstJob(plan).jobId, 'work');
    mkdirSync(work, { recursive: true });
    writeFileSync(join(work, 'half'), 'ha');
    expect(await run(plan)).toMatchObject({ status: 'succeeded' });
    expect(await linesOf(fixture.logs, firstJob(plan))).toEqual([]);
  });

  it('is not what another boot of the machine had put there: it may be lost in part', async () => {
    const plan = onePlan(shell('ls'));
    const folder = join(fixture.runnerFolder, 'jobs', firstJob(plan).jobId);
    mkdirSync(join(folder, 'work'), { recursive: true });
    writeFileSync(join(folder, 'work', 'half'), 'ha');
    writeFileSync(join(folder, 'job.json'), JSON.stringify({ bootId: 'another' }));
    expect(await run(plan)).toMatchObject({ status: 'succeeded' });
    expect(await linesOf(fixture.logs, firstJob(plan))).toEqual([]);
  });

  it('is a session and a process group of its own', async () => {
    const plan = onePlan(shell('ps -o pid=,pgid=,sid= -p $$'));
    await run(plan);
    const [line] = await linesOf(fixture.logs, firstJob(plan));
    expect(new Set(line?.trim().split(/\s+/)).size).toBe(1);
  });

  it('is an output that it can open by name', async () => {
    const plan = onePlan(shell('echo out > /dev/stdout; echo err > /dev/stderr'));
    expect(await run(plan)).toMatchObject({ status: 'succeeded' });
    expect(await linesOf(fixture.logs, firstJob(plan))).toEqual(['out']);
    expect(await linesOf(fixture.logs, firstJob(plan), 'stderr')).toEqual(['err']);
  });

  it('is a master that really can be reached', async () => {
    const master = `const server = require('node:net').createServer((socket) => socket.end('hello from the master'));
      server.listen(process.env.MASTER_PORT, process.env.MASTER_ADDR);
      server.on('connection', () => server.close());`;
    const worker = `const connect = () => require('node:net').connect(process.env.MASTER_PORT, process.env.MASTER_ADDR)
      .on('error', () => setTimeout(connect, 50)).pipe(process.stdout); connect();`;
    const roles = [
      aRole({ name: 'Master', kind: 'master', command: exec(process.execPath, '-e', master) }),
      aRole({ name: 'Worker', command: exec(process.execPath, '-e', worker) }),
    ];
    const plan = planOf({ framework: 'pytorch', roles });
    await fixture.runner.submit(plan);
    const ends = await untilEnded(fixture.runner, plan.runId);
    expect(ends.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    const workerId = plan.jobs.find(({ role }) => role === 'Worker')?.id ?? firstJob(plan).jobId;
    expect(await linesOf(fixture.logs, { runId: plan.runId, jobId: workerId })).toEqual([
      'hello from the master',
    ]);
  });
});

describe('a command that cannot be started', () => {
  it.each([
    { name: 'not found', argv: () => ['no-such-command'], message: 'command not found: "no-such-command"' },
    { name: 'not found by its path', argv: () => ['/no/such'], message: 'command not found: "/no/such"' },
    { name: 'a folder', argv: () => ['/tmp'], message: '"/tmp" may not be executed: permission denied' },
    { name: 'no words', argv: () => [], message: 'the command is empty' },
    { name: 'an empty word', argv: () => ['', 'x'], message: 'the command is empty' },
    { name: 'NUL in a word', argv: () => ['echo', 'a\0b'], message: 'the command contains a NUL character' },
    {
      name: 'too long',
      argv: () => ['echo', 'x'.repeat(3_000_000)],
      message: 'the command and its environment are too long',
    },
  ])('$name', async ({ argv, message }) => {
    const plan = onePlan(exec(...argv()));
    expect(await run(plan)).toMatchObject({
      status: 'failed',
      reason: 'config_error',
      message,
      exitCode: null,
      startedAt: null,
    });
    expect(await linesOf(fixture.logs, firstJob(plan))).toEqual([]);
  });

  it('a file that may not be executed, or whose interpreter is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'franca-commands-'));
    const locked = join(folder, 'locked');
    const odd = join(folder, 'odd');
    writeFileSync(locked, '#!/bin/sh\n', { mode: 0o644 });
    writeFileSync(odd, '#!/no/such/interpreter\n', { mode: 0o755 });
    expect((await run(onePlan(exec(locked)))).message).toBe(
      `"${locked}" may not be executed: permission denied`,
    );
    expect((await run(onePlan(exec(odd)))).message).toBe(`the interpreter of "${odd}" was not found`);
    rmSync(folder, { recursive: true });
  });

  it.each([
    { name: 'A=B', value: 'x', message: '"A=B" cannot be the name of an environment variable' },
    { name: '', value: 'x', message: '"" cannot be the name of an environment variable' },
    { name: 'A', value: 'x\0y', message: 'the environment variable "A" contains a NUL character' },
  ])('an environment variable $name that no system can take', async ({ name, value, message }) => {
    const end = await run(onePlan(exec('true'), { env: [{ name, value }] }));
    expect(end).toMatchObject({ status: 'failed', reason: 'config_error', message });
  });

  it('a role without a command is refused before anything is stored', async () => {
    const plan = onePlan(exec('true'));
    const roles = plan.spec.roles.map((role) => ({ ...role, command: null }));
    await expect(fixture.runner.submit({ ...plan, spec: { ...plan.spec, roles } })).rejects.toMatchObject({
      reason: 'config_error',
      message: "role Worker names no command; the local runner does not know the image's own",
    });
    expect(await fixture.runner.inspect(plan.runId)).toEqual([]);
  });
});
