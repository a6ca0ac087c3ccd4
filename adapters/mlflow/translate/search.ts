import type { ProjectKey } from '../../../src/core/ids.js';
import type { RunQuery } from '../../../src/services/runs/search.js';
import { parseRunFilter } from '../query/filter.js';
import { parseRunOrder } from '../query/order.js';
import { type RunSearchInput, runsOfPage } from '../wire/run.js';
import { lifecycleOf } from './lifecycle.js';

/** Where a page begins; at the first run without a token, or with an empty one. */
export function placeOf(token: string | undefined): { readonly after?: string } {
  return token === undefined || token === '' ? {} : { after: token };
}

/**
 * What a search of runs asks for.
 *
 * @throws CoreError `invalid` for a filter or an order, with the place.
 */
export function toRunQuery(asked: RunSearchInput, projectKeys: readonly ProjectKey[]): RunQuery {
  return {
    projectKeys,
    filter: parseRunFilter(asked.filter ?? ''),
    order: parseRunOrder(asked.order_by),
    lifecycle: lifecycleOf(asked.run_view_type),
    limit: asked.max_results ?? runsOfPage.standard,
    ...placeOf(asked.page_token),
  };
}
