import type { Context } from '../context.js';
import type { RunRef } from '../runs/find.js';
import { updateRun } from '../runs/update.js';
import type { RunView } from '../runs/view.js';
import type { ParamChange } from './replace.js';

/**
 * Sets params of a run, all or none of them.
 *
 * @throws CoreError `conflict` for a param that is set already and may not change; `not_found`, `forbidden`.
 */
export async function setParams(ctx: Context, ref: RunRef, params: ParamChange): Promise<RunView> {
  return updateRun(ctx, ref, { params });
}
