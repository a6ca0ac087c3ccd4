import type { MetricPoint, StoredPoint } from '../../core/metrics.js';
import type { Context } from '../context.js';
import { accessRun, holdRun, type RunRef } from '../runs/find.js';

/**
 * Adds points to a run's metrics, all or none of them; resolves when they are durable.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function logMetrics(ctx: Context, ref: RunRef, points: readonly MetricPoint[]): Promise<void> {
  await logMetricBatches(ctx, ref, [points]);
}

/**
 * As `logMetrics`, for batches whose points share no row number, and gives the points back as stored.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function logMetricBatches(
  ctx: Context,
  ref: RunRef,
  batches: readonly (readonly MetricPoint[])[],
): Promise<readonly StoredPoint[]> {
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const run = await holdRun(tx, found.key);
    const now = clock.now();
    const stored = await tx.metrics.appendBatches(run.key, batches, now);
    await tx.runs.update(run.key, { heartbeatAt: now }, now);
    return stored;
  });
}
