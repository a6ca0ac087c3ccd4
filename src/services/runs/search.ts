import type { ProjectKey } from '../../core/ids.js';
import type { Run } from '../../core/model.js';
import type { Filter, Order } from '../../core/query.js';
import type { Lifecycle } from '../../core/stage.js';
import type { Context } from '../context.js';
import { searchedProjects } from '../projects/searched.js';
import { type RunRow, rowsOf } from './view.js';

/** What a dialect's list or search asks for. */
export interface RunQuery {
  readonly filter: Filter;
  readonly order: Order;
  /** Only runs of these projects, each of which the caller must be allowed to read; of all that it may read without it. */
  readonly projectKeys?: readonly ProjectKey[];
  /** Default: active. */
  readonly lifecycle?: Lifecycle;
  /** `next` of the page before, in the same order. */
  readonly after?: string;
  readonly offset?: number;
  readonly limit: number;
}

/** A page of runs. */
interface Page {
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
  /** How many runs there are on all pages; null unless it was asked for, since every one is counted. */
  readonly total: number | null;
}

export interface RunPage extends Page {
  readonly views: readonly RunRow[];
}

export interface FoundRuns extends Page {
  readonly runs: readonly Run[];
}

/**
 * One page of the workspace's runs by a filter, in an order; of each the row alone.
 *
 * @throws CoreError `not_found` for a project that is asked for, `forbidden`; `invalid` for a filter, order, cursor
 * or limit that cannot be.
 */
export async function findRuns(
  ctx: Context,
  query: RunQuery,
  options: { total?: boolean } = {},
): Promise<FoundRuns> {
  const { read } = ctx.ports.store;
  const projects = await searchedProjects(ctx, query.projectKeys);
  const search = { lifecycle: 'active' as const, ...query, ...projects, workspaceKey: ctx.workspace.key };
  const { runs, next } = await read.runs.search(search);
  const total = options.total === true ? await read.runs.count(search) : null;
  return { runs, next, total };
}

/** As `findRuns`, with what lists show of each run. */
export async function searchRuns(
  ctx: Context,
  query: RunQuery,
  options: { total?: boolean } = {},
): Promise<RunPage> {
  const { runs, ...page } = await findRuns(ctx, query, options);
  return { views: await rowsOf(ctx.ports.store.read, runs), ...page };
}
