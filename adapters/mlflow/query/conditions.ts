import type { CoreError } from '../../../src/core/errors.js';
import {
  type AnyField,
  type Comparison,
  type Field,
  type Filter,
  likePattern,
  not,
  queryLimits,
} from '../../../src/core/query.js';
import { problemAt, quoted, type Source, shown } from '../../../src/http/source-text.js';
import type { Condition, Operator } from './grammar.js';
import type { TextTest } from './operations.js';

/** What conditions are about: what may be asked of it, and the filter that this is. */
export type Testable<F extends AnyField = Field> = TestableText<F> | TestableNumber<F>;

export interface TestableText<F extends AnyField> {
  readonly kind: 'text';
  readonly operators: readonly Operator[];
  readonly test: (test: TextTest) => Filter<F>;
  /** What `IS NULL` and `IS NOT NULL` ask, where the operators have them. */
  readonly isThere?: Filter<F>;
  /** True if a text that is a number may stand without quotes. */
  readonly takesNumbers?: boolean;
  /** What its texts must be, where not every text will do. */
  readonly form?: { readonly words: string; readonly accepts: (text: string) => boolean };
}

export interface TestableNumber<F extends AnyField> {
  readonly kind: 'number';
  readonly test: (comparison: Comparison, number: number) => Filter<F>;
  /** True if numbers must be written without a point and an exponent. */
  readonly isWhole?: boolean;
}

/** What may be asked of every text. */
export const textOperators = ['=', '!=', 'LIKE', 'ILIKE'] as const satisfies readonly Operator[];
export const listOperators = ['IN', 'NOT IN'] as const satisfies readonly Operator[];
export const nullOperators = ['IS NULL', 'IS NOT NULL'] as const satisfies readonly Operator[];

const comparisons: ReadonlyMap<Operator, Comparison> = new Map<Operator, Comparison>([
  ['=', 'eq'],
  ['!=', 'ne'],
  ['<', 'lt'],
  ['<=', 'le'],
  ['>', 'gt'],
  ['>=', 'ge'],
]);

/**
 * The filter of a condition about this.
 *
 * @throws CoreError `invalid`, with the place of an operator or a value that it does not take.
 */
export function filterOf<F extends AnyField>(
  source: Source,
  condition: Condition,
  testable: Testable<F>,
): Filter<F> {
  const { kind } = condition.operator;
  if (testable.kind === 'number') {
    const comparison = comparisons.get(kind);
    if (comparison === undefined) throw refusedOperator(source, condition, [...comparisons.keys()]);
    return testable.test(comparison, numberOf(source, condition, testable));
  }
  if (!testable.operators.includes(kind)) throw refusedOperator(source, condition, testable.operators);
  const { isThere, test } = testable;
  if (isThere !== undefined && kind === 'IS NULL') return not(isThere);
  if (isThere !== undefined && kind === 'IS NOT NULL') return isThere;
  return test(testOf(source, condition, testable));
}

type Texts = Pick<TestableText<AnyField>, 'form' | 'takesNumbers'>;

function testOf(source: Source, condition: Condition, texts: Texts): TextTest {
  const { kind } = condition.operator;
  switch (kind) {
    case 'IN':
    case 'NOT IN':
      return { kind: kind === 'IN' ? 'in' : 'notIn', texts: textsOf(source, condition, texts) };
    case 'LIKE':
    case 'ILIKE':
      return { kind: 'like', text: patternOf(source, condition, texts), ignoreCase: kind === 'ILIKE' };
    default:
      return { kind: kind === '=' ? 'equal' : 'other', text: textOf(source, condition, texts) };
  }
}

function numberOf(source: Source, condition: Condition, { isWhole }: { readonly isWhole?: boolean }): number {
  const { value } = condition;
  if (value?.kind !== 'number') throw refusedValue(source, condition, 'a number');
  if (isWhole === true && !/^-?\d+$/.test(value.text))
    throw refusedValue(source, condition, 'a whole number');
  return Number(value.text);
}

function textOf(source: Source, condition: Condition, { form, takesNumbers = false }: Texts): string {
  const { value } = condition;
  if (value?.kind !== 'text' && !(takesNumbers && value?.kind === 'number'))
    throw refusedValue(source, condition, "a text in 'quotes'");
  checkText(source, condition, value.text, form);
  return value.text;
}

function patternOf(source: Source, condition: Condition, texts: Texts): string {
  const text = textOf(source, condition, texts);
  const wildcards = likePattern(text).filter((piece) => typeof piece !== 'string');
  if (wildcards.length > queryLimits.wildcards)
    throw refusedValue(source, condition, `patterns of ${queryLimits.wildcards} "%" and "_" at most`);
  return text;
}

function textsOf(source: Source, condition: Condition, { form }: Texts): readonly string[] {
  const { value } = condition;
  if (value?.kind !== 'list') throw refusedValue(source, condition, "a list ('a', 'b')");
  for (const text of value.texts) checkText(source, condition, text, form);
  return value.texts;
}

function checkText(source: Source, condition: Condition, text: string, form: Texts['form']): void {
  if (text.length > queryLimits.textLength)
    throw refusedValue(source, condition, `texts of ${queryLimits.textLength} characters at most`);
  if (form?.accepts(text) === false) throw refusedValue(source, condition, form.words);
}

function refusedOperator(
  source: Source,
  { name, operator }: Condition,
  takes: readonly Operator[],
): CoreError {
  const message = `${shown(name.text)} takes ${takes.join(', ')}, not ${quoted(operator.text)}`;
  return problemAt(source, operator.at, message);
}

function refusedValue(source: Source, { name, operator, value }: Condition, takes: string): CoreError {
  const at = value?.at ?? operator.at;
  return problemAt(source, at, `${shown(name.text)} is compared with ${takes}`);
}
