import { type RawBuilder, sql } from 'kysely';
import type { Comparison, FieldTest, Filter, Pattern, Value } from '../core/query.js';
import type { Engine } from './engine.js';
import { bind, indexedLength, kind, lastFinite, type Operand, placeOf } from './search-fields.js';

type Condition = RawBuilder<boolean>;

/**
 * The filter as a condition over the rows of `run`: every value is bound, and it is true or false for
 * each row, never null. The filter must have passed `checkFilter`.
 */
export function conditionOf(engine: Engine, filter: Filter): Condition {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return joined(
        filter.kind,
        filter.filters.map((part) => conditionOf(engine, part)),
      );
    case 'not':
      return negated(engine, filter.filter);
    default:
      return fieldTest(engine, filter);
  }
}

function negated(engine: Engine, filter: Filter): Condition {
  if (filter.kind === 'exists' && filter.field.kind === 'attribute') {
    const { operand } = placeOf(engine, filter.field);
    // So written, an index of the rows without a value answers it.
    if (operand.nullable) return sql`(${operand.expression} is null)`;
  }
  return sql`(not ${conditionOf(engine, filter)})`;
}

function joined(connective: 'and' | 'or', conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return connective === 'and' ? sql`(1 = 1)` : sql`(1 = 0)`;
  return sql`(${sql.join([...conditions], connective === 'and' ? sql` and ` : sql` or `)})`;
}

function fieldTest(engine: Engine, test: FieldTest): Condition {
  const { operand, rows } = placeOf(engine, test.field);
  const ways = testOf(engine, test, operand);
  if (rows !== null) {
    const conditions = ways.map((way) => joined('and', [rows.where, way]));
    return someRow(engine, rows.from, conditions);
  }
  const condition = joined('or', ways);
  const isNeverNull = test.kind === 'compare' && test.operator === 'eq' && operand.equals !== undefined;
  return operand.nullable && !isNeverNull
    ? sql`(${operand.expression} is not null and ${condition})`
    : condition;
}

/**
 * True for a run that has a row of one of these kinds. SQLite reads the runs of each kind from an index,
 * once; PostgreSQL makes a join of `exists`, also where it is negated.
 */
function someRow(engine: Engine, from: RawBuilder<unknown>, kinds: readonly Condition[]): Condition {
  if (engine === 'postgres') {
    const where = joined('or', kinds);
    return sql`(exists (select 1 from ${from} where part.run_key = run."key" and ${where}))`;
  }
  const lists = kinds.map((where) => sql`select part.run_key from ${from} where ${where}`);
  return sql`(run."key" in (${sql.join(lists, sql` union all `)}))`;
}

/**
 * The ways in which a value passes the test: each goes by one range of an index. They may be null where
 * the value is null, which the caller takes for false.
 */
function testOf(engine: Engine, test: FieldTest, operand: Operand): readonly Condition[] {
  const isLast = test.field.kind === 'metric' && test.field.part === 'last';
  switch (test.kind) {
    case 'compare':
      if (isLast) return lastComparison(operand, test.operator, test.value);
      return [comparison(operand, test.operator, test.value)];
    case 'between': {
      const finite = isLast && Number.isFinite(test.from) && Number.isFinite(test.to);
      const among = finite ? { ...operand, expression: lastFinite } : operand;
      return [joined('and', [comparison(among, 'ge', test.from), comparison(among, 'le', test.to)])];
    }
    case 'in':
      return [membership(operand, test.values)];
    case 'exists':
      // A metric whose last value is NaN has no number, and is there all the same.
      return [operand.nullable && !isLast ? sql`(${operand.expression} is not null)` : sql`(1 = 1)`];
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
function lastComparison(operand: Operand, operator: Comparison, value: Value): readonly Condition[] {
  if (Number.isNaN(value)) return [sql`(part.last_kind ${symbols[operator]} ${kind.nan})`];
  if (!Number.isFinite(value)) {
    const condition = comparison(operand, operator, value);
    return operator === 'ne' ? [condition, sql`(part.last_kind = ${kind.nan})`] : [condition];
  }
  const finite = comparison({ ...operand, expression: lastFinite }, operator, value);
  switch (operator) {
    case 'eq':
      return [finite];
    case 'ne':
      return [finite, sql`(part.last_value is null)`];
    case 'lt':
    case 'le':
      return [finite, sql`(part.last_value is null and part.last_kind = ${kind.ninf})`];
    case 'gt':
    case 'ge':
      return [finite, sql`(part.last_value is null and part.last_kind = ${kind.pinf})`];
  }
}

function membership(operand: Operand, values: readonly Value[]): Condition {
  if (values.length === 0) return sql`(1 = 0)`;
  const bound = values.map((value) => bind(operand.type, value));
  const condition: Condition = sql`(${operand.expression} in (${sql.join(bound)}))`;
  return joined('and', [...headIn(operand, values), condition]);
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
