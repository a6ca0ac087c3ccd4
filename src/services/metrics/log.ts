import type { MetricPoint, StoredPoint } from '../../core/metrics.js';
import type { Run } from '../../core/model.js';
import type { Context } from '../context.js';
import { accessRun, holdRun, type RunRef } from '../runs/find.js';
import { keepAlive } from '../runs/keep-alive.js';

/**
 * Adds points to a run's metrics, all or none of them; resolves when they are durable.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function logMetrics(ctx: Context, ref: RunRef, points: readonly MetricPoint[]): Promise<void> {
  await logMetricBatches(ctx, ref, [points]);
}

/**
 * As `logMetrics`, for batches whose points share no row number; gives the run, and the points as stored.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function logMetricBatches(
  ctx: Context,
  ref: RunRef,
  batches: readonly (readonly MetricPoint[])[],
): Promise<{ readonly run: Run; readonly points: readonly StoredPoint[] }> {
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const run = await holdRun(tx, found.key);
    const now = clock.now();
    const points = await tx.metrics.appendBatches(run.key, batches, now);
    return { run: await keepAlive(tx, run, now), points };
  });
}
