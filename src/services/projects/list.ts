import { readableScope } from '../accounts/access.js';
import type { Context } from '../context.js';
import { type ProjectView, viewProject, viewProjects } from './view.js';

/** A part of a list, and how long the whole of it is. */
export interface ProjectPage {
  readonly views: readonly ProjectView[];
  readonly total: number;
}

/**
 * The projects of the request's workspace that the caller may read, newest first: all of them for its
 * members, the public ones for other users, its own for a run's token.
 */
export async function listProjects(
  ctx: Context,
  page: { readonly offset: number; readonly limit: number },
): Promise<ProjectPage> {
  const { read } = ctx.ports.store;
  const scope = await readableScope(ctx);
  if (scope.kind === 'project') {
    const own = await read.projects.find(scope.key);
    if (own === null || own.workspaceKey !== ctx.workspace.key) return { views: [], total: 0 };
    const views = page.offset === 0 && page.limit > 0 ? [await viewProject(ctx, own)] : [];
    return { views, total: 1 };
  }
  const which = { workspaceKey: ctx.workspace.key, publicOnly: scope.kind === 'public' };
  const { projects, total } = await read.projects.page({ ...which, ...page });
  return { views: await viewProjects(ctx, projects), total };
}
