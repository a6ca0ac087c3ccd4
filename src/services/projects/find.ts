import { CoreError, notFound } from '../../core/errors.js';
import type { ProjectId, ProjectKey } from '../../core/ids.js';
import type { Project } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { stageOf } from '../../core/stage.js';
import { type Access, readableScope, requireProjectAccess } from '../accounts/access.js';
import type { Context } from '../context.js';
import { isInSight, refuseTrashedProject } from '../sight.js';

/** How a dialect names a project. */
export type ProjectRef =
  | { readonly number: number }
  | { readonly slug: string }
  /** Its name and nothing else. */
  | { readonly name: string }
  /** Its name or, of no project's name, its slug. */
  | { readonly named: string }
  | { readonly key: ProjectKey }
  | { readonly id: ProjectId };

/**
 * The project of this name in the request's workspace; a trashed one if the request sees the trash.
 *
 * @throws CoreError `not_found` if there is none in sight, or it belongs to another workspace.
 */
export async function findProject(ctx: Context, read: Repositories, ref: ProjectRef): Promise<Project> {
  const project = await lookUp(ctx, read, ref);
  if (project === null || !isInSight(ctx, project) || project.workspaceKey !== ctx.workspace.key) {
    throw notFound('project');
  }
  return project;
}

/**
 * The project of this name, if the caller may read, or write, it. Who may read nothing of the workspace
 * but its public projects does not learn which others there are.
 *
 * @throws CoreError `not_found`, `forbidden`; `trashed` for a write to a trashed project in sight.
 */
export async function accessProject(ctx: Context, ref: ProjectRef, access: Access): Promise<Project> {
  const project = await findProject(ctx, ctx.ports.store.read, ref).catch(async (error: unknown) => {
    if ((await readableScope(ctx)).kind !== 'public') throw error;
    throw new CoreError({ code: 'forbidden' }, `this needs a role in workspace ${ctx.workspace.name}`);
  });
  await requireProjectAccess(ctx, project, access);
  if (access === 'write') refuseTrashedProject(project);
  return project;
}

/**
 * Inside a transaction: the project, held against every other writer until its end.
 *
 * @throws CoreError `not_found` if it was deleted for good meanwhile, `trashed` if it was trashed.
 */
export async function holdProject(tx: Repositories, key: ProjectKey): Promise<Project> {
  const project = await tx.projects.lock(key);
  if (project === null || stageOf(project) === 'purging') throw notFound('project');
  refuseTrashedProject(project);
  return project;
}

async function lookUp(ctx: Context, read: Repositories, ref: ProjectRef): Promise<Project | null> {
  if ('number' in ref) return read.projects.findByNumber(ctx.workspace.key, ref.number);
  if ('slug' in ref) return read.projects.findBySlug(ctx.workspace.key, ref.slug);
  if ('name' in ref) return read.projects.findByName(ctx.workspace.key, ref.name);
  if ('named' in ref) {
    const byName = await read.projects.findByName(ctx.workspace.key, ref.named);
    if (byName !== null && isInSight(ctx, byName)) return byName;
    return read.projects.findBySlug(ctx.workspace.key, ref.named);
  }
  return 'id' in ref ? read.projects.findById(ref.id) : read.projects.find(ref.key);
}
