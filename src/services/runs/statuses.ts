import type { Job, Run, StatusEvent } from '../../core/model.js';
import type { Status } from '../../core/status.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from './find.js';
import { findJob } from './get-job.js';

/** Which part of a history. */
export interface StatusPageQuery {
  /** The history of the job of this number; of the run itself without it. */
  readonly jobNumber?: number;
  /** Only events of these statuses; all without it. */
  readonly statuses?: readonly Status[];
  readonly offset: number;
  readonly limit: number;
}

/** A part of a history, oldest first, and how long the whole of it is. */
export interface StatusPage {
  readonly run: Run;
  readonly job: Job | null;
  readonly events: readonly StatusEvent[];
  readonly total: number;
}

/**
 * The history of a run or of one of its jobs.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function readStatuses(ctx: Context, ref: RunRef, query: StatusPageQuery): Promise<StatusPage> {
  const { jobNumber, ...page } = query;
  const { read } = ctx.ports.store;
  const run = await accessRun(ctx, ref, 'read');
  const job = jobNumber === undefined ? null : await findJob(read, run, jobNumber);
  const part = await read.statuses.page({ ...page, runKey: run.key, jobKey: job?.key ?? null });
  return { run, job, ...part };
}

/**
 * An event's place in its history, from 1, among the events of the statuses that a dialect shows: those
 * that it cannot show have no number there.
 */
export async function statusNumber(
  ctx: Context,
  event: StatusEvent,
  shown: readonly Status[],
): Promise<number> {
  const { runKey, jobKey, seq } = event;
  return ctx.ports.store.read.statuses.count({ runKey, jobKey, statuses: shown, through: seq });
}
