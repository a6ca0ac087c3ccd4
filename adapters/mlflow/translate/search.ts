import type { ProjectKey } from '../../../src/core/ids.js';
import type { DatasetName } from '../../../src/core/logged-model.js';
import type { LoggedModelQuery } from '../../../src/services/logged-models/search.js';
import type { RunQuery } from '../../../src/services/runs/search.js';
import { parseModelFilter, parseRunFilter } from '../query/filter.js';
import { parseModelOrder } from '../query/model-order.js';
import { parseRunOrder } from '../query/order.js';
import { type ModelSearch, modelsOfPage } from '../wire/logged-model.js';
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

/**
 * What a search of logged models asks for.
 *
 * @throws CoreError `invalid` for a filter or an order, with the place.
 */
export function toModelQuery(asked: ModelSearch, projectKeys: readonly ProjectKey[]): LoggedModelQuery {
  const datasets = asked.datasets.map((one) => toDatasetName(one.dataset_name, one.dataset_digest));
  return {
    projectKeys,
    filter: parseModelFilter(asked.filter ?? '', datasets.length === 0 ? null : datasets),
    order: parseModelOrder(
      asked.order_by.map(({ field_name, ascending, dataset_name, dataset_digest }) => ({
        name: field_name,
        ascending: ascending ?? true,
        dataset:
          dataset_name === undefined || dataset_name === ''
            ? null
            : toDatasetName(dataset_name, dataset_digest),
      })),
    ),
    limit: asked.max_results ?? modelsOfPage.standard,
    ...placeOf(asked.page_token),
  };
}

function toDatasetName(name: string, digest: string | undefined): DatasetName {
  return { name, digest: digest === undefined || digest === '' ? null : digest };
}
