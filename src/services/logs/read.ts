import type { Job } from '../../core/model.js';
import type { LogRecord } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';
import { type RunView, viewRun } from '../runs/view.js';

/** What one replica printed, in all attempts, oldest first. */
export interface ReplicaLog {
  readonly name: string;
  records(): AsyncIterable<readonly LogRecord[]>;
}

/**
 * The logs of a run, replica by replica; nothing is read before it is asked for.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function readLogs(
  ctx: Context,
  ref: RunRef,
): Promise<{ view: RunView; replicas: readonly ReplicaLog[] }> {
  const view = await viewRun(ctx.ports.store.read, await accessRun(ctx, ref, 'read'));
  const replicas = replicaNames(view.jobs).map((name) => ({
    name,
    records: () =>
      recordsOf(
        ctx,
        view,
        view.jobs.filter((job) => job.name === name),
      ),
  }));
  return { view, replicas };
}

/** The names of a run's replicas, each once, in the order in which they came. */
export function replicaNames(jobs: readonly Job[]): readonly string[] {
  return [...new Set(jobs.map((job) => job.name))];
}

async function* recordsOf(
  ctx: Context,
  view: RunView,
  jobs: readonly Job[],
): AsyncGenerator<readonly LogRecord[]> {
  for (const job of jobs) yield* ctx.ports.logs.read({ runId: view.run.id, jobId: job.id });
}
