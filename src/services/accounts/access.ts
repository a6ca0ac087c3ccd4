import { CoreError } from '../../core/errors.js';
import type { ProjectKey } from '../../core/ids.js';
import type { LoggedModel } from '../../core/logged-model.js';
import type { Author, MemberRole, Project, Run } from '../../core/model.js';
import type { Context } from '../context.js';

/** What a verb does with a thing. */
export type Access = 'read' | 'write';

/** What the caller may read of the request's workspace: all, its public projects, or one project. */
export type Scope =
  | { readonly kind: 'workspace' }
  | { readonly kind: 'public' }
  | { readonly kind: 'project'; readonly key: ProjectKey };

const rank = { reader: 1, writer: 2, owner: 3 } as const satisfies Record<MemberRole, number>;

/**
 * Lets the caller on if it has this role, or a greater one, in the request's workspace. A token that is
 * worth one run has none.
 *
 * @throws CoreError `forbidden`.
 */
export async function requireRole(ctx: Context, role: MemberRole): Promise<void> {
  if (!(await hasRole(ctx, role))) {
    throw forbidden(`this needs the role ${role} in workspace ${ctx.workspace.name}`);
  }
}

/**
 * Lets the caller on if it may read, or write, this run of the request's workspace. Members do so by
 * their role; a public project is read by every user; a run's own token reads the runs of its project,
 * and writes its run and the runs whose parent that is.
 *
 * @throws CoreError `forbidden`.
 */
export async function requireRunAccess(ctx: Context, run: Run, access: Access): Promise<void> {
  if (!(await mayUseRun(ctx, run, access))) throw forbidden(`this may not ${access} the run`);
}

/**
 * Lets the caller on if it may read, or write, this project of the request's workspace. A run's own
 * token reads its project and writes none.
 *
 * @throws CoreError `forbidden`.
 */
export async function requireProjectAccess(ctx: Context, project: Project, access: Access): Promise<void> {
  if (!(await mayUseProject(ctx, project, access))) throw forbidden(`this may not ${access} the project`);
}

/**
 * Lets the caller on if it may create runs in this project of the request's workspace: a writer, or a
 * run's own token in its project.
 *
 * @throws CoreError `forbidden`.
 */
export async function requireCreation(ctx: Context, project: Project): Promise<void> {
  if (ctx.actor.runKey === null) return requireRole(ctx, 'writer');
  if ((await ownRun(ctx))?.projectKey !== project.key)
    throw forbidden('this may not create runs in the project');
}

/**
 * Lets the caller on if it may delete what somebody made: its creator, an owner of the workspace or a
 * superuser.
 *
 * @throws CoreError `forbidden`.
 */
export async function requireDeletion(ctx: Context, made: { readonly createdBy: Author }): Promise<void> {
  const isCreator = made.createdBy.key === ctx.actor.user.key && (await hasRole(ctx, 'writer'));
  if (!isCreator && !(await hasRole(ctx, 'owner'))) {
    throw forbidden('only its creator or an owner of the workspace may delete this');
  }
}

/**
 * Lets the caller on if it may read, or write, this model of a project of the request's workspace. It reads what it
 * may read of the project; members write by their role, and a run's own token the models of the runs that it writes.
 *
 * @throws CoreError `forbidden`.
 */
export async function requireModelAccess(
  ctx: Context,
  model: LoggedModel,
  project: Project,
  access: Access,
): Promise<void> {
  if (!(await mayUseModel(ctx, model, project, access))) throw forbidden(`this may not ${access} the model`);
}

/** What the caller may read of the request's workspace. */
export async function readableScope(ctx: Context): Promise<Scope> {
  if (ctx.actor.runKey === null) {
    return (await hasRole(ctx, 'reader')) ? { kind: 'workspace' } : { kind: 'public' };
  }
  const own = await ownRun(ctx);
  if (own === null) throw forbidden('the run of this token is gone');
  return { kind: 'project', key: own.projectKey };
}

/** True for a project of the request's workspace that the caller may read if this is its scope. */
export function isReadable(scope: Scope, project: Project): boolean {
  if (scope.kind === 'project') return scope.key === project.key;
  return scope.kind === 'workspace' || project.isPublic;
}

/** True if the caller has this role, or a greater one, in the request's workspace. */
export async function hasRole(ctx: Context, role: MemberRole): Promise<boolean> {
  if (ctx.actor.runKey !== null) return false;
  if (ctx.actor.user.isSuperuser) return true;
  const held = await ctx.ports.store.read.accounts.findMember(ctx.workspace.key, ctx.actor.user.key);
  return held !== null && rank[held] >= rank[role];
}

async function mayUseRun(ctx: Context, run: Run, access: Access): Promise<boolean> {
  const { runKey } = ctx.actor;
  if (runKey !== null) {
    if (access === 'write') return run.key === runKey || run.parentKey === runKey;
    return (await ownRun(ctx))?.projectKey === run.projectKey;
  }
  if (await hasRole(ctx, access === 'read' ? 'reader' : 'writer')) return true;
  return access === 'read' && (await ctx.ports.store.read.projects.find(run.projectKey))?.isPublic === true;
}

async function mayUseProject(ctx: Context, project: Project, access: Access): Promise<boolean> {
  if (ctx.actor.runKey !== null) {
    return access === 'read' && (await ownRun(ctx))?.projectKey === project.key;
  }
  return (access === 'read' && project.isPublic) || hasRole(ctx, access === 'read' ? 'reader' : 'writer');
}

async function mayUseModel(
  ctx: Context,
  { sourceRunKey }: LoggedModel,
  project: Project,
  access: Access,
): Promise<boolean> {
  if (access === 'read' || ctx.actor.runKey === null) return mayUseProject(ctx, project, access);
  const source = sourceRunKey === null ? null : await ctx.ports.store.read.runs.findByKey(sourceRunKey);
  return source !== null && mayUseRun(ctx, source, 'write');
}

async function ownRun(ctx: Context): Promise<Run | null> {
  return ctx.actor.runKey === null ? null : ctx.ports.store.read.runs.findByKey(ctx.actor.runKey);
}

/** The error for what the caller may not do. */
export function forbidden(message: string): CoreError {
  return new CoreError({ code: 'forbidden' }, message);
}
