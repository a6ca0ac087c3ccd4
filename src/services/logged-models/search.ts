import type { ProjectKey } from '../../core/ids.js';
import type { Filter, LoggedModelField, Order } from '../../core/query.js';
import type { Lifecycle } from '../../core/stage.js';
import type { Context } from '../context.js';
import { searchedProjects } from '../projects/searched.js';
import { type LoggedModelView, viewModels } from './view.js';

/** What a dialect's list or search asks for. */
export interface LoggedModelQuery {
  /** Models of these projects, each of which the caller must be allowed to read. */
  readonly projectKeys: readonly ProjectKey[];
  readonly filter: Filter<LoggedModelField>;
  readonly order: Order<LoggedModelField>;
  /** Default: active. */
  readonly lifecycle?: Lifecycle;
  /** `next` of the page before, in the same order. */
  readonly after?: string;
  readonly offset?: number;
  readonly limit: number;
}

export interface FoundModels {
  readonly views: readonly LoggedModelView[];
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
  /** How many models there are on all pages; null unless it was asked for, since every one is counted. */
  readonly total: number | null;
}

/**
 * One page of the models of some projects by a filter, in an order.
 *
 * @throws CoreError `not_found` for a project, `forbidden`; `invalid` for a filter, order, cursor or limit that
 * cannot be.
 */
export async function searchLoggedModels(
  ctx: Context,
  query: LoggedModelQuery,
  options: { total?: boolean } = {},
): Promise<FoundModels> {
  const { read } = ctx.ports.store;
  await searchedProjects(ctx, query.projectKeys);
  const search = { lifecycle: 'active' as const, ...query };
  const { models, next } = await read.loggedModels.search(search);
  const total = options.total === true ? await read.loggedModels.count(search) : null;
  return { views: await viewModels(read, models), next, total };
}
