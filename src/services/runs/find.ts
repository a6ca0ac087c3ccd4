import { CoreError, notFound } from '../../core/errors.js';
import type { ProjectKey, RunId, RunKey } from '../../core/ids.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { stageOf } from '../../core/stage.js';
import { type Access, readableScope, requireRunAccess } from '../accounts/access.js';
import type { Context } from '../context.js';
import { isInSight, refuseTrashedRun } from '../sight.js';

/** How a dialect names a run. */
export type RunRef =
  | { readonly id: RunId }
  | { readonly key: RunKey }
  | { readonly projectKey: ProjectKey; readonly number: number };

/**
 * The run of this name in the request's workspace; a trashed one if the request sees the trash.
 *
 * @throws CoreError `not_found` if there is none in sight, or it belongs to another workspace.
 */
export async function findRun(ctx: Context, read: Repositories, ref: RunRef): Promise<Run> {
  const run = await lookUp(read, ref);
  if (run === null || !isInSight(ctx, run)) throw notFound('run');
  if ((await read.projects.workspaceOf(run.projectKey)) !== ctx.workspace.key) throw notFound('run');
  return run;
}

/**
 * The run of this name, if the caller may read, or write, it. Who may read nothing of the workspace
 * does not learn which runs there are.
 *
 * @throws CoreError `not_found`, `forbidden`; `trashed` for a write to a trashed run in sight.
 */
export async function accessRun(ctx: Context, ref: RunRef, access: Access): Promise<Run> {
  const run = await findRun(ctx, ctx.ports.store.read, ref).catch(async (error: unknown) => {
    if ((await readableScope(ctx)).kind !== 'public') throw error;
    throw new CoreError({ code: 'forbidden' }, `this needs a role in workspace ${ctx.workspace.name}`);
  });
  await requireRunAccess(ctx, run, access);
  if (access === 'write') refuseTrashedRun(run);
  return run;
}

/**
 * Inside a transaction: the run, held against every other writer until its end. The runs of a trashed project are
 * trashed themselves, so the run alone tells whether it may be written.
 *
 * @throws CoreError `not_found` if it was deleted for good meanwhile, `trashed` if it was trashed.
 */
export async function holdRun(tx: Repositories, key: RunKey): Promise<Run> {
  const run = await tx.runs.lock(key);
  if (run === null || stageOf(run) === 'purging') throw notFound('run');
  refuseTrashedRun(run);
  return run;
}

async function lookUp(read: Repositories, ref: RunRef): Promise<Run | null> {
  if ('id' in ref) return read.runs.find(ref.id);
  if ('key' in ref) return read.runs.findByKey(ref.key);
  return read.runs.findByNumber(ref.projectKey, ref.number);
}
