import type { RunKey } from '../../core/ids.js';
import type { MetricSummary } from '../../core/metrics.js';
import type { Run } from '../../core/model.js';
import type { Param } from '../../core/params.js';
import type { Context } from '../context.js';

/** What was logged for runs, of those that have any. */
export interface Logged {
  readonly params: ReadonlyMap<RunKey, readonly Param[]>;
  readonly summaries: ReadonlyMap<RunKey, readonly MetricSummary[]>;
}

/** Reads what was logged for these runs, with one query a table. Who may read them was asked before. */
export async function readLogged(ctx: Context, runs: readonly Run[]): Promise<Logged> {
  const { read } = ctx.ports.store;
  const keys = runs.map((run) => run.key);
  const [params, summaries] = await Promise.all([read.params.list(keys), read.metrics.summaries(keys)]);
  return { params, summaries };
}
