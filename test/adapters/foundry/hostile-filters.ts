/** A filter that is refused, and what the reason begins with: its place. */
export interface HostileFilter {
  readonly where: unknown;
  readonly reason: string;
}

const rows = (...given: readonly (readonly [where: unknown, reason: string])[]): readonly HostileFilter[] =>
  given.map(([where, reason]) => ({ where, reason }));

const eq = (field: unknown, value: unknown) => ({ type: 'eq', field, value });
const parameter = (operator: unknown, value: unknown, parameterName: unknown = 'k') => ({
  type: 'parameterFilter',
  parameterName,
  operator,
  value,
});
const series = (field: unknown, operator: unknown, value: unknown, seriesName: unknown = 'k') => ({
  type: 'seriesFilter',
  seriesName,
  field,
  operator,
  value,
});
const running = eq('STATUS', 'RUNNING');
const nested = (depth: number): unknown =>
  depth === 0 ? running : { type: 'not', value: nested(depth - 1) };
const copies = (count: number, filter: unknown) => Array.from({ length: count }, () => filter);
const long = 'x'.repeat(10_001);

/** Filters of which each is an InvalidExperimentSearchFilter with its place. */
export const hostileFilters: readonly HostileFilter[] = rows(
  // Of no such form.
  ['', 'where: must be a filter'],
  [5, 'where: must be a filter'],
  [true, 'where: must be a filter'],
  [[], 'where: must be a filter'],
  [[running], 'where: must be a filter'],
  [{}, 'where.type: must be one of'],
  [{ type: 'all' }, 'where.type: must be one of'],
  [{ type: 'EQ', field: 'STATUS', value: 'RUNNING' }, 'where.type: must be one of'],
  [{ type: ['eq'] }, 'where.type: must be one of'],
  [{ type: 'toString' }, 'where.type: must be one of'],
  [{ constructor: {} }, 'where.type: must be one of'],
  [{ eq: 5 }, 'where.eq: must be a filter'],
  [{ eq: eq('STATUS', 'RUNNING'), and: {} }, 'where.type: must be one of'],
  [{ and: [running] }, 'where.and: must be a filter'],
  [{ type: 'and' }, 'where.filters: must be a list of filters'],
  [{ type: 'and', filters: running }, 'where.filters: must be a list of filters'],
  [{ type: 'or', filters: [running, 'x'] }, 'where.filters[1]: must be a filter'],
  [
    { type: 'and', filters: [running, { type: 'or', filters: [{ type: 'x' }] }] },
    'where.filters[1].filters[0].type: ',
  ],
  [{ type: 'not' }, 'where.value: must be a filter'],
  [{ type: 'not', value: [running] }, 'where.value: must be a filter'],
  [{ type: 'not', value: { type: 'not', value: null } }, 'where.value.value: must be a filter'],
  // Fields and values that they do not have.
  [eq('STATUS', 'QUEUED'), 'where.value: must be one of RUNNING, SUCCEEDED, FAILED, not "QUEUED"'],
  [eq('STATUS', 'running'), 'where.value: must be one of'],
  [eq('STATUS', null), 'where.value: must be one of'],
  [eq('STATUS', ['RUNNING']), 'where.value: must be one of'],
  [eq('NAME', 'x'), 'where.field: must be one of STATUS, BRANCH'],
  [eq('__proto__', 'x'), 'where.field: must be one of'],
  [eq(undefined, 'x'), 'where.field: must be one of'],
  [eq(5, 'x'), 'where.field: must be one of'],
  [eq('TAG', 5), 'where.value: must be a text, not 5'],
  [eq('BRANCH', null), 'where.value: must be a text, not null'],
  [eq('EXPERIMENT_RID', {}), 'where.value: must be a text'],
  [eq('EXPERIMENT_NAME', undefined), 'where.value: must be a text, not nothing'],
  [{ type: 'contains', field: 'STATUS', value: 'RUN' }, 'where.field: must be one of EXPERIMENT_NAME'],
  [{ type: 'startsWith', field: 'TAG', value: 'x' }, 'where.field: must be one of EXPERIMENT_NAME'],
  [{ type: 'contains', field: 'EXPERIMENT_NAME', value: 5 }, 'where.value: must be a text'],
  [{ type: 'contains', field: 'EXPERIMENT_NAME' }, 'where.value: must be a text'],
  // Comparisons that there are not.
  [
    parameter('EQ', 'text'),
    'where.value: EQ takes a number, true, false or a time with its zone, not "text"',
  ],
  [parameter('EQ', '2026-01-01T00:00:00'), 'where.value: EQ takes'],
  [parameter('EQ', null), 'where.value: EQ takes'],
  [parameter('EQ', [1]), 'where.value: EQ takes'],
  [parameter('GT', 'text'), 'where.value: GT takes a number or a time with its zone'],
  [parameter('GT', '5'), 'where.value: GT takes'],
  [parameter('LT', true), 'where.value: LT takes'],
  [parameter('CONTAINS', 5), 'where.value: must be a text'],
  [parameter('CONTAINS', undefined), 'where.value: must be a text'],
  [parameter('GE', 5), 'where.operator: must be one of EQ, GT, LT, CONTAINS'],
  [parameter('=', 5), 'where.operator: must be one of'],
  [parameter(undefined, 5), 'where.operator: must be one of'],
  [parameter('EQ', 5, 5), 'where.parameterName: must be a text'],
  [parameter('EQ', 5, null), 'where.parameterName: must be a text'],
  [series('LENGTH', 'EQ', '5'), 'where.value: must be a number, not "5"'],
  [series('LENGTH', 'EQ', null), 'where.value: must be a number'],
  [series('LENGTH', 'EQ', true), 'where.value: must be a number'],
  [series('AGGREGATION_LAST', 'CONTAINS', 5), 'where.operator: must be one of EQ, GT, LT'],
  [series('AGGREGATION_MEAN', 'EQ', 5), 'where.field: must be one of LENGTH'],
  [series('last', 'EQ', 5), 'where.field: must be one of'],
  [series('LENGTH', 'EQ', 5, ['k']), 'where.seriesName: must be a text'],
  [
    {
      type: 'summaryMetricFilter',
      seriesName: 'k',
      aggregation: 'AGGREGATION_MIN',
      operator: 'EQ',
      value: 1,
    },
    'where.aggregation: must be one of MIN, MAX, LAST',
  ],
  [
    { type: 'summaryMetricFilter', seriesName: 'k', aggregation: 'MIN', operator: 'NE', value: 1 },
    'where.operator: must be one of',
  ],
  [
    { type: 'summaryMetricFilter', aggregation: 'MIN', operator: 'EQ', value: 1 },
    'where.seriesName: must be a text',
  ],
  // Too much.
  [nested(21), 'where'],
  [nested(30), 'where.value.value.value'],
  [{ type: 'and', filters: copies(5000, running) }, 'where: the filter has too many values'],
  [
    { type: 'or', filters: copies(300, eq('EXPERIMENT_NAME', 'x')) },
    'where: the filter has too many conditions',
  ],
  [{ type: 'or', filters: copies(60, eq('TAG', 'x')) }, 'where: the filter has too many conditions on'],
  [
    { type: 'or', filters: copies(4, parameter('GT', '2026-01-01T00:00:00Z')) },
    'where: the filter has too many conditions on',
  ],
  [eq('TAG', '='.repeat(100)), 'where: the filter has too many conditions on'],
  [eq('TAG', long), 'where: a text for label is too long'],
  [eq('EXPERIMENT_NAME', long), 'where: a text for name is too long'],
  [{ type: 'contains', field: 'SERIES_NAME', value: long }, 'where: a text for metricName is too long'],
  [parameter('CONTAINS', long), 'where: a text for the param "k" is too long'],
  [parameter('EQ', 5, long), 'where: a key is too long'],
  [series('LENGTH', 'EQ', 5, long), 'where: a key is too long'],
);
