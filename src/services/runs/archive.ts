import type { Context } from '../context.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { type RunView, viewRun } from './view.js';

/**
 * Hides a run from the lists of dialects that know archives, or (`archived` false) shows it there again;
 * a repeat changes nothing.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function archiveRun(ctx: Context, ref: RunRef, archived: boolean): Promise<RunView> {
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const held = await holdRun(tx, found.key);
    if ((held.archivedAt !== null) === archived) return viewRun(tx, held);
    const now = clock.now();
    return viewRun(tx, await tx.runs.update(held.key, { archivedAt: archived ? now : null }, now));
  });
}
