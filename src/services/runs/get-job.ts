import { notFound } from '../../core/errors.js';
import type { Job, Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from './find.js';

/**
 * One job of a run, by its number within the run.
 *
 * @throws CoreError `not_found` (of the run, or of the job), `forbidden`.
 */
export async function getJob(ctx: Context, ref: RunRef, number: number): Promise<{ run: Run; job: Job }> {
  const run = await accessRun(ctx, ref, 'read');
  return { run, job: await findJob(ctx.ports.store.read, run, number) };
}

/** @throws CoreError `not_found`. */
export async function findJob(read: Repositories, run: Run, number: number): Promise<Job> {
  const job = await read.jobs.findByNumber(run.key, number);
  if (job === null) throw notFound('job');
  return job;
}
