import { CoreError } from '../../core/errors.js';
import type { Repositories } from '../../core/ports/index.js';
import type { ServiceSubject } from '../../core/service.js';
import type { Access } from '../accounts/access.js';
import type { Context } from '../context.js';
import { accessProject, holdProject, type ProjectRef } from '../projects/find.js';
import { accessRun, holdRun, type RunRef } from '../runs/find.js';

/** What a service shows, as a dialect names it: a run, or all runs of a project. */
export type SubjectRef = { readonly run: RunRef } | { readonly project: ProjectRef };

/**
 * What this service shows, if the caller may read, or write, it. A run's own token starts and stops nothing,
 * for a service may outlive its run.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function accessSubject(ctx: Context, ref: SubjectRef, access: Access): Promise<ServiceSubject> {
  if (access === 'write' && ctx.actor.runKey !== null) {
    throw new CoreError({ code: 'forbidden' }, 'the token of a run may neither start nor stop services');
  }
  if ('project' in ref) {
    const project = await accessProject(ctx, ref.project, access);
    return { projectKey: project.key, runKey: null };
  }
  const run = await accessRun(ctx, ref.run, access);
  return { projectKey: run.projectKey, runKey: run.key };
}

/**
 * Inside a transaction: keeps the run or the project from being deleted until its end.
 *
 * @throws CoreError `not_found` if it was deleted meanwhile.
 */
export async function holdSubject(tx: Repositories, { projectKey, runKey }: ServiceSubject): Promise<void> {
  if (runKey === null) await holdProject(tx, projectKey);
  else await holdRun(tx, runKey);
}
