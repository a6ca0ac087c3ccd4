import type { Context } from '../context.js';
import { accessRun, holdRun, type RunRef } from './find.js';

/**
 * Keeps that a run's client is alive.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function heartbeat(ctx: Context, ref: RunRef): Promise<void> {
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  await store.transaction(async (tx) => {
    const held = await holdRun(tx, found.key);
    const now = clock.now();
    await tx.runs.update(held.key, { heartbeatAt: now }, now);
  });
}
