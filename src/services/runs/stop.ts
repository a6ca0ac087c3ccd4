import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { isTerminal } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import { requireRunAccess } from '../accounts/access.js';
import type { Context } from '../context.js';
import { beginStop, stopReport } from '../lifecycle/begin-stop.js';
import { moveRun } from '../lifecycle/move.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { findSeveral } from './find-several.js';
import { type RunView, viewRun } from './view.js';

/**
 * Asks for the end of a run. It is `stopping` until all of its jobs are gone; one that only reports here
 * is `stopped` at once; one that has ended stays as it is.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function stopRun(ctx: Context, ref: RunRef): Promise<RunView> {
  const found = await accessRun(ctx, ref, 'write');
  const { ports } = ctx;
  const view = await ports.store.transaction(async (tx) => {
    const run = await holdRun(tx, found.key);
    return viewRun(tx, await stopHeld(ctx, tx, run, ports.clock.now()));
  });
  ports.waker.wake(view.run.key);
  return view;
}

/**
 * Stops all of these runs or none; those that are not there are passed over.
 *
 * @returns how many there are.
 * @throws CoreError `forbidden` if the caller may not stop one of them.
 */
export async function stopRuns(ctx: Context, refs: readonly RunRef[]): Promise<number> {
  const { ports } = ctx;
  const found = await findSeveral(ctx, refs);
  for (const run of found) await requireRunAccess(ctx, run, 'write');
  await ports.store.transaction(async (tx) => {
    for (const { key } of found) {
      const run = await tx.runs.lock(key);
      if (run !== null && run.deletedAt === null) await stopHeld(ctx, tx, run, ports.clock.now());
    }
  });
  for (const { key } of found) ports.waker.wake(key);
  return found.length;
}

async function stopHeld(ctx: Context, tx: Repositories, run: Run, now: Micros): Promise<Run> {
  if (isTerminal(run.status) || run.desiredState === 'stopped') return run;
  await tx.audit.append({ actor: ctx.actor.user.name, action: 'stop', entity: `run ${run.id}`, at: now });
  // Nobody but its own client knows whether it has ended; a later report of a start opens it again.
  if (!run.managed) return moveRun(tx, run, stopReport(run, 'stopped', now), now);
  return beginStop(tx, run, now);
}
