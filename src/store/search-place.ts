import { type AliasedRawBuilder, type RawBuilder, sql } from 'kysely';
import type { AnyField, FieldType, JoinedPiece, Value } from '../core/query.js';
import type { Engine } from './engine.js';
import { pointKinds } from './metric-rows.js';

/** What is known of one column or expression that tests and orders use. */
export interface Operand {
  readonly expression: RawBuilder<unknown>;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** The first 100 characters, where an index has them. */
  readonly indexedHead?: RawBuilder<string>;
  /** The equality with a text, true or false for every row, where an index answers another form of it. */
  readonly equals?: (text: string) => RawBuilder<boolean>;
  /** Set for numbers that may be NaN or infinite: which they are, and the column of the finite ones, which an index has. */
  readonly point?: { readonly kind: RawBuilder<unknown>; readonly finite: RawBuilder<unknown> };
}

/** How many characters of a text the indexes have. */
export const indexedLength = 100;

export const present = { nullable: false } as const;
export const optional = { nullable: true } as const;

/** Where the values of a field lie: in the row itself, or in the rows of another table, here called `part`. */
export interface Place {
  readonly operand: Operand;
  /** Null for an attribute. */
  readonly rows: { readonly from: RawBuilder<unknown>; readonly where: RawBuilder<boolean> } | null;
}

/** What the compiler must know of a kind of thing that is searched. */
export interface SearchKind<F extends AnyField> {
  /** Its table: expressions call its row so. */
  readonly table: 'run' | 'project' | 'logged_model';
  /** The column of `part` that says whose it is. */
  readonly owner: 'run_key' | 'project_key' | 'model_key';
  /** What is read beside the row. */
  readonly beside?: (engine: Engine) => readonly AliasedRawBuilder<unknown, string>[];
  /** Where the values of this field lie and how they are read there. */
  placeOf(engine: Engine, field: F): Place;
}

/** A kind of point as it is stored. */
export const kind = {
  nan: sql.lit(pointKinds.indexOf('nan')),
  pinf: sql.lit(pointKinds.indexOf('pinf')),
  ninf: sql.lit(pointKinds.indexOf('ninf')),
} as const;

/** A number that may be NaN or infinite, the infinities as such; null for NaN. */
export function pointOperand(finite: RawBuilder<unknown>, pointKind: RawBuilder<unknown>): Operand {
  const expression = sql`coalesce(${finite}, case ${pointKind}
    when ${kind.pinf} then ${bind('number', Number.POSITIVE_INFINITY)}
    when ${kind.ninf} then ${bind('number', Number.NEGATIVE_INFINITY)} end)`;
  return { expression, type: 'number', point: { kind: pointKind, finite }, ...optional };
}

/** The place of the group that has the value; null for a value that is in none. */
export function rankOperand({ expression }: Operand, groups: readonly (readonly string[])[]): Operand {
  const cases = groups.flatMap((values, place) =>
    values.map((value) => sql`when ${value} then ${sql.lit(place)}`),
  );
  const ranked = cases.length === 0 ? sql`null` : sql`case ${expression} ${sql.join(cases, sql` `)} end`;
  return { expression: sql`cast((${ranked}) as bigint)`, type: 'integer', ...optional };
}

/** Texts and attributes, one behind the other. */
export function joinedOperand(
  pieces: readonly JoinedPiece[],
  attributes: Readonly<Record<Exclude<JoinedPiece, string>['attribute'], Operand>>,
): Operand {
  const texts = pieces.map((piece) =>
    typeof piece === 'string' ? bind('text', piece) : attributes[piece.attribute].expression,
  );
  const expression = sql`(${sql.join(
    texts.map((text) => sql`cast(${text} as text)`),
    sql` || `,
  )})`;
  return { expression, type: 'text', ...present };
}

type TagTable = 'tag' | 'project_tag' | 'logged_model_tag';

/** The tags of this key in a table of tags. */
export function tagPlace(table: TagTable, key: string): Place {
  return { operand: tagOperand, rows: { from: sql`${sql.table(table)} as part`, where: hasKey(key) } };
}

/** The labels in a table of tags. */
export function labelPlace(table: TagTable): Place {
  const where = sql<boolean>`part.value is null`;
  return { operand: keyOperand, rows: { from: sql`${sql.table(table)} as part`, where } };
}

/** A label has no value and is shown with an empty one. */
const tagOperand: Operand = {
  expression: sql`coalesce(part.value, '')`,
  type: 'text',
  indexedHead: sql`substr(part.value, 1, 100)`,
  ...present,
};

/** The key of a part. */
export const keyOperand: Operand = { expression: sql`part."key"`, type: 'text', ...present };

/** True for a part of this key. */
export function hasKey(key: string): RawBuilder<boolean> {
  return sql<boolean>`part."key" = ${key}`;
}

/** A value as a parameter of this type. PostgreSQL would else take the narrower type of the column for it. */
export function bind(type: FieldType, value: Value): RawBuilder<unknown> {
  switch (type) {
    case 'text':
      return sql`${value}`;
    case 'number':
      return sql`cast(${value} as double precision)`;
    case 'integer':
      return sql`cast(${value} as bigint)`;
    case 'boolean':
      return sql`cast(${value ? 1 : 0} as bigint)`;
  }
}
