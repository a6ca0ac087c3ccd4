import type { Context } from '../context.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { keepAlive } from './keep-alive.js';

/**
 * Keeps that a run's client is alive.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function heartbeat(ctx: Context, ref: RunRef): Promise<void> {
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  await store.transaction(async (tx) => keepAlive(tx, await holdRun(tx, found.key), clock.now()));
}
