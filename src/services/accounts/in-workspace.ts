import { notFound } from '../../core/errors.js';
import type { Context } from '../context.js';

/**
 * The same request in the workspace of this name, compared without case. What the caller may do there
 * is asked by each verb.
 *
 * @throws CoreError `not_found`.
 */
export async function inWorkspace(ctx: Context, name: string): Promise<Context> {
  const workspace = await ctx.ports.store.read.accounts.findWorkspace(name);
  if (workspace === null) throw notFound('workspace');
  return { ...ctx, workspace };
}
