import type { Filter, Order, ProjectField } from '../../core/query.js';
import type { Lifecycle } from '../../core/stage.js';
import { readableScope } from '../accounts/access.js';
import type { Context } from '../context.js';
import { type ProjectView, viewProjects } from './view.js';

/** What a dialect's list or search asks for. */
export interface ProjectQuery {
  readonly filter: Filter<ProjectField>;
  readonly order: Order<ProjectField>;
  /** Default: active. */
  readonly lifecycle?: Lifecycle;
  /** `next` of the page before, in the same order. */
  readonly after?: string;
  readonly offset?: number;
  readonly limit: number;
}

export interface FoundProjects {
  readonly views: readonly ProjectView[];
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
  /** How many projects there are on all pages; null unless it was asked for, since every one is counted. */
  readonly total: number | null;
}

/**
 * One page of the workspace's projects that the caller may read, by a filter, in an order: all of them for its
 * members, the public ones for other users, its own for a run's token.
 *
 * @throws CoreError `invalid` for a filter, order, cursor or limit that cannot be.
 */
export async function searchProjects(
  ctx: Context,
  query: ProjectQuery,
  options: { total?: boolean } = {},
): Promise<FoundProjects> {
  const { read } = ctx.ports.store;
  const scope = await readableScope(ctx);
  const search = {
    lifecycle: 'active' as const,
    ...query,
    workspaceKey: ctx.workspace.key,
    publicOnly: scope.kind === 'public',
    ...(scope.kind === 'project' ? { projectKeys: [scope.key] } : {}),
  };
  const { projects, next } = await read.projects.search(search);
  const total = options.total === true ? await read.projects.count(search) : null;
  return { views: await viewProjects(ctx, projects), next, total };
}
