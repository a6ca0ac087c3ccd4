import { notFound } from '../../core/errors.js';
import type { ProjectKey } from '../../core/ids.js';
import { forbidden, isReadable, readableScope } from '../accounts/access.js';
import type { Context } from '../context.js';
import { isInSight } from '../sight.js';

/** In which projects of the request's workspace a search looks. */
export interface SearchedProjects {
  readonly projectKeys?: readonly ProjectKey[];
  readonly publicOnly?: boolean;
}

/**
 * The projects that are asked for, if the caller may read each of them; without any asked for, all that it may read.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function searchedProjects(
  ctx: Context,
  asked: readonly ProjectKey[] | undefined,
): Promise<SearchedProjects> {
  const scope = await readableScope(ctx);
  if (asked === undefined) {
    return scope.kind === 'project' ? { projectKeys: [scope.key] } : { publicOnly: scope.kind === 'public' };
  }
  const found = await ctx.ports.store.read.projects.findMany(asked);
  for (const key of asked) {
    const project = found.get(key);
    if (project === undefined || !isInSight(ctx, project) || project.workspaceKey !== ctx.workspace.key) {
      throw notFound('project');
    }
    if (!isReadable(scope, project)) throw forbidden('this may not read the project');
  }
  return { projectKeys: asked };
}
