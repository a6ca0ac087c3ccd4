import { notFound } from '../../core/errors.js';
import type { ProjectKey } from '../../core/ids.js';
import type { RunScope } from '../../core/ports/index.js';
import type { Filter, Order } from '../../core/query.js';
import { readableScope, requireProjectAccess } from '../accounts/access.js';
import type { Context } from '../context.js';
import { type RunRow, rowsOf } from './view.js';

/** What a dialect's list or search asks for. */
export interface RunQuery {
  readonly filter: Filter;
  readonly order: Order;
  /** Only runs of these projects, each of which the caller must be allowed to read; of all that it may read without it. */
  readonly projectKeys?: readonly ProjectKey[];
  /** Default: active. */
  readonly lifecycle?: RunScope['lifecycle'];
  /** `next` of the page before, in the same order. */
  readonly after?: string;
  readonly offset?: number;
  readonly limit: number;
}

export interface RunPage {
  readonly views: readonly RunRow[];
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
  /** How many runs there are on all pages; null unless it was asked for, since every one is counted. */
  readonly total: number | null;
}

/**
 * One page of the workspace's runs by a filter, in an order.
 *
 * @throws CoreError `forbidden`; `invalid` for a filter, order, cursor or limit that cannot be.
 */
export async function searchRuns(
  ctx: Context,
  query: RunQuery,
  options: { total?: boolean } = {},
): Promise<RunPage> {
  const { read } = ctx.ports.store;
  const projects = await readableProjects(ctx, query.projectKeys);
  const search = { lifecycle: 'active' as const, ...query, ...projects, workspaceKey: ctx.workspace.key };
  const { runs, next } = await read.runs.search(search);
  const total = options.total === true ? await read.runs.count(search) : null;
  return { views: await rowsOf(read, runs), next, total };
}

/** The projects that are searched: those asked for, if the caller may read each of them, else all that it may read. */
async function readableProjects(
  ctx: Context,
  asked: readonly ProjectKey[] | undefined,
): Promise<Pick<RunScope, 'projectKeys' | 'publicOnly'>> {
  if (asked !== undefined) {
    for (const key of asked) {
      const project = await ctx.ports.store.read.projects.find(key);
      if (project === null) throw notFound('project');
      await requireProjectAccess(ctx, project, 'read');
    }
    return { projectKeys: asked };
  }
  const scope = await readableScope(ctx);
  if (scope.kind === 'project') return { projectKeys: [scope.key] };
  return { publicOnly: scope.kind === 'public' };
}
