import type { ExperimentWire } from '../../../adapters/foundry/wire/experiment.js';

/** A filter as the SDK sends it. */
export type Where =
  | { readonly type: 'and' | 'or'; readonly filters: readonly Where[] }
  | { readonly type: 'not'; readonly value: Where }
  | { readonly type: 'eq' | 'contains' | 'startsWith'; readonly field: string; readonly value: string }
  | {
      readonly type: 'parameterFilter';
      readonly parameterName: string;
      readonly operator: 'EQ' | 'GT' | 'LT' | 'CONTAINS';
      readonly value: number | bigint | boolean | string;
    }
  | {
      readonly type: 'seriesFilter';
      readonly seriesName: string;
      readonly field: 'LENGTH' | 'AGGREGATION_MIN' | 'AGGREGATION_MAX' | 'AGGREGATION_LAST';
      readonly operator: 'EQ' | 'GT' | 'LT';
      readonly value: number;
    }
  | {
      readonly type: 'summaryMetricFilter';
      readonly seriesName: string;
      readonly aggregation: 'MIN' | 'MAX' | 'LAST';
      readonly operator: 'EQ' | 'GT' | 'LT';
      readonly value: number;
    };

/** An experiment as its own endpoint shows it, and what filters see and no answer shows. */
export interface Shown {
  readonly wire: ExperimentWire;
  readonly name: string | null;
  /** The texts of its params as they were logged. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Does the experiment pass? Written from Palantir's documentation, over what is shown alone. */
export function passes(shown: Shown, where: Where): boolean {
  switch (where.type) {
    case 'and':
      return where.filters.every((filter) => passes(shown, filter));
    case 'or':
      return where.filters.some((filter) => passes(shown, filter));
    case 'not':
      return !passes(shown, where.value);
    case 'eq':
      return valuesOf(shown, where.field).includes(where.value);
    case 'contains':
      return valuesOf(shown, where.field).some((value) => value.includes(where.value));
    case 'startsWith':
      return valuesOf(shown, where.field).some((value) => value.startsWith(where.value));
    case 'parameterFilter':
      return passesParameter(shown, where);
    case 'seriesFilter': {
      const series = shown.wire.series.find(({ name }) => name === where.seriesName);
      const { min, max, last } = series?.value ?? {};
      const length = series === undefined ? undefined : Number(series.length);
      const values = { LENGTH: length, AGGREGATION_MIN: min, AGGREGATION_MAX: max, AGGREGATION_LAST: last };
      return compares(values[where.field], where.operator, where.value);
    }
    case 'summaryMetricFilter':
      return shown.wire.summaryMetrics.some(
        ({ seriesName, aggregation, value }) =>
          seriesName === where.seriesName &&
          aggregation === where.aggregation &&
          compares(value, where.operator, where.value),
      );
  }
}

function valuesOf({ wire, name }: Shown, field: string): readonly string[] {
  const one = (value: string | null | undefined) => (value === null || value === undefined ? [] : [value]);
  switch (field) {
    case 'STATUS':
      return [wire.status];
    case 'BRANCH':
      return [wire.branch];
    case 'EXPERIMENT_NAME':
      return one(name);
    case 'EXPERIMENT_RID':
      return [wire.rid];
    case 'JOB_RID':
      return one(wire.jobRid);
    case 'TAG':
      return wire.tags;
    case 'PARAMETER_NAME':
      return wire.parameters.map((parameter) => parameter.name);
    default:
      return wire.series.map((series) => series.name);
  }
}

function passesParameter(
  { wire, texts }: Shown,
  { parameterName, operator, value }: Where & { type: 'parameterFilter' },
): boolean {
  if (operator === 'CONTAINS') return texts.get(parameterName)?.includes(String(value)) === true;
  const shown = wire.parameters.find(({ name }) => name === parameterName)?.value;
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (shown?.type !== 'integer' && shown?.type !== 'double') return false;
    // Whole numbers are equal exactly; else all compare as doubles do.
    const isWhole = shown.type === 'integer' || Number.isInteger(shown.value);
    if (operator === 'EQ' && isWhole && Number.isInteger(Number(value)))
      return BigInt(shown.value) === BigInt(value);
    return compares(Number(shown.value), operator, Number(value));
  }
  if (typeof value === 'boolean') return shown?.type === 'boolean' && shown.value === value;
  return shown?.type === 'datetime' && compares(microsOf(shown.value), operator, microsOf(value));
}

/** Microseconds since 1970; the texts of the test have no more digits. */
function microsOf(text: string): number {
  const [, before = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(text) ?? [];
  return Date.parse(before + zone) * 1000 + Number(fraction.padEnd(6, '0'));
}

function compares(shown: number | undefined, operator: string, value: number): boolean {
  if (shown === undefined) return false;
  return operator === 'EQ' ? shown === value : operator === 'GT' ? shown > value : shown < value;
}
