import type { Context } from '../context.js';
import type { RunRef } from '../runs/find.js';
import { updateRun } from '../runs/update.js';
import type { RunView } from '../runs/view.js';
import type { Retag } from './replace.js';

/**
 * Changes the tags of a run.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function setTags(ctx: Context, ref: RunRef, retag: Retag): Promise<RunView> {
  return updateRun(ctx, ref, { retag });
}
