import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import { invalid } from '../core/errors.js';
import type { WorkspaceKey } from '../core/ids.js';
import type { RunScope, RunSearch } from '../core/ports/index.js';
import { checkFilter, checkOrder, queryLimits, totalOrder } from '../core/query.js';
import type { Database } from './schema.js';
import { conditionOf } from './search-filter.js';
import { behind, decodeCursor, encodeCursor, type Sorting, sortingOf } from './search-order.js';
import { prepare, type Session } from './statement.js';

type RunRow = Selectable<Database['run']>;

/** One page of the runs of a search, and where the next begins: null behind the last run. */
export async function searchRows(
  session: Session,
  search: RunSearch,
): Promise<{ rows: RunRow[]; next: string | null }> {
  const { limit, offset = 0, after, projectKeys } = search;
  checkWhole(limit, 1, queryLimits.pageSize, 'the size of a page');
  checkWhole(offset, 0, Number.MAX_SAFE_INTEGER, 'the offset');
  checkOrder(search.order);
  const order = totalOrder(search.order);
  const sorting = sortingOf(session.engine, order);
  const where = conditionsOf(session, search);
  if (after !== undefined) where.push(behind(sorting.columns, decodeCursor(order, sorting.columns, after)));
  if (projectKeys?.length === 0) return { rows: [], next: null };
  const found = await readPage(session, { where, sorting, offset, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  if (last === undefined || found.length <= limit) return { rows, next: null };
  const values = sorting.columns.map((_column, place) => last[`sort_${place}`] ?? null);
  return { rows, next: encodeCursor(order, values) };
}

type SortedRow = RunRow & Readonly<Record<`sort_${number}`, string | number | null>>;

/** Sorts the keys alone, and reads the whole rows of those of the page. */
async function readPage(
  session: Session,
  given: { where: RawBuilder<SqlBool>[]; sorting: Sorting; offset: number; limit: number },
): Promise<SortedRow[]> {
  const { columns, tables } = given.sorting;
  // Each search has a form of its own, so the statement is compiled for this one call.
  const statement = prepare<object>()(({ db }) => {
    let keys = db
      .selectFrom('run')
      .select('run.key as found_key')
      .select(columns.map(({ expression }, place) => expression.as(`sort_${place}`)))
      .where((row) => row.and(given.where))
      .limit(given.limit)
      .offset(given.offset);
    for (const { name, query } of tables) {
      const joined = keys.leftJoin(query.as(name), (join) =>
        join.on(sql<SqlBool>`${sql.ref(`${name}.run_key`)} = run."key"`),
      );
      // The type grows with each table, but what is selected stays the same.
      keys = joined as unknown as typeof keys;
    }
    for (const { expression, direction } of columns) keys = keys.orderBy(expression, direction);
    const sorts = columns.map((_column, place) => sql.ref<string | number | null>(`page.sort_${place}`));
    let rows = db
      .selectFrom(keys.as('page'))
      .innerJoin('run', (join) => join.on(sql<SqlBool>`run."key" = page.found_key`))
      .selectAll('run')
      .select(sorts.map((sort, place) => sort.as(`sort_${place}` as const)));
    for (const [place, { direction }] of columns.entries())
      rows = rows.orderBy(sql.ref(`page.sort_${place}`), direction);
    return rows;
  });
  return statement.all(session, {});
}

/** How many runs there are of this search. */
export async function countRows(session: Session, scope: RunScope): Promise<number> {
  const where = conditionsOf(session, scope);
  if (scope.projectKeys?.length === 0) return 0;
  const statement = prepare<object>()(({ db }) =>
    db
      .selectFrom('run')
      .select((column) => column.fn.countAll<number>().as('count'))
      .where((row) => row.and(where)),
  );
  return (await statement.first(session, {}))?.count ?? 0;
}

function conditionsOf(session: Session, scope: RunScope): RawBuilder<SqlBool>[] {
  const { workspaceKey, projectKeys, publicOnly = false, lifecycle, filter } = scope;
  checkFilter(filter);
  const where: RawBuilder<SqlBool>[] = [sql`run.workspace_key = ${workspaceKey}`];
  where.push(...stageConditions[lifecycle]);
  if (projectKeys !== undefined && projectKeys.length > 0)
    where.push(sql`run.project_key in (${sql.join([...projectKeys])})`);
  if (publicOnly) where.push(sql`run.project_key in (${publicProjectsOf(workspaceKey)})`);
  where.push(conditionOf(session.engine, filter));
  return where;
}

/** What was deleted for good is in none of them. */
const stageConditions: Readonly<Record<RunScope['lifecycle'], readonly RawBuilder<SqlBool>[]>> = {
  active: [sql`run.deleted_at is null`],
  deleted: [sql`run.deleted_at is not null`, sql`run.purge_at is null`],
  any: [sql`run.purge_at is null`],
};

function publicProjectsOf(workspaceKey: WorkspaceKey): RawBuilder<unknown> {
  return sql`select project.key from project where project.workspace_key = ${workspaceKey} and project.is_public = 1`;
}

function checkWhole(value: number, least: number, most: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw invalid('', `${name} is a whole number from ${least} to ${most}`);
}
