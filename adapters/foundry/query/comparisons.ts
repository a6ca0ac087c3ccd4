import {
  and,
  compare,
  contains,
  type Field,
  type Filter,
  match,
  metric,
  oneOf,
  or,
  type Pattern,
  param,
} from '../../../src/core/query.js';
import { forms, type Instant, isExactIn, parseInstant, textIn } from '../translate/datetimes.js';
import { truths } from '../translate/parameters.js';
import type { Part } from './reader.js';
import { quoted, refused } from './refused.js';

const operators = { EQ: 'eq', GT: 'gt', LT: 'lt' } as const;
const numericOperators = ['EQ', 'GT', 'LT'] as const;
type NumericOperator = keyof typeof operators;

/** `parameterFilter`: a param of this name has a value that compares so. */
export function parameterFilter(part: Part): Filter {
  const name = part.text('parameterName');
  const operator = part.oneOf('operator', [...numericOperators, 'CONTAINS'] as const);
  if (operator === 'CONTAINS') return contains(param(name), part.text('value'));
  const value = part.value('value');
  if (typeof value === 'number') return numberTest(param(name, 'number'), operator, value);
  if (typeof value === 'bigint') return wholeTest(name, operator, value);
  if (typeof value === 'boolean' && operator === 'EQ') return oneOf(param(name), truths[`${value}`]);
  const instant = typeof value === 'string' ? parseInstant(value) : null;
  if (instant !== null) return timeTest(name, operator, instant);
  const takes = operator === 'EQ' ? 'a number, true, false' : 'a number';
  throw refused(part.at('value'), `${operator} takes ${takes} or a time with its zone, not ${quoted(value)}`);
}

/**
 * What is no finite number is not shown as a number, nor found as one.
 */
function numberTest(field: Field, operator: NumericOperator, value: number): Filter {
  const test = compare(field, operators[operator], value);
  if (operator === 'EQ') return test;
  const end = operator === 'GT' ? Number.MAX_VALUE : -Number.MAX_VALUE;
  return and(test, compare(field, operator === 'GT' ? 'le' : 'ge', end));
}

/**
 * A whole number beyond 2^53, of which neighbours are one to a computer: a whole number is told from them by its text; one
 * with a point or an exponent is a double, and as such equal or not. (Less and greater are as doubles have it.)
 */
function wholeTest(name: string, operator: NumericOperator, value: bigint): Filter {
  const number = Number(value);
  if (operator !== 'EQ') return numberTest(param(name, 'number'), operator, number);
  const byText = oneOf(param(name), [String(value), `+${value}`]);
  if (BigInt(number) !== value) return byText;
  const isDouble = or(contains(param(name), '.'), contains(param(name), 'e', { ignoreCase: true }));
  return or(byText, and(compare(param(name, 'number'), 'eq', number), isDouble));
}

const digit = { wildcard: 'one' } as const;

/** The texts of a form, as far as a pattern can tell. */
function patternOf({ separator, digits, zone }: (typeof forms)[number]): Pattern {
  const shape = `0000-00-00${separator}00:00:00${digits === 0 ? '' : `.${'0'.repeat(digits)}`}`;
  return [...[...shape].map((character) => (character === '0' ? digit : character)), zone];
}

/** In each form by itself, later is greater. */
function timeTest(name: string, operator: NumericOperator, instant: Instant): Filter {
  const exact = forms.filter((form) => isExactIn(form, instant));
  if (operator === 'EQ')
    return oneOf(
      param(name),
      exact.map((form) => textIn(form, instant)),
    );
  const tests = forms.map((form) => {
    // What a form cannot write lies behind the text before it.
    const reached = operator === 'GT' || exact.includes(form) ? operators[operator] : 'le';
    return and(match(param(name), patternOf(form)), compare(param(name), reached, textIn(form, instant)));
  });
  return or(...tests);
}

const seriesFields = {
  LENGTH: 'finite',
  AGGREGATION_MIN: 'min',
  AGGREGATION_MAX: 'max',
  AGGREGATION_LAST: 'last',
} as const;

const aggregations = { MIN: 'min', MAX: 'max', LAST: 'last' } as const;

/** `seriesFilter`: a series of this name has a length or an aggregation that compares so. */
export function seriesFilter(part: Part): Filter {
  const name = part.text('seriesName');
  const field = part.oneOf('field', Object.keys(seriesFields) as (keyof typeof seriesFields)[]);
  return metricTest(part, metric(name, seriesFields[field]));
}

/** `summaryMetricFilter`: the same of a summary metric. */
export function summaryMetricFilter(part: Part): Filter {
  const name = part.text('seriesName');
  const aggregation = part.oneOf('aggregation', Object.keys(aggregations) as (keyof typeof aggregations)[]);
  return metricTest(part, metric(name, aggregations[aggregation]));
}

function metricTest(part: Part, field: Field): Filter {
  return numberTest(field, part.oneOf('operator', numericOperators), part.number('value'));
}
