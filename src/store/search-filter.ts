import { type RawBuilder, sql } from 'kysely';
import type { AnyField, Comparison, FieldTest, Filter, Pattern, Value } from '../core/query.js';
import type { Engine } from './engine.js';
import { bind, indexedLength, kind, type Operand, type SearchKind } from './search-place.js';

type Condition = RawBuilder<boolean>;

/** For what a filter is compiled. */
interface Target<F extends AnyField> {
  readonly engine: Engine;
  readonly searched: SearchKind<F>;
}

/**
 * The filter as a condition over the rows of what is searched: every value is bound, and it is true or false for
 * each row, never null. The filter must have passed `checkFilter`.
 */
export function conditionOf<F extends AnyField>(target: Target<F>, filter: Filter<F>): Condition {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return joined(
        filter.kind,
        filter.filters.map((part) => conditionOf(target, part)),
      );
    case 'not':
      return negated(target, filter.filter);
    default:
      return fieldTest(target, filter);
  }
}

function negated<F extends AnyField>(target: Target<F>, filter: Filter<F>): Condition {
  if (filter.kind === 'exists' && filter.field.kind === 'attribute') {
    const { operand } = target.searched.placeOf(target.engine, filter.field);
    // So written, an index of the rows without a value answers it.
    if (operand.nullable) return sql`(${operand.expression} is null)`;
  }
  return sql`(not ${conditionOf(target, filter)})`;
}

function joined(connective: 'and' | 'or', conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return connective === 'and' ? sql`(1 = 1)` : sql`(1 = 0)`;
  return sql`(${sql.join([...conditions], connective === 'and' ? sql` and ` : sql` or `)})`;
}

function fieldTest<F extends AnyField>(target: Target<F>, test: FieldTest<F>): Condition {
  const { engine, searched } = target;
  const { operand, rows } = searched.placeOf(engine, test.field);
  const ways = testOf(engine, test, operand);
  if (rows !== null) {
    const conditions = ways.map((way) => joined('and', [rows.where, way]));
    return someRow(target, rows.from, conditions);
  }
  const condition = joined('or', ways);
  const isNeverNull = test.kind === 'compare' && test.operator === 'eq' && operand.equals !== undefined;
  return operand.nullable && !isNeverNull
    ? sql`(${operand.expression} is not null and ${condition})`
    : condition;
}

/**
 * True for what has a part of one of these kinds. SQLite reads the owners of each kind from an index, once; PostgreSQL makes a join of `exists`, also where it is negated.
 */
function someRow<F extends AnyField>(
  { engine, searched }: Target<F>,
  from: RawBuilder<unknown>,
  kinds: readonly Condition[],
): Condition {
  const owner = sql.ref(`part.${searched.owner}`);
  const key = sql.ref(`${searched.table}.key`);
  if (engine === 'postgres') {
    const where = joined('or', kinds);
    return sql`(exists (select 1 from ${from} where ${owner} = ${key} and ${where}))`;
  }
  const lists = kinds.map((where) => sql`select ${owner} from ${from} where ${where}`);
  return sql`(${key} in (${sql.join(lists, sql` union all `)}))`;
}

/**
 * The ways in which a value passes the test: each goes by one range of an index. They may be null where
 * the value is null, which the caller takes for false.
 */
function testOf(engine: Engine, test: FieldTest<AnyField>, operand: Operand): readonly Condition[] {
  const { point } = operand;
  switch (test.kind) {
    case 'compare':
      return point === undefined
        ? [comparison(operand, test.operator, test.value)]
        : pointComparison(operand, point, test.operator, test.value);
    case 'between': {
      const bothFinite = Number.isFinite(test.from) && Number.isFinite(test.to);
      const among = bothFinite && point !== undefined ? { ...operand, expression: point.finite } : operand;
      return [joined('and', [comparison(among, 'ge', test.from), comparison(among, 'le', test.to)])];
    }
    case 'in':
      return [membership(operand, test.values)];
    case 'notIn':
      return [
        otherness(operand, test.values),
        ...(point === undefined ? [] : [sql<boolean>`(${point.kind} = ${kind.nan})`]),
      ];
    case 'exists':
      // A metric whose value is NaN has no number, and is there all the same.
      return [
        operand.nullable && point === undefined ? sql`(${operand.expression} is not null)` : sql`(1 = 1)`,
      ];
    case 'match':
      return [matching(engine, operand, test.pattern, test.ignoreCase)];
  }
}

const symbols: Readonly<Record<Comparison, RawBuilder<unknown>>> = {
  eq: sql`=`,
  ne: sql`<>`,
  lt: sql`<`,
  le: sql`<=`,
  gt: sql`>`,
  ge: sql`>=`,
};

function comparison(operand: Operand, operator: Comparison, value: Value): Condition {
  if (operator === 'eq' && operand.equals !== undefined) return operand.equals(String(value));
  const condition: Condition = sql`(${operand.expression} ${symbols[operator]} ${bind(operand.type, value)})`;
  if (operator !== 'eq' || typeof value !== 'string') return condition;
  return joined('and', [...headIn(operand, [value]), condition]);
}

/** The index has the finite values; the others, which it has together, are told apart by their kinds. */
function pointComparison(
  operand: Operand,
  point: NonNullable<Operand['point']>,
  operator: Comparison,
  value: Value,
): readonly Condition[] {
  if (Number.isNaN(value)) return [sql`(${point.kind} ${symbols[operator]} ${kind.nan})`];
  if (!Number.isFinite(value)) {
    const condition = comparison(operand, operator, value);
    return operator === 'ne' ? [condition, sql`(${point.kind} = ${kind.nan})`] : [condition];
  }
  const finite = comparison({ ...operand, expression: point.finite }, operator, value);
  switch (operator) {
    case 'eq':
      return [finite];
    case 'ne':
      return [finite, sql`(${point.finite} is null)`];
    case 'lt':
    case 'le':
      return [finite, sql`(${point.finite} is null and ${point.kind} = ${kind.ninf})`];
    case 'gt':
    case 'ge':
      return [finite, sql`(${point.finite} is null and ${point.kind} = ${kind.pinf})`];
  }
}

function membership(operand: Operand, values: readonly Value[]): Condition {
  if (values.length === 0) return sql`(1 = 0)`;
  const bound = values.map((value) => bind(operand.type, value));
  const condition: Condition = sql`(${operand.expression} in (${sql.join(bound)}))`;
  return joined('and', [...headIn(operand, values), condition]);
}

function otherness(operand: Operand, values: readonly Value[]): Condition {
  if (values.length === 0) return sql`(${operand.expression} is not null)`;
  return sql`(${operand.expression} not in (${sql.join(values.map((value) => bind(operand.type, value)))}))`;
}

/**
 * What lets an index answer an equality of texts: it has their first characters. Not for the empty text,
 * which is also the value of a label, where there is nothing in the index.
 */
function headIn({ indexedHead }: Operand, values: readonly Value[]): Condition[] {
  if (indexedHead === undefined || values.includes('')) return [];
  const heads = values.map((value) => sql`${headOf(String(value))}`);
  return [sql`(${indexedHead} in (${sql.join(heads)}))`];
}

function headOf(text: string): string {
  return [...text.slice(0, 2 * indexedLength)].slice(0, indexedLength).join('');
}

function matching(engine: Engine, operand: Operand, pattern: Pattern, ignoreCase: boolean): Condition {
  const subject = ignoreCase ? sql`lower(${operand.expression})` : operand.expression;
  const pieces = pattern.map((piece) => {
    if (typeof piece !== 'string') return wildcards[engine][piece.wildcard];
    const text = ignoreCase ? piece.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : piece;
    return escapeOf[engine](text);
  });
  return engine === 'sqlite'
    ? sql`(${subject} glob ${pieces.join('')})`
    : sql`(${subject} like ${pieces.join('')} escape '!')`;
}

/** SQLite's LIKE has one way with case for the whole connection; its GLOB always tells cases apart. */
const wildcards = {
  sqlite: { any: '*', one: '?' },
  postgres: { any: '%', one: '_' },
} as const satisfies Record<Engine, unknown>;

const escapeOf = {
  sqlite: (text: string) => text.replace(/[*?[]/g, '[$&]'),
  postgres: (text: string) => text.replace(/[!%_]/g, '!$&'),
} as const satisfies Record<Engine, unknown>;
