import type { Context } from '../context.js';
import { accessRun, type RunRef } from './find.js';
import { type RunView, viewRun } from './view.js';

/**
 * One run.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function getRun(ctx: Context, ref: RunRef): Promise<RunView> {
  return viewRun(ctx.ports.store.read, await accessRun(ctx, ref, 'read'));
}
