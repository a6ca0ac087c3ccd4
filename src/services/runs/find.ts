import { CoreError, notFound } from '../../core/errors.js';
import type { ProjectKey, RunId, RunKey } from '../../core/ids.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { type Access, readableScope, requireRunAccess } from '../accounts/access.js';
import type { Context } from '../context.js';

/** How a dialect names a run. */
export type RunRef =
  | { readonly id: RunId }
  | { readonly key: RunKey }
  | { readonly projectKey: ProjectKey; readonly number: number };

/**
 * The run of this name in the request's workspace.
 *
 * @throws CoreError `not_found` if there is none, it is deleted, or it belongs to another workspace.
 */
export async function findRun(ctx: Context, read: Repositories, ref: RunRef): Promise<Run> {
  const run = await lookUp(read, ref);
  if (run === null || run.deletedAt !== null) throw notFound('run');
  const project = await read.projects.find(run.projectKey);
  if (project === null || project.workspaceKey !== ctx.workspace.key) throw notFound('run');
  return run;
}

/**
 * The run of this name, if the caller may read, or write, it. Who may read nothing of the workspace
 * does not learn which runs there are.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function accessRun(ctx: Context, ref: RunRef, access: Access): Promise<Run> {
  const run = await findRun(ctx, ctx.ports.store.read, ref).catch(async (error: unknown) => {
    if ((await readableScope(ctx)).kind !== 'public') throw error;
    throw new CoreError({ code: 'forbidden' }, `this needs a role in workspace ${ctx.workspace.name}`);
  });
  await requireRunAccess(ctx, run, access);
  return run;
}

/**
 * Inside a transaction: the run, held against every other writer until its end.
 *
 * @throws CoreError `not_found` if it was deleted meanwhile.
 */
export async function holdRun(tx: Repositories, key: RunKey): Promise<Run> {
  const run = await tx.runs.lock(key);
  if (run === null || run.deletedAt !== null) throw notFound('run');
  return run;
}

async function lookUp(read: Repositories, ref: RunRef): Promise<Run | null> {
  if ('id' in ref) return read.runs.find(ref.id);
  if ('key' in ref) return read.runs.findByKey(ref.key);
  return read.runs.findByNumber(ref.projectKey, ref.number);
}
