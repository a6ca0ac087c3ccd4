import { CoreError } from '../../core/errors.js';
import type { MemberRole, Run } from '../../core/model.js';
import type { Context } from '../context.js';

const rank = { reader: 1, writer: 2, owner: 3 } as const satisfies Record<MemberRole, number>;

/**
 * Lets the caller on if it has this role, or a greater one, in the request's workspace.
 *
 * @throws CoreError `forbidden`.
 */
export async function requireRole(ctx: Context, role: MemberRole): Promise<void> {
  if (!(await hasRole(ctx, role))) {
    throw new CoreError(
      { code: 'forbidden' },
      `this needs the role ${role} in workspace ${ctx.workspace.name}`,
    );
  }
}

/**
 * Lets the caller on if it may delete the run: its creator, an owner of the workspace or a superuser.
 *
 * @throws CoreError `forbidden`.
 */
export async function requireDeletion(ctx: Context, run: Run): Promise<void> {
  const isCreator = run.createdBy.key === ctx.actor.user.key && (await hasRole(ctx, 'writer'));
  if (!isCreator && !(await hasRole(ctx, 'owner'))) {
    throw new CoreError(
      { code: 'forbidden' },
      'only its creator or an owner of the workspace may delete a run',
    );
  }
}

async function hasRole(ctx: Context, role: MemberRole): Promise<boolean> {
  if (ctx.actor.runKey !== null) return false;
  if (ctx.actor.user.isSuperuser) return true;
  const held = await ctx.ports.store.read.accounts.findMember(ctx.workspace.key, ctx.actor.user.key);
  return held !== null && rank[held] >= rank[role];
}
