import { CoreError } from '../../core/errors.js';
import type { Project, Run } from '../../core/model.js';
import type { Context } from '../context.js';

/** The run whose own token the caller has, and the project of that run. */
export interface OwnRun {
  readonly run: Run;
  readonly project: Project;
}

/**
 * The run whose own token the caller has; null for any other caller.
 *
 * @throws CoreError `forbidden` if it is gone.
 */
export async function findOwnRun(ctx: Context): Promise<OwnRun | null> {
  const { runs, projects } = ctx.ports.store.read;
  if (ctx.actor.runKey === null) return null;
  const run = await runs.findByKey(ctx.actor.runKey);
  const project = run === null ? null : await projects.find(run.projectKey);
  if (run === null || project === null)
    throw new CoreError({ code: 'forbidden' }, 'the run of this token is gone');
  return { run, project };
}

/** The same request in the workspace of the run whose own token the caller has. Throws as `findOwnRun` does. */
export async function inOwnWorkspace(ctx: Context): Promise<Context> {
  const own = await findOwnRun(ctx);
  if (own === null || own.project.workspaceKey === ctx.workspace.key) return ctx;
  const { workspaceKey } = own.project;
  const workspace = (await ctx.ports.store.read.accounts.findWorkspaces([workspaceKey])).get(workspaceKey);
  return workspace === undefined ? ctx : { ...ctx, workspace };
}
