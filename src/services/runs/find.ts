import { notFound } from '../../core/errors.js';
import type { RunId, RunKey } from '../../core/ids.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Context } from '../context.js';

/** How a dialect names a run. */
export type RunRef = { readonly id: RunId } | { readonly key: RunKey };

/**
 * The run of this name in the request's workspace.
 *
 * @throws CoreError `not_found` if there is none, it is deleted, or it belongs to another workspace.
 */
export async function findRun(ctx: Context, read: Repositories, ref: RunRef): Promise<Run> {
  const run = 'id' in ref ? await read.runs.find(ref.id) : await read.runs.findByKey(ref.key);
  if (run === null || run.deletedAt !== null) throw notFound('run');
  const project = await read.projects.find(run.projectKey);
  if (project === null || project.workspaceKey !== ctx.workspace.key) throw notFound('run');
  return run;
}
