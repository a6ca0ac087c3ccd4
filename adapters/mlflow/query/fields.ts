import {
  type AnyField,
  compare,
  type DatasetPart,
  dataset,
  exists,
  type Field,
  type Filter,
  metric,
  type OrderField,
} from '../../../src/core/query.js';
import {
  listOperators,
  nullOperators,
  type Testable,
  type TestableNumber,
  type TestableText,
  textOperators,
} from './conditions.js';
import type { Operator } from './grammar.js';
import { type TextTest, textIs, timeIs } from './operations.js';

/** Something that filters test and orders sort by. */
export interface SearchField<F extends AnyField = Field> {
  readonly testable: Testable<F>;
  /** The weightiest first. */
  readonly order: readonly OrderField<F>[];
}

interface TextOptions<F extends AnyField> extends Pick<TestableText<F>, 'form' | 'takesNumbers'> {
  /** Another way to test it than as it is. */
  readonly test?: (test: TextTest) => Filter<F>;
  readonly operators?: readonly Operator[];
}

/** A text that everything has which is searched. */
export function textField<F extends AnyField = Field>(
  field: OrderField<F>,
  { test = (asked) => textIs<F>(field, asked), operators = textOperators, ...rest }: TextOptions<F> = {},
): SearchField<F> {
  return { testable: { kind: 'text', operators, test, ...rest }, order: [field] };
}

/** A time; where there is none, nothing that is asked of it is true. */
export function timeField<F extends AnyField = Field>(
  field: OrderField<F>,
  options: Pick<TestableNumber<F>, 'isWhole'> = {},
): SearchField<F> {
  const test: TestableNumber<F>['test'] = (comparison, millis) => timeIs<F>(field, comparison, millis);
  return { testable: { kind: 'number', test, ...options }, order: [field] };
}

/** The last value of a metric. */
export function metricField(key: string): SearchField {
  const field = metric(key);
  return {
    testable: { kind: 'number', test: (comparison, number) => compare(field, comparison, number) },
    order: [field],
  };
}

/** Something of the datasets that a run uses: it passes if one of them does. Nothing is sorted by it. */
export function datasetField(part: DatasetPart): SearchField {
  const field = dataset(part);
  const operators = [...textOperators, ...listOperators];
  return { testable: { kind: 'text', operators, test: (asked) => textIs(field, asked) }, order: [] };
}

/** A param or a tag, of which may be asked whether it is there. */
export function entryField<F extends AnyField = Field>(
  field: OrderField<F>,
  { isThere = exists<F>(field), test = (asked) => textIs<F>(field, asked) }: EntryOptions<F> = {},
): SearchField<F> {
  const operators = [...textOperators, ...nullOperators];
  return { testable: { kind: 'text', operators, isThere, test }, order: [field] };
}

interface EntryOptions<F extends AnyField> extends Pick<TextOptions<F>, 'test'> {
  readonly isThere?: Filter<F>;
}
