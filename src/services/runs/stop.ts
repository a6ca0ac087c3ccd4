import { isTerminal } from '../../core/status.js';
import { requireRole } from '../accounts/access.js';
import type { Context } from '../context.js';
import { moveRun } from '../lifecycle/move.js';
import { findRun, type RunRef } from './find.js';
import { type RunView, viewRun } from './view.js';

/**
 * Asks for the end of a run. It is `stopping` until all of its jobs are gone; a run that has ended
 * stays as it is.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function stopRun(ctx: Context, ref: RunRef): Promise<RunView> {
  await requireRole(ctx, 'writer');
  const { ports } = ctx;
  const view = await ports.store.transaction(async (tx) => {
    const found = await findRun(ctx, tx, ref);
    const run = await tx.runs.lock(found.key);
    if (run === null || isTerminal(run.status) || run.desiredState === 'stopped') return viewRun(tx, found);
    const now = ports.clock.now();
    const wanted = await tx.runs.update(run.key, { desiredState: 'stopped' }, now);
    const event = {
      status: 'stopping',
      origin: 'system',
      at: now,
      reason: 'user_stop',
      message: null,
    } as const;
    const stopping = await moveRun(tx, wanted, { ...event, attempt: run.attempt }, now);
    await tx.audit.append({ actor: ctx.actor.user.name, action: 'stop', entity: `run ${run.id}`, at: now });
    return viewRun(tx, stopping);
  });
  ports.waker.wake(view.run.key);
  return view;
}
