import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Micros } from '../../core/time.js';
import { requireDeletion } from '../accounts/access.js';
import type { Context } from '../context.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { findSeveral } from './find-several.js';
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
  const found = await accessRun(ctx, ref, 'read');
  await requireDeletion(ctx, found);
  const view = await ports.store.transaction(async (tx) => {
    const run = await holdRun(tx, found.key);
    const before = await viewRun(tx, run);
    await deleteHeld(ctx, tx, run, ports.clock.now());
    return before;
  });
  ports.waker.wake(view.run.key);
  return view;
}

/**
 * Deletes all of these runs or none; those that are not there are passed over.
 *
 * @returns how many there were.
 * @throws CoreError `forbidden` if the caller may not delete one of them.
 */
export async function deleteRuns(ctx: Context, refs: readonly RunRef[]): Promise<number> {
  const { ports } = ctx;
  const found = await findSeveral(ctx, refs);
  for (const run of found) await requireDeletion(ctx, run);
  await ports.store.transaction(async (tx) => {
    for (const { key } of found) {
      const run = await tx.runs.lock(key);
      if (run !== null && run.deletedAt === null) await deleteHeld(ctx, tx, run, ports.clock.now());
    }
  });
  for (const { key } of found) ports.waker.wake(key);
  return found.length;
}

async function deleteHeld(ctx: Context, tx: Repositories, run: Run, now: Micros): Promise<void> {
  await tx.runs.update(run.key, { desiredState: 'stopped', deletedAt: now, purgeAt: now }, now);
  await tx.audit.append({ actor: ctx.actor.user.name, action: 'delete', entity: `run ${run.id}`, at: now });
}
