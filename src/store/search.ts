import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { invalid } from '../core/errors.js';
import {
  type AnyField,
  checkFilter,
  checkOrder,
  type Filter,
  type Order,
  queryLimits,
  totalOrder,
} from '../core/query.js';
import { conditionOf } from './search-filter.js';
import { behind, decodeCursor, encodeCursor, type Sorting, sortingOf } from './search-order.js';
import type { SearchKind } from './search-place.js';
import { prepare, type Session } from './statement.js';

/** Among which rows a search looks, and which of them it wants. */
export interface RowScope<F extends AnyField> {
  /** All of these hold; null where nothing can be found. */
  readonly where: readonly RawBuilder<SqlBool>[] | null;
  readonly filter: Filter<F>;
}

/** Which part of a list is wanted. */
export interface PageOf<F extends AnyField> {
  readonly order: Order<F>;
  /** Only rows behind this place: `next` of an earlier page of the same order. */
  readonly after?: string;
  readonly offset?: number;
  readonly limit: number;
}

/** Rows of a list, and where the next page begins: null behind the last row. */
export interface RowPage<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/**
 * One page of the rows of a search. `Row` is that of the searched table, with what the kind reads beside it.
 *
 * @throws CoreError `invalid` for a filter, order, cursor, offset or limit that cannot be.
 */
export async function searchRows<F extends AnyField, Row>(
  session: Session,
  searched: SearchKind<F>,
  { where, filter }: RowScope<F>,
  { order: asked, after, offset = 0, limit }: PageOf<F>,
): Promise<RowPage<Row>> {
  checkWhole(limit, 1, queryLimits.pageSize, 'the size of a page');
  checkWhole(offset, 0, Number.MAX_SAFE_INTEGER, 'the offset');
  checkOrder(asked);
  checkFilter(filter);
  const order = totalOrder(asked);
  const sorting = sortingOf(session.engine, searched, order);
  const place =
    after === undefined ? [] : [behind(sorting.columns, decodeCursor(order, sorting.columns, after))];
  if (where === null) return { rows: [], next: null };
  const conditions = [...where, conditionOf({ engine: session.engine, searched }, filter), ...place];
  const found = await readPage(session, searched, { where: conditions, sorting, offset, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  // The rows are what `selectAll` of the kind's table gives.
  const page = rows as readonly unknown[] as readonly Row[];
  if (last === undefined || found.length <= limit) return { rows: page, next: null };
  const values = sorting.columns.map((_column, column) => last[`sort_${column}`] ?? null);
  return { rows: page, next: encodeCursor(order, values) };
}

type SortedRow = Readonly<Record<`sort_${number}`, string | number | null>>;

/** Sorts the keys alone, and reads the whole rows of those of the page. */
async function readPage<F extends AnyField>(
  session: Session,
  { table: name, beside }: SearchKind<F>,
  given: { where: RawBuilder<SqlBool>[]; sorting: Sorting; offset: number; limit: number },
): Promise<readonly SortedRow[]> {
  const { columns, tables } = given.sorting;
  // Of the table nothing is used by its type but the key, which each has.
  const table = name as 'run';
  // Each search has a form of its own, so the statement is compiled for this one call.
  const statement = prepare<object>()(({ db, engine }) => {
    let keys = db
      .selectFrom(table)
      .select(`${table}.key as found_key`)
      .select(columns.map(({ expression }, place) => expression.as(`sort_${place}`)))
      .where((row) => row.and(given.where))
      .limit(given.limit)
      .offset(given.offset);
    for (const { name: part, query } of tables) {
      const joined = keys.leftJoin(query.as(part), (join) =>
        join.on(sql<SqlBool>`${sql.ref(`${part}.owner`)} = ${sql.ref(`${table}.key`)}`),
      );
      // The type grows with each table, but what is selected stays the same.
      keys = joined as unknown as typeof keys;
    }
    for (const { expression, direction } of columns) keys = keys.orderBy(expression, direction);
    const sorts = columns.map((_column, place) => sql.ref<string | number | null>(`page.sort_${place}`));
    let rows = db
      .selectFrom(keys.as('page'))
      .innerJoin(table, (join) => join.on(sql<SqlBool>`${sql.ref(`${table}.key`)} = page.found_key`))
      .selectAll(table)
      .select(beside?.(engine) ?? [])
      .select(sorts.map((sort, place) => sort.as(`sort_${place}` as const)));
    for (const [place, { direction }] of columns.entries())
      rows = rows.orderBy(sql.ref(`page.sort_${place}`), direction);
    return rows;
  });
  return statement.all(session, {});
}

/**
 * How many rows there are of this search.
 *
 * @throws CoreError `invalid` for a filter that cannot be.
 */
export async function countRows<F extends AnyField>(
  session: Session,
  searched: SearchKind<F>,
  { where, filter }: RowScope<F>,
): Promise<number> {
  checkFilter(filter);
  if (where === null) return 0;
  const conditions = [...where, conditionOf({ engine: session.engine, searched }, filter)];
  const statement = prepare<object>()(({ db }) =>
    db
      .selectFrom(searched.table)
      .select((column) => column.fn.countAll<number>().as('count'))
      .where((row) => row.and(conditions)),
  );
  return (await statement.first(session, {}))?.count ?? 0;
}

function checkWhole(value: number, least: number, most: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw invalid('', `${name} is a whole number from ${least} to ${most}`);
}
