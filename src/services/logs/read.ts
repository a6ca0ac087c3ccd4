import { slugOf } from '../../core/ids.js';
import type { Run } from '../../core/model.js';
import type { LogRecord } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';
import { displayName } from '../runs/jobs.js';
import { type RunView, viewRun } from '../runs/view.js';

/** What one replica printed, in all attempts, oldest first. */
export interface ReplicaLog {
  readonly name: string;
  records(): AsyncIterable<readonly LogRecord[]>;
}

/**
 * The logs of a run, replica by replica, and before them what its own client sent, if it did; nothing else is
 * read before it is asked for.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function readLogs(
  ctx: Context,
  ref: RunRef,
): Promise<{ view: RunView; replicas: readonly ReplicaLog[] }> {
  const { logs, store } = ctx.ports;
  const view = await viewRun(store.read, await accessRun(ctx, ref, 'read'));
  const { run, jobs } = view;
  const sent = { name: sentName(run), records: () => logs.read({ runId: run.id, jobId: null }) };
  const printed = jobNames(view).map((name) => ({
    name,
    records: () =>
      recordsOf(
        ctx,
        view,
        jobs.filter((job) => job.name === name),
      ),
  }));
  const hasSent = !run.managed || !(await isEmpty(sent.records()));
  return { view, replicas: hasSent ? [sent, ...printed] : printed };
}

/**
 * The names of a run's replicas, each once, in the order in which they came; of a run that only reports here,
 * which has none, its own.
 */
export function replicaNames(view: Pick<RunView, 'run' | 'jobs'>): readonly string[] {
  return view.run.managed ? jobNames(view) : [sentName(view.run), ...jobNames(view)];
}

function jobNames({ jobs }: Pick<RunView, 'jobs'>): readonly string[] {
  return [...new Set(jobs.map((job) => job.name))];
}

/** What stands for a replica where lines came from the run's client. */
function sentName(run: Run): string {
  return slugOf(displayName(run), 'run');
}

async function isEmpty(batches: AsyncIterable<readonly LogRecord[]>): Promise<boolean> {
  for await (const records of batches) if (records.length > 0) return false;
  return true;
}

async function* recordsOf(
  ctx: Context,
  { run }: RunView,
  jobs: RunView['jobs'],
): AsyncGenerator<readonly LogRecord[]> {
  for (const job of jobs) yield* ctx.ports.logs.read({ runId: run.id, jobId: job.id });
}
