import type { ProjectKey } from '../../../src/core/ids.js';
import { and, attribute, exists, type Filter, not } from '../../../src/core/query.js';
import type { RunQuery } from '../../../src/services/runs/search.js';
import { parseQuery, parseSort, type QueryContext } from '../query.js';
import type { ExperimentListQuery } from '../wire/experiment.js';

/** Archived runs are in no list. */
const isShown: Filter = not(exists(attribute('archivedAt')));

/**
 * What a list asks for, without its page.
 *
 * @param projectKeys only runs of these projects; of all without it.
 * @throws CoreError `invalid` for a query or sort, with the place.
 */
export function toRunQuery(
  { query = '', sort = '', independent, group }: ExperimentListQuery,
  context: QueryContext,
  projectKeys?: readonly ProjectKey[],
): Omit<RunQuery, 'limit' | 'offset'> {
  const filters = [
    isShown,
    ...(query.trim() === '' ? [] : [parseQuery(query, context)]),
    // False is no filter, as in the server of 0.5: clients send it where a user asked for nothing.
    ...(independent === true ? [not(exists(attribute('groupRef')))] : []),
    ...(group === undefined ? [] : [parseQuery(`group:${group}`, context)]),
  ];
  return {
    filter: and(...filters),
    order: parseSort(sort),
    ...(projectKeys === undefined ? {} : { projectKeys }),
  };
}
