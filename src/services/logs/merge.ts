import { notFound } from '../../core/errors.js';
import type { JobId } from '../../core/ids.js';
import type { Job } from '../../core/model.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';
import { type RunView, viewRun } from '../runs/view.js';
import { type LineSource, mergeByTime } from './merge-by-time.js';
import { type Output, outputOf, type RunLine, storedLines, takeRest } from './run-lines.js';

/** Which of a run's outputs are meant. */
export interface LogScope {
  /** One job alone; without it all jobs of all attempts, and what the run's client sent. */
  readonly jobId?: JobId;
}

/**
 * What a run has printed so far, all jobs' lines in the order of their times, many at a time. Nothing is
 * read before it is asked for, and memory does not grow with the size of the logs.
 *
 * @throws CoreError `not_found` for the run or the job; `forbidden`.
 */
export async function mergeLogs(
  ctx: Context,
  ref: RunRef,
  scope: LogScope = {},
): Promise<{ view: RunView; lines: AsyncIterable<readonly RunLine[]> }> {
  const view = await viewRun(ctx.ports.store.read, await accessRun(ctx, ref, 'read'));
  const outputs = printersOf(view, scope).map((job) => outputOf(view.run, job));
  return { view, lines: allLines(ctx, outputs) };
}

/** The jobs that the scope means, and null for the run itself. Throws CoreError `not_found`. */
export function printersOf(view: RunView, { jobId }: LogScope): readonly (Job | null)[] {
  if (jobId === undefined) return [null, ...view.jobs];
  const job = view.jobs.find(({ id }) => id === jobId);
  if (job === undefined) throw notFound('job');
  return [job];
}

async function* allLines(
  ctx: Context,
  outputs: readonly Output[],
): AsyncGenerator<readonly RunLine[], undefined> {
  const stop = new AbortController();
  try {
    yield* mergeByTime(outputs.map((output) => sourceOf(output, wholeLines(ctx, output, stop.signal))));
  } finally {
    stop.abort();
  }
}

async function* wholeLines(
  ctx: Context,
  output: Output,
  signal: AbortSignal,
): AsyncGenerator<readonly RunLine[], undefined> {
  yield* storedLines(ctx.ports.logs, output, signal);
  const rest = takeRest(output);
  if (rest.length > 0) yield rest;
}

/** A job prints nothing before it is created; what a client sends may come from before the run was. */
export function sourceOf(output: Output, lines: LineSource['lines']): LineSource {
  return { since: output.job?.createdAt ?? 0, lines };
}
