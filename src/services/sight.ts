import { CoreError } from '../core/errors.js';
import type { Project, Run } from '../core/model.js';
import { stageOf } from '../core/stage.js';
import type { Context } from './context.js';

/** The same request, with the trash in its sight. */
export function seeingTrash(ctx: Context): Context {
  return { ...ctx, seesTrash: true };
}

/** True for what this request may find: what is in use, and what is trashed if it sees the trash. */
export function isInSight(ctx: Context, thing: Pick<Run | Project, 'deletedAt' | 'purgeAt'>): boolean {
  const stage = stageOf(thing);
  return stage === 'active' || (stage === 'trashed' && ctx.seesTrash === true);
}

/** @throws CoreError `trashed` for a run that must be restored before it is written. */
export function refuseTrashedRun(run: Run): void {
  if (stageOf(run) !== 'trashed') return;
  throw new CoreError({ code: 'trashed', entity: 'run', id: run.id }, 'the run is deleted; restore it first');
}

/** @throws CoreError `trashed` for a project that must be restored before it is written. */
export function refuseTrashedProject(project: Project): void {
  if (stageOf(project) !== 'trashed') return;
  const { name, number } = project;
  throw new CoreError(
    { code: 'trashed', entity: 'project', number },
    `the project ${name} is deleted; restore it first`,
  );
}
