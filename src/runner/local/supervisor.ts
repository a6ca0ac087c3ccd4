/**
 * The program that answers for one job: `supervisor.js <job folder> <claim file>`. It claims the job,
 * starts it, stores what it prints, stops it when asked to (SIGUSR2 makes it look), and records how it
 * ended. One runs beside every job and outlives the server, so it must stay small: it loads Node's own
 * modules and a few files of Franca's that need no other.
 */
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from '../../core/spec.js';
import { openSegmentWriter } from '../../logs/segments.js';
import { endProcesses } from './end-processes.js';
import { type JobFile, readJobFile } from './job-file.js';
import { type JobPaths, jobPaths } from './layout.js';
import { type Output, openOutput } from './output.js';
import { bootId, findJobProcesses, identify } from './processes.js';
import { startCommand } from './start-command.js';
import { claimJob, failed, type JobEnd, type JobState, stoppedEnd, writeState } from './state-file.js';
import { readStopRequest, type StopReason } from './stop-request.js';
import { now } from './wall-clock.js';

/** What a job leaves running may end by itself for so long: a `tee` may still have to write. */
const settleMillis = 500;
/** From SIGTERM to SIGKILL for what a job leaves running, and for a job whose output cannot be stored. */
const leftoverGraceMillis = 2000;
/** What ended a setup that failed. */
const setupWords = 'a step of the setup failed';
/** How long the end of the output is waited for: a process that cannot be found may hold the pipe. */
const drainMillis = 2000;

interface Life {
  readonly job: JobFile;
  readonly paths: JobPaths;
  state: JobState;
  /** What decided the end before the process did; the first that comes stays. */
  cause: StopReason | JobEnd | null;
  /** When what lives of the job is killed, in milliseconds of `performance.now()`. */
  killAt: number;
  /** The ending of all processes, while it goes on. */
  ending: Promise<void> | null;
}

interface Exit {
  readonly of: 'setup' | 'command';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: number;
}

async function supervise(job: JobFile, paths: JobPaths, claim: string): Promise<void> {
  const life: Life = {
    job,
    paths,
    state: {
      runId: job.runId,
      jobId: job.jobId,
      bootId: bootId(),
      supervisor: identify(process.pid),
      process: null,
      builtAt: null,
      startedAt: null,
      finishedAt: null,
      end: null,
    },
    cause: null,
    killAt: Number.POSITIVE_INFINITY,
    ending: null,
  };
  // Whoever ends everything (a service manager, a terminal) ends the job too, and then somebody must record it.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('SIGUSR2', () => obeyStopRequest(life));
  if (!claimJob(claim, job.state, life.state)) return;
  try {
    await live(life);
  } catch (error) {
    hurry(life, 0);
    await endAll(life);
    record(life, { end: failed('internal', `its supervisor failed: ${String(error)}`), finishedAt: now() });
  }
}

async function live(life: Life): Promise<void> {
  obeyStopRequest(life);
  if (life.cause !== null) return record(life, { end: endOf(life.cause, null), finishedAt: now() });
  const log = openSegmentWriter(life.job.logs);
  const onFault = (error: unknown) => onLogFault(life, error);
  const output = openOutput(life.paths.folder, log, onFault);
  const outcome = await work(life, output);
  output.release();
  const cause = life.cause;
  if ('at' in outcome) await settle(life, output);
  output.close();
  try {
    log.close();
  } catch (error) {
    onFault(error);
  }
  if (!('at' in outcome)) return record(life, { end: outcome, finishedAt: now() });
  record(life, { end: endOf(cause ?? faultOf(life), outcome), finishedAt: outcome.at });
}

/** Does the setup, if there is one, and then the command: gives how the last of them ended, or why it was not started. */
async function work(life: Life, output: Output): Promise<Exit | JobEnd> {
  const { setup = null, command } = life.job;
  if (setup !== null) {
    const built = await execute(life, output, 'setup', {
      kind: 'exec',
      argv: ['/bin/sh', '-e', '-c', setup],
    });
    if (!('at' in built) || built.code !== 0 || life.cause !== null) return built;
    await sweepSetup(life);
    // The request may have come while nothing ran that could be ended.
    obeyStopRequest(life);
    if (life.cause !== null) return built;
    record(life, { process: null, builtAt: now() });
  }
  return execute(life, output, 'command', command);
}

/** Runs one of the two to its end; or gives the end of a job for which it could not be started. */
async function execute(
  life: Life,
  { stdout, stderr }: Output,
  of: Exit['of'],
  command: Command,
): Promise<Exit | JobEnd> {
  const { environment } = life.job;
  const started = await startCommand({
    command,
    environment,
    workingFolder: life.paths.work,
    stdout,
    stderr,
  });
  if ('failure' in started) return started.failure;
  const exited = new Promise<Exit>((resolve) => {
    started.child.once('exit', (code, signal) => resolve({ of, code, signal, at: now() }));
  });
  const process = identify(started.pid) ?? { pid: started.pid, startTime: '' };
  record(life, of === 'setup' ? { process } : { process, startedAt: now() });
  obeyStopRequest(life);
  return await exited;
}

/** Ends what the setup left running, so that a command finds the same whether it is started at once or not. */
async function sweepSetup(life: Life): Promise<void> {
  const latest = performance.now() + leftoverGraceMillis;
  await endProcesses(
    () => findJobProcesses(life.job.jobId, life.state.process),
    () => Math.min(life.killAt, latest),
  );
}

/** Ends what the main process left behind, and takes the rest of its output. */
async function settle(life: Life, output: Output): Promise<void> {
  if (life.cause === null) {
    await Promise.race([output.ended, delay(settleMillis)]);
    hurry(life, leftoverGraceMillis);
  }
  await endAll(life);
  await Promise.race([output.ended, delay(drainMillis)]);
}

/** Ends every process of the job; one ending at a time. */
function endAll(life: Life): Promise<void> {
  life.ending ??= endProcesses(
    () => findJobProcesses(life.job.jobId, life.state.process),
    () => life.killAt,
  ).finally(() => {
    life.ending = null;
  });
  return life.ending;
}

/** Kills no later than in so many milliseconds. */
function hurry(life: Life, graceMillis: number): void {
  life.killAt = Math.min(life.killAt, performance.now() + graceMillis);
}

function obeyStopRequest(life: Life): void {
  const request = readStopRequest(life.paths.stop);
  if (request === null) return;
  life.cause ??= request.reason;
  hurry(life, request.graceMillis);
  if (life.state.process !== null) void endAll(life);
}

function onLogFault(life: Life, error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  life.cause ??=
    code === 'ENOSPC' || code === 'EDQUOT'
      ? failed('disk_full', 'the disk is full: the output of the job could not be stored')
      : failed('internal', `the output of the job could not be stored: ${code ?? String(error)}`);
  hurry(life, leftoverGraceMillis);
  if (life.state.process !== null) void endAll(life);
}

/** The fault of the log, if that came after the process had ended: a stop that came so late changes nothing. */
function faultOf(life: Life): JobEnd | null {
  return typeof life.cause === 'string' ? null : life.cause;
}

function endOf(cause: StopReason | JobEnd | null, exit: Exit | null): JobEnd {
  const signal = exit?.signal ?? null;
  const exitCode =
    exit === null ? null : (exit.code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  if (typeof cause === 'string') return { ...stoppedEnd(cause), exitCode, signal };
  if (cause !== null) return { ...cause, exitCode, signal };
  if (exitCode === 0) return { status: 'succeeded', reason: null, message: null, exitCode, signal };
  const prefix = exit?.of === 'setup' ? `${setupWords}: ` : '';
  if (signal === null) return { ...failed('exit_nonzero', `${prefix}exit code ${exitCode}`), exitCode };
  return { ...failed('signal', `${prefix}ended by signal ${signal}`), exitCode, signal };
}

function record(life: Life, change: Partial<JobState>): void {
  life.state = { ...life.state, ...change };
  writeState(life.job.state, life.state);
}

const [, , folder = '', claim = ''] = process.argv;
const paths = jobPaths(folder);
await supervise(readJobFile(paths.job), paths, claim);
process.exit(0);
