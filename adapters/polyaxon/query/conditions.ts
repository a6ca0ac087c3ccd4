import {
  attribute,
  between,
  type Comparison,
  compare,
  type Field,
  type Filter,
  metric,
  not,
} from '../../../src/core/query.js';
import { problemAt, quoted, type Source, shown } from '../../../src/http/source-text.js';
import { paramIn, type QueryContext, type Refuse, textForms, textIn, valueFields } from './fields.js';
import type { Condition, Operation, Word } from './grammar.js';
import { readNumber } from './numbers.js';
import { readSpan, type Span } from './times.js';

type Comparing = NonNullable<Operation['comparison']>;

/** What a test of a field is made of. */
interface Asked {
  readonly operation: Operation;
  readonly context: QueryContext;
  /** For a value, or for the whole operation. */
  readonly refuse: Refuse;
}

/** The runs of which a field is what an operation asks, which may be negated. */
type FieldTest = (asked: Asked) => Filter;

/** The fields that are times, by their names; a sort has them too. */
export const timeFields = {
  created_at: attribute('createdAt'),
  updated_at: attribute('updatedAt'),
  started_at: attribute('startedAt'),
  finished_at: attribute('finishedAt'),
} as const;

const tests: ReadonlyMap<string, FieldTest> = new Map<string, FieldTest>([
  ...[...valueFields].map(([name, test]) => {
    const asked: FieldTest = (given) => test(valuesOf(given, valueForms), given.context, given.refuse);
    return [name, inverted(asked)] as const;
  }),
  ...Object.entries(timeFields).map(([name, field]) => [name, timeTest(field)] as const),
  ...(['name', 'description'] as const).map((name) => {
    const asked: FieldTest = (given) => textIn(attribute(name), valuesOf(given, textForms), given.refuse);
    return [name, inverted(asked)] as const;
  }),
]);

/** The fields that have names of their own behind a point. */
const namedTests: ReadonlyMap<string, (key: string) => FieldTest> = new Map([
  ['metric', scalarTest],
  ['metrics', scalarTest],
  ['params', paramTest],
  ['declarations', paramTest],
]);

const fieldNames = [...tests.keys(), ...[...namedTests.keys()].map((name) => `${name}.NAME`)].sort();

/**
 * The runs that meet a condition.
 *
 * @throws CoreError `invalid`, with the place.
 */
export function filterOf(source: Source, condition: Condition, context: QueryContext): Filter {
  const { name, operation } = condition;
  const refuse: Refuse = (value, expected) =>
    problemAt(source, value.at, `${shown(name.text)} ${expected}, not ${quoted(value.text)}`);
  return testOf(source, name)({ operation, context, refuse });
}

function testOf(source: Source, name: Word): FieldTest {
  const test = tests.get(name.text);
  if (test !== undefined) return test;
  const key = keyOf(name.text);
  const named = key === null ? undefined : namedTests.get(key.prefix);
  if (key !== null && named !== undefined) return named(key.name);
  throw problemAt(
    source,
    name.at,
    `there is no field ${quoted(name.text)}; there are ${fieldNames.join(', ')}`,
  );
}

/** `metrics.loss` as its two parts; null without a second. */
export function keyOf(name: string): { prefix: string; name: string } | null {
  const point = name.indexOf('.');
  const key = { prefix: name.slice(0, Math.max(point, 0)).trim(), name: name.slice(point + 1).trim() };
  return point < 0 || key.name === '' ? null : key;
}

/** With `~` the runs that the test does not take, those without the field among them. */
function inverted(test: FieldTest): FieldTest {
  return (asked) => (asked.operation.negated ? not(test(asked)) : test(asked));
}

const valueForms = 'takes a value, or values a|b';

function valuesOf({ operation, refuse }: Asked, expected: string): readonly Word[] {
  if (operation.comparison !== null || operation.rangeAt !== null) throw refuse(operation.sent, expected);
  return operation.values;
}

function paramTest(key: string): FieldTest {
  return inverted((asked) => paramIn(key, valuesOf(asked, valueForms)));
}

const scalarForms = 'takes a number, >n, >=n, <n or <=n';

function scalarTest(key: string): FieldTest {
  return ({ operation, refuse }) => {
    const { comparison, negated, sent } = operation;
    const value = singleOf(operation);
    const number = value === null ? null : readNumber(value.text);
    if (value === null || number === null) throw refuse(sent, scalarForms);
    if (!Number.isFinite(number) && isDecimalWord(value.text))
      throw refuse(value, 'takes numbers below 1.8e308');
    if (comparison === null) {
      const equal = compare(metric(key), 'eq', number);
      return negated ? not(equal) : equal;
    }
    if (Number.isNaN(number)) throw refuse(sent, scalarForms);
    return compare(metric(key), operators[negated ? opposites[comparison] : comparison], number);
  };
}

/** False for `inf` and `nan`. */
function isDecimalWord(text: string): boolean {
  return [...text].some((character) => character >= '0' && character <= '9');
}

const operators = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' } as const satisfies Record<
  Comparing,
  Comparison
>;

/** As its documentation has it, `~<n` is `>=n`: it takes no run without the field. */
const opposites = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const satisfies Record<
  Comparing,
  Comparing
>;

const timeForms = 'takes a date YYYY-MM-DD, with HH:MM or HH:MM:SS, >d, >=d, <d, <=d or a range d .. d';

function timeTest(field: Field): FieldTest {
  return ({ operation, refuse }) => {
    const { comparison, negated, rangeAt, barAt, values, sent } = operation;
    const [first, last = first, ...more] = values;
    const isTooMuch = more.length > 0 || barAt !== null || (comparison !== null && rangeAt !== null);
    if (first === undefined || last === undefined || isTooMuch) throw refuse(sent, timeForms);
    const [from, to] = [spanOf(first, refuse), spanOf(last, refuse)];
    if (comparison !== null) return compared(field, negated ? opposites[comparison] : comparison, from);
    const within = between(field, from.from, to.to - 1);
    return negated ? not(within) : within;
  };
}

function spanOf(value: Word, refuse: Refuse): Span {
  const span = readSpan(value.text);
  if (span === null) throw refuse(value, timeForms);
  return span;
}

/** Later than a day is from its end on, and until a day is with the whole of it. */
function compared(field: Field, comparison: Comparing, { from, to }: Span): Filter {
  switch (comparison) {
    case '<':
      return compare(field, 'lt', from);
    case '<=':
      return compare(field, 'lt', to);
    case '>':
      return compare(field, 'ge', to);
    case '>=':
      return compare(field, 'ge', from);
  }
}

function singleOf({ values, barAt, rangeAt }: Operation): Word | null {
  return barAt === null && rangeAt === null ? (values[0] ?? null) : null;
}
