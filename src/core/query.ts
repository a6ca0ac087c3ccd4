import { type CoreError, invalid } from './errors.js';
import {
  type AnyField,
  attribute,
  type Field,
  type FieldType,
  isLookup,
  type LoggedModelField,
  mayBeNan,
  type OrderField,
  type ProjectField,
  typeOf,
} from './query-fields.js';
import type { Status } from './status.js';

export * from './query-fields.js';

/**
 * What every dialect's search language becomes: a filter and an order of runs, or of another kind of thing, whose
 * fields `F` are.
 *
 * Rules. A filter is true or false for a run, never unknown. A test of something that the run does not
 * have is false, `ne` included: `compare(tag('k'), 'ne', 'v')` wants another value of `k`, and
 * `not(compare(tag('k'), 'eq', 'v'))` takes also the runs without `k`. Text is compared by its bytes in UTF-8.
 * A field that a run can have several of (`label`, `paramName`, `metricName`, `dataset`, a model's `measurement`)
 * passes a test if one of them does.
 *
 * Metrics compare as numbers do, the infinities at the ends; NaN equals NaN alone, is neither less nor
 * greater than anything, and so differs (`ne`) from every number.
 */
export type Filter<F extends AnyField = Field> =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter<F>[] }
  | { readonly kind: 'not'; readonly filter: Filter<F> }
  | FieldTest<F>;

/** A test of one field. */
export type FieldTest<F extends AnyField = Field> =
  | { readonly kind: 'compare'; readonly field: F; readonly operator: Comparison; readonly value: Value }
  | { readonly kind: 'in'; readonly field: F; readonly values: readonly Value[] }
  /** Another value than each of these: of a field that there can be several of, one of them is another. */
  | { readonly kind: 'notIn'; readonly field: F; readonly values: readonly Value[] }
  /** Both ends belong to it. */
  | { readonly kind: 'between'; readonly field: F; readonly from: Value; readonly to: Value }
  | { readonly kind: 'exists'; readonly field: F }
  | {
      readonly kind: 'match';
      readonly field: F;
      readonly pattern: Pattern;
      /** A to Z count as a to z; other letters are themselves, as both databases have it. */
      readonly ignoreCase: boolean;
    };

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/** Text, number or truth, as the field has it. */
export type Value = string | number | boolean;

/** Text that must stand there as it is, `any` for any text (none too), `one` for any one character. */
export type Pattern = readonly (string | { readonly wildcard: 'any' | 'one' })[];

/**
 * One term of an order. Text is ordered by its first 250 characters. Runs without a value come last in
 * either direction, or first; NaN stands between them and the numbers.
 */
export interface OrderTerm<F extends AnyField = Field> {
  readonly field: OrderField<F>;
  readonly direction: 'asc' | 'desc';
  /** Default: last. */
  readonly missing?: 'first' | 'last';
}

/** Terms, the weightiest first. */
export type Order<F extends AnyField = Field> = readonly OrderTerm<F>[];

/** What a search takes at most; parsers that build filters by recursion must themselves stop at the depth. */
export const queryLimits = {
  /** Of `and`, `or` and `not` within each other. */
  depth: 20,
  /** Tests and connectives together. */
  nodes: 250,
  /** Tests of params, metrics and tags together: each may read a row of every run. */
  lookups: 50,
  /** Values of all `in` together. */
  values: 1_000,
  /** Characters of one text or key. */
  textLength: 10_000,
  /** Wildcards of one pattern. */
  wildcards: 50,
  orderTerms: 16,
  /** That one field names. */
  datasets: 100,
  /** Runs of one page. */
  pageSize: 50_000,
} as const;

/** Every run: the filter of an empty query. */
export const everyRun: Filter = { kind: 'and', filters: [] };

/** Every logged model. */
export const everyModel: Filter<LoggedModelField> = { kind: 'and', filters: [] };

/** Every project. */
export const everyProject: Filter<ProjectField> = { kind: 'and', filters: [] };

/** No run. */
export const noRun: Filter = { kind: 'or', filters: [] };

export function and<F extends AnyField>(...filters: readonly Filter<F>[]): Filter<F> {
  return { kind: 'and', filters };
}

export function or<F extends AnyField>(...filters: readonly Filter<F>[]): Filter<F> {
  return { kind: 'or', filters };
}

export function not<F extends AnyField>(filter: Filter<F>): Filter<F> {
  return { kind: 'not', filter };
}

export function compare<F extends AnyField>(field: F, operator: Comparison, value: Value): Filter<F> {
  return { kind: 'compare', field, operator, value };
}

export function oneOf<F extends AnyField>(field: F, values: readonly Value[]): Filter<F> {
  return { kind: 'in', field, values };
}

/** There is a value, and it is none of these. */
export function noneOf<F extends AnyField>(field: F, values: readonly Value[]): Filter<F> {
  return { kind: 'notIn', field, values };
}

/** From one value to another, both included. */
export function between<F extends AnyField>(field: F, from: Value, to: Value): Filter<F> {
  return { kind: 'between', field, from, to };
}

/** The run has this: a param, tag or metric of the key, or an attribute that is set. */
export function exists<F extends AnyField>(field: F): Filter<F> {
  return { kind: 'exists', field };
}

/** The run is in one of these statuses; of none, no run is. */
export function statusIn(statuses: readonly Status[]): Filter {
  return oneOf(attribute('status'), statuses);
}

const any = { wildcard: 'any' } as const;
const one = { wildcard: 'one' } as const;

interface MatchOptions {
  readonly ignoreCase?: boolean;
}

export function match<F extends AnyField>(
  field: F,
  pattern: Pattern,
  { ignoreCase = false }: MatchOptions = {},
): Filter<F> {
  return { kind: 'match', field, pattern, ignoreCase };
}

export function startsWith<F extends AnyField>(field: F, text: string, options?: MatchOptions): Filter<F> {
  return match(field, [text, any], options);
}

export function endsWith<F extends AnyField>(field: F, text: string, options?: MatchOptions): Filter<F> {
  return match(field, [any, text], options);
}

export function contains<F extends AnyField>(field: F, text: string, options?: MatchOptions): Filter<F> {
  return match(field, [any, text, any], options);
}

/** The pattern of SQL's LIKE without an escape character: `%` any text, `_` one character. */
export function likePattern(text: string): Pattern {
  return text
    .split(/([%_])/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece === '%' ? any : piece === '_' ? one : piece));
}

/**
 * The order with what makes it total: its ties are decided by the keys, in the direction of its last term. The
 * empty order is that of creation.
 */
export function totalOrder<F extends AnyField>(order: Order<F>): Order<F> {
  const last = order.at(-1) ?? by<F>('createdAt', 'asc');
  const terms = order.length === 0 ? [last] : order;
  const isTotal = terms.some(
    ({ field }) => field.kind === 'attribute' && (field.name === 'key' || field.name === 'id'),
  );
  return isTotal ? terms : [...terms, by<F>('key', last.direction)];
}

/** All that is searched has these two attributes. */
function by<F extends AnyField>(name: 'createdAt' | 'key', direction: OrderTerm['direction']): OrderTerm<F> {
  return { field: attribute(name), direction } as OrderTerm<AnyField> as OrderTerm<F>;
}

/**
 * Refuses a filter that is too large or compares a field with a value of another type.
 *
 * @throws CoreError `invalid`.
 */
export function checkFilter(filter: Filter<AnyField>): void {
  const seen = { nodes: 0, values: 0, lookups: 0 };
  const check = (part: Filter<AnyField>, depth: number): void => {
    seen.nodes += 1;
    if (seen.nodes > queryLimits.nodes) throw refused('the filter has too many conditions');
    if ('filter' in part || 'filters' in part) {
      if (depth >= queryLimits.depth) throw refused('the filter is nested too deeply');
      for (const inner of 'filter' in part ? [part.filter] : part.filters) check(inner, depth + 1);
      return;
    }
    if (isLookup(part.field)) seen.lookups += 1;
    if (seen.lookups > queryLimits.lookups)
      throw refused('the filter has too many conditions on params, metrics and tags');
    if ('values' in part) seen.values += part.values.length;
    if (seen.values > queryLimits.values) throw refused('the filter has too many values');
    checkTest(part);
  };
  check(filter, 0);
}

/**
 * Refuses an order of too many terms.
 *
 * @throws CoreError `invalid`.
 */
export function checkOrder(order: Order<AnyField>): void {
  if (order.length > queryLimits.orderTerms) throw refused('the order has too many terms');
  for (const { field } of order) checkKey(field);
}

function checkTest(test: FieldTest<AnyField>): void {
  const { field } = test;
  checkKey(field);
  switch (test.kind) {
    case 'exists':
      return;
    case 'compare':
      if (Number.isNaN(test.value)) checkNan(test.field, test.operator);
      else checkValue(field, test.value);
      return;
    case 'between':
      checkValue(field, test.from);
      checkValue(field, test.to);
      return;
    case 'in':
    case 'notIn':
      for (const value of test.values) checkValue(field, value);
      return;
    case 'match':
      checkPattern(field, test.pattern);
  }
}

function checkPattern(field: AnyField, pattern: Pattern): void {
  const text = pattern.map((piece) => (typeof piece === 'string' ? piece : '')).join('');
  checkValue(field, text);
  const wildcards = pattern.filter((piece) => typeof piece !== 'string').length;
  if (wildcards > queryLimits.wildcards)
    throw refused(`a pattern for ${nameOf(field)} has too many wildcards`);
}

function checkKey(field: AnyField): void {
  if (field.kind === 'extension' && !/^\w+\.\w+$/.test(`${field.dialect}.${field.name}`))
    throw refused('a name of an extension is a word');
  const texts = 'key' in field && field.key !== null ? [field.key] : [];
  if ('datasets' in field && field.datasets !== null) {
    if (field.datasets.length > queryLimits.datasets) throw refused('there are too many datasets');
    texts.push(...field.datasets.flatMap(({ name, digest }) => [name, digest ?? '']));
  }
  if (texts.some((text) => text.length > queryLimits.textLength)) throw refused('a key is too long');
}

function checkNan(field: AnyField, operator: Comparison): void {
  if (!mayBeNan(field) || (operator !== 'eq' && operator !== 'ne'))
    throw refused(`${nameOf(field)} cannot be compared with NaN in this way`);
}

function checkValue(field: AnyField, value: Value): void {
  const type = typeOf(field);
  if (typeof value !== javascriptTypes[type])
    throw refused(`${nameOf(field)} can only be compared with ${typeWords[type]}`);
  if (typeof value === 'string' && value.length > queryLimits.textLength)
    throw refused(`a text for ${nameOf(field)} is too long`);
  if (type === 'integer' && !Number.isSafeInteger(value))
    throw refused(`${nameOf(field)} can only be compared with a whole number`);
  if (Number.isNaN(value)) throw refused(`${nameOf(field)} cannot be compared with NaN in this way`);
}

const javascriptTypes = {
  text: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
} as const satisfies Record<FieldType, string>;

const typeWords = {
  text: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
} as const satisfies Record<FieldType, string>;

function nameOf(field: AnyField): string {
  switch (field.kind) {
    case 'attribute':
      return field.name;
    case 'param':
    case 'tag':
    case 'metric':
      return `the ${field.kind} "${field.key.slice(0, 100)}"`;
    case 'measurement':
    case 'latestMeasurement':
      return `the metric "${(field.key ?? '').slice(0, 100)}"`;
    default:
      return field.kind;
  }
}

function refused(message: string): CoreError {
  return invalid('', message);
}
