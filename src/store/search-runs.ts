import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import type { RunScope, RunSearch } from '../core/ports/index.js';
import type { Field } from '../core/query.js';
import type { Database } from './schema.js';
import { countRows, type RowPage, type RowScope, searchRows } from './search.js';
import { searchedRuns } from './search-fields.js';
import { isOneOf, isPublic, stageIs } from './search-scope.js';
import type { Session } from './statement.js';

/** One page of the runs of a search. */
export function searchRuns(
  session: Session,
  search: RunSearch,
): Promise<RowPage<Selectable<Database['run']>>> {
  return searchRows(session, searchedRuns, rowScope(session, search), search);
}

/** How many runs there are of this search. */
export function countRuns(session: Session, scope: RunScope): Promise<number> {
  return countRows(session, searchedRuns, rowScope(session, scope));
}

function rowScope({ engine }: Session, scope: RunScope): RowScope<Field> {
  const { workspaceKey, projectKeys, publicOnly = false, lifecycle, filter } = scope;
  if (projectKeys?.length === 0) return { where: null, filter };
  const where: RawBuilder<SqlBool>[] = [
    sql`run.workspace_key = ${workspaceKey}`,
    ...stageIs('run', lifecycle),
  ];
  if (projectKeys !== undefined) where.push(isOneOf(engine, 'run.project_key', projectKeys));
  if (publicOnly) where.push(isPublic('run.project_key', workspaceKey));
  return { where, filter };
}
