import { requireDeletion } from '../accounts/access.js';
import type { Context } from '../context.js';
import { findRun, type RunRef } from './find.js';
import { type RunView, viewRun } from './view.js';

/**
 * Deletes a run for good: from the answer on nobody sees it; the reconciler ends its jobs and removes
 * its logs, files and rows.
 *
 * @returns the run as it was.
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function deleteRun(ctx: Context, ref: RunRef): Promise<RunView> {
  const { ports } = ctx;
  const found = await findRun(ctx, ports.store.read, ref);
  await requireDeletion(ctx, found);
  const view = await ports.store.transaction(async (tx) => {
    await tx.runs.lock(found.key);
    const run = await findRun(ctx, tx, { key: found.key });
    const before = await viewRun(tx, run);
    const now = ports.clock.now();
    await tx.runs.update(run.key, { desiredState: 'stopped', deletedAt: now, purgeAt: now }, now);
    await tx.audit.append({ actor: ctx.actor.user.name, action: 'delete', entity: `run ${run.id}`, at: now });
    return before;
  });
  ports.waker.wake(view.run.key);
  return view;
}
