import type { Param } from '../../core/params.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/**
 * The params of a run, in the order in which they came.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function readParams(ctx: Context, ref: RunRef): Promise<readonly Param[]> {
  const run = await accessRun(ctx, ref, 'read');
  return (await ctx.ports.store.read.params.list([run.key])).get(run.key) ?? [];
}
