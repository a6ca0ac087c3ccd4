import { requireRole } from '../accounts/access.js';
import type { Context } from '../context.js';
import { findRun, type RunRef } from './find.js';
import { type RunView, viewRun } from './view.js';

/**
 * One run.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function getRun(ctx: Context, ref: RunRef): Promise<RunView> {
  await requireRole(ctx, 'reader');
  const { read } = ctx.ports.store;
  return viewRun(read, await findRun(ctx, read, ref));
}
