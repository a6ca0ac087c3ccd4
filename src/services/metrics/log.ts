import { notFound } from '../../core/errors.js';
import type { MetricPoint } from '../../core/metrics.js';
import { requireRole } from '../accounts/access.js';
import type { Context } from '../context.js';
import { findRun, type RunRef } from '../runs/find.js';

/**
 * Adds points to a run's metrics, all or none of them; resolves when they are durable.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function logMetrics(ctx: Context, ref: RunRef, points: readonly MetricPoint[]): Promise<void> {
  await requireRole(ctx, 'writer');
  const { ports } = ctx;
  await ports.store.transaction(async (tx) => {
    const found = await findRun(ctx, tx, ref);
    const run = await tx.runs.lock(found.key);
    if (run === null) throw notFound('run');
    const now = ports.clock.now();
    await tx.metrics.append(run.key, points, now);
    await tx.runs.update(run.key, { heartbeatAt: now }, now);
  });
}
