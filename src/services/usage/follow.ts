import { createBell } from '../../core/bell.js';
import { notFound } from '../../core/errors.js';
import type { JobId } from '../../core/ids.js';
import type { Job, Run } from '../../core/model.js';
import type { JobMeter, JobUsage, Repositories } from '../../core/ports/index.js';
import { amountOf } from '../../core/quantity.js';
import { isTerminal, phaseOf } from '../../core/status.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/** What one job uses now. */
export interface JobUse {
  readonly job: Job;
  readonly usage: JobUsage;
  /** What it may have at most, in bytes: the limit of its resources, else the memory of where it runs. */
  readonly memoryLimit: number;
}

/** What is followed, and until when. */
export interface FollowUsageOptions {
  /** One job alone; all of them without it. */
  readonly jobId?: JobId;
  /** Ends the following; leaving the iteration alone does not while nothing comes. */
  readonly signal: AbortSignal;
}

/** How often jobs are measured, in milliseconds. */
const measureMillis = 1000;

/**
 * Follows what the jobs of a run use, about once a second: in each batch those that have processes then, in their
 * order; there is no empty batch. The end of the run, or of the job that is followed alone, ends the iteration;
 * so does deletion. Nothing is measured while no job runs, or while the last batch is not taken.
 *
 * @throws CoreError `not_found` for the run or the job; `forbidden`.
 */
export async function followUsage(
  ctx: Context,
  ref: RunRef,
  options: FollowUsageOptions,
): Promise<{ run: Run; batches: AsyncIterable<readonly JobUse[]> }> {
  const run = await accessRun(ctx, ref, 'read');
  const { jobId } = options;
  if (jobId !== undefined) {
    const jobs = await ctx.ports.store.read.jobs.list([run.key]);
    if (!jobs.some(({ id }) => id === jobId)) throw notFound('job');
  }
  return { run, batches: follow(ctx, run, options) };
}

async function* follow(
  { ports }: Context,
  run: Run,
  { jobId, signal }: FollowUsageOptions,
): AsyncGenerator<readonly JobUse[]> {
  const bell = createBell();
  let isChanged = true;
  let isDue = true;
  let jobs: readonly Job[] = [];
  let timer: NodeJS.Timeout | undefined;
  const unlisten = ports.changes.listen(run.key, () => {
    isChanged = true;
    bell.ring();
  });
  signal.addEventListener('abort', bell.ring);
  try {
    while (!signal.aborted) {
      bell.clear();
      if (isChanged) {
        isChanged = false;
        const found = await liveJobs(ports.store.read, run, jobId);
        if (found === null) return;
        jobs = found;
      }
      if (isDue && jobs.length > 0) {
        isDue = false;
        timer = setTimeout(() => {
          isDue = true;
          bell.ring();
        }, measureMillis);
        const batch = await measure(ports.meter, run, jobs);
        if (batch.length > 0) yield batch;
      }
      await bell.rung();
    }
  } finally {
    clearTimeout(timer);
    unlisten();
    signal.removeEventListener('abort', bell.ring);
  }
}

/** Those that may have processes; null once it is over. */
async function liveJobs(
  read: Repositories,
  { key }: Run,
  jobId: JobId | undefined,
): Promise<readonly Job[] | null> {
  const run = await read.runs.findByKey(key);
  if (run === null || run.deletedAt !== null || isTerminal(run.status)) return null;
  const jobs = (await read.jobs.list([key])).filter(({ id }) => jobId === undefined || id === jobId);
  if (jobId !== undefined && jobs.every(({ status }) => isTerminal(status))) return null;
  return jobs.filter(({ status }) => phaseOf[status] > phaseOf.created && !isTerminal(status));
}

async function measure(meter: JobMeter, run: Run, jobs: readonly Job[]): Promise<readonly JobUse[]> {
  const ids = jobs.map(({ id }) => id);
  const usages = new Map((await meter.usageOf(run.id, ids)).map((usage) => [usage.jobId, usage]));
  return jobs.flatMap((job) => {
    const usage = usages.get(job.id);
    if (usage === undefined) return [];
    const limit = amountOf(job.resources.limits.memory ?? '');
    return [{ job, usage, memoryLimit: limit !== null && limit > 0 ? limit : usage.node.memoryBytes }];
  });
}
