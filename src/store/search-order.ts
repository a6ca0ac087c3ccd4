import { createHash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { type CoreError, invalid } from '../core/errors.js';
import type { AnyField, FieldType, Order, OrderTerm } from '../core/query.js';
import type { Engine } from './engine.js';
import { bind, kind, type Operand, type Place, type SearchKind } from './search-place.js';

/** A column that the rows are sorted by. */
export interface SortColumn {
  readonly expression: RawBuilder<unknown>;
  readonly direction: 'asc' | 'desc';
  readonly type: FieldType;
  /** True if every row has a value in it. */
  readonly present: boolean;
}

/** The values of one row in the columns that it is sorted by. */
export type SortValues = readonly (string | number | null)[];

/** How much of a text decides the order, in characters: it bounds the size of a cursor. */
const orderedLength = 250;

/** What a total order sorts by. */
export interface Sorting {
  readonly columns: readonly SortColumn[];
  /** Tables that the columns name, with at most one row for each `owner`: to be joined to what is searched, to the left. */
  readonly tables: readonly { readonly name: string; readonly query: RawBuilder<{ owner: number }> }[];
}

/** A term whose value may be missing makes two columns: whether there is one, and which. */
export function sortingOf<F extends AnyField>(
  engine: Engine,
  searched: SearchKind<F>,
  order: Order<F>,
): Sorting {
  const terms = order.map((term, place) => {
    const { operand, rows } = searched.placeOf(engine, term.field);
    return sortingOfTerm(term, { operand, rows, owner: searched.owner, name: `value_${place}` });
  });
  return {
    columns: terms.flatMap((term) => term.columns),
    tables: terms.flatMap((term) => term.tables),
  };
}

function sortingOfTerm(
  term: OrderTerm<AnyField>,
  { operand, rows, owner, name }: Place & { readonly owner: string; readonly name: string },
): Sorting {
  const { field, direction } = term;
  const { type, point } = operand;
  const expression = sortable(field, operand);
  if (rows === null) {
    const value: SortColumn = { expression, direction, type, present: !operand.nullable };
    if (value.present) return { columns: [value], tables: [] };
    const rank = rankColumn(term, sql`(case when ${expression} is null then 2 else 0 end)`);
    return { columns: [rank, value], tables: [] };
  }
  const rank =
    point === undefined
      ? sql`case when ${expression} is null then 2 else 0 end`
      : sql`case when ${point.kind} = ${kind.nan} then 1 else 0 end`;
  const query = sql<{ owner: number }>`(select ${sql.ref(`part.${owner}`)} as owner, ${rank} as rank,
    ${expression} as value from ${rows.from} where ${rows.where})`;
  return {
    columns: [
      rankColumn(term, sql`coalesce(${sql.ref(`${name}.rank`)}, 2)`),
      { expression: sql.ref(`${name}.value`), direction, type, present: false },
    ],
    tables: [{ name, query }],
  };
}

/** 0 with a value, 1 for NaN, 2 without a value. */
function rankColumn({ missing = 'last' }: OrderTerm<AnyField>, expression: RawBuilder<unknown>): SortColumn {
  return { expression, direction: missing === 'last' ? 'asc' : 'desc', type: 'integer', present: true };
}

function sortable(field: AnyField, { expression, type }: Operand): RawBuilder<unknown> {
  if (type !== 'text') return expression;
  const isShort = field.kind === 'attribute' && (field.name === 'id' || field.name === 'status');
  return isShort ? expression : sql`substr(${expression}, 1, ${sql.lit(orderedLength)})`;
}

/** True for rows behind the one of these values. */
export function behind(columns: readonly SortColumn[], values: SortValues): RawBuilder<boolean> {
  let condition = sql<boolean>`(1 = 0)`;
  for (const [place, column] of [...columns.entries()].reverse()) {
    const value = values[place] ?? null;
    // Without a value the rank before it was equal, and so none of the rows compared here has one.
    if (value === null) continue;
    const { expression, direction, type } = column;
    const bound = bind(type, value);
    const beyond = direction === 'asc' ? sql`>` : sql`<`;
    condition = sql`(${expression} ${beyond} ${bound} or (${expression} = ${bound} and ${condition}))`;
    // Says nothing new, but an index can start at it.
    if (place === 0) condition = sql`(${expression} ${beyond}= ${bound} and ${condition})`;
  }
  return condition;
}

/** A cursor: what tells orders apart, then the values, numbers as text since JSON has no infinities. */
export function encodeCursor(order: Order<AnyField>, values: SortValues): string {
  const parts = values.map((value) => (typeof value === 'number' ? String(value) : value));
  return Buffer.from(JSON.stringify([fingerprint(order), ...parts])).toString('base64url');
}

/**
 * The values of a cursor.
 *
 * @throws CoreError `invalid` for a text that is no cursor, or one of another order.
 */
export function decodeCursor(
  order: Order<AnyField>,
  columns: readonly SortColumn[],
  cursor: string,
): SortValues {
  const parts = parse(cursor);
  if (parts.length !== columns.length + 1 || parts[0] !== fingerprint(order)) throw badCursor();
  return columns.map(({ type, present }, place) => {
    const part = parts[place + 1];
    if (part === null && !present) return null;
    if (typeof part !== 'string') throw badCursor();
    if (type === 'text') return part;
    const number = Number(part);
    const isGood = type === 'number' ? !Number.isNaN(number) : Number.isSafeInteger(number);
    if (!isGood || part.trim() === '') throw badCursor();
    return number;
  });
}

function parse(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts)) return parts;
  } catch {
    // Falls through: no cursor of this server's.
  }
  throw badCursor();
}

function badCursor(): CoreError {
  return invalid('after', 'this is no place in a list of this order');
}

function fingerprint(order: Order<AnyField>): string {
  const text = JSON.stringify(
    order.map(({ field, direction, missing }) => [field, direction, missing ?? 'last']),
  );
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
