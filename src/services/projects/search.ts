import type { Project } from '../../core/model.js';
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

/** A page of projects. */
interface Page {
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
  /** How many projects there are on all pages; null unless it was asked for, since every one is counted. */
  readonly total: number | null;
}

export interface FoundProjects extends Page {
  readonly projects: readonly Project[];
}

export interface ProjectPage extends Page {
  readonly views: readonly ProjectView[];
}

/**
 * One page of the workspace's projects that the caller may read, by a filter, in an order: all of them for its
 * members, the public ones for other users, its own for a run's token. Of each the row alone.
 *
 * @throws CoreError `invalid` for a filter, order, cursor or limit that cannot be.
 */
export async function findProjects(
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
  return { projects, next, total };
}

/** As `findProjects`, with what lists show of each project: its runs are counted. */
export async function searchProjects(
  ctx: Context,
  query: ProjectQuery,
  options: { total?: boolean } = {},
): Promise<ProjectPage> {
  const { projects, ...page } = await findProjects(ctx, query, options);
  return { views: await viewProjects(ctx, projects), ...page };
}
