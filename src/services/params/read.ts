import type { Param } from '../../core/params.js';
import { requireRole } from '../accounts/access.js';
import type { Context } from '../context.js';
import { findRun, type RunRef } from '../runs/find.js';

/**
 * The params of a run, in the order in which they came.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function readParams(ctx: Context, ref: RunRef): Promise<readonly Param[]> {
  await requireRole(ctx, 'reader');
  const { read } = ctx.ports.store;
  const run = await findRun(ctx, read, ref);
  return (await read.params.list([run.key])).get(run.key) ?? [];
}
