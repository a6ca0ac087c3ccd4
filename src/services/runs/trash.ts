import { notFound } from '../../core/errors.js';
import type { RunKey } from '../../core/ids.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { stageOf } from '../../core/stage.js';
import { requireDeletion, requireRunAccess } from '../accounts/access.js';
import type { Context } from '../context.js';
import { beginStop } from '../lifecycle/begin-stop.js';
import { holdProject } from '../projects/find.js';
import { seeingTrash } from '../sight.js';
import { accessRun, type RunRef } from './find.js';
import { type RunView, viewRun } from './view.js';

/**
 * Puts a run into the trash: dialects that know none do not see it any more, nobody writes it, and it may be
 * restored. If Franca started it, it is stopped; its services end. A trashed run stays as it is.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function trashRun(ctx: Context, ref: RunRef): Promise<RunView> {
  const { ports } = ctx;
  const found = await accessRun(seeingTrash(ctx), ref, 'read');
  await requireDeletion(ctx, found);
  const { view, services } = await ports.store.transaction(async (tx) => {
    const held = await holdAnyStage(tx, found.key);
    if (stageOf(held) === 'trashed') return { view: await viewRun(tx, held), services: [] };
    const now = ports.clock.now();
    await beginStop(tx, held, now);
    const run = await tx.runs.update(held.key, { deletedAt: now }, now);
    await tx.audit.append({ actor: ctx.actor.user.name, action: 'delete', entity: `run ${run.id}`, at: now });
    return { view: await viewRun(tx, run), services: await tx.services.keysOfRun(run.key) };
  });
  if (view.run.managed) ports.waker.wake(view.run.key);
  for (const key of services) ports.waker.wakeService(key);
  return view;
}

/**
 * Takes a run out of the trash, as it is now: one that was stopped is not started again. A run that is in use
 * stays as it is.
 *
 * @throws CoreError `not_found`, `forbidden`; `trashed` if its project is: then that is to be restored first.
 */
export async function restoreRun(ctx: Context, ref: RunRef): Promise<RunView> {
  const { store, clock } = ctx.ports;
  const found = await accessRun(seeingTrash(ctx), ref, 'read');
  await requireRunAccess(ctx, found, 'write');
  return store.transaction(async (tx) => {
    // Before the run, as whoever trashes the project does.
    await holdProject(tx, found.projectKey);
    const held = await holdAnyStage(tx, found.key);
    if (stageOf(held) === 'active') return viewRun(tx, held);
    const now = clock.now();
    const run = await tx.runs.update(held.key, { deletedAt: null }, now);
    await tx.audit.append({
      actor: ctx.actor.user.name,
      action: 'restore',
      entity: `run ${run.id}`,
      at: now,
    });
    return viewRun(tx, run);
  });
}

/** @throws CoreError `not_found` if it was deleted for good meanwhile. */
async function holdAnyStage(tx: Repositories, key: RunKey): Promise<Run> {
  const run = await tx.runs.lock(key);
  if (run === null || stageOf(run) === 'purging') throw notFound('run');
  return run;
}
