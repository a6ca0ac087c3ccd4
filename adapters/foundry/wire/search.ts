import { z } from '@hono/zod-openapi';
import { experiment } from './experiment.js';

/** Experiments of a page without, and with the greatest, `pageSize`. */
export const searchPageSize = { standard: 50, most: 100 } as const;

const orderBy = z
  .object({
    field: z.enum(['EXPERIMENT_NAME', 'CREATED_TIME', 'CREATED_AT']).openapi({
      description: '`CREATED_AT` is `CREATED_TIME`, as SDKs before 1.75 call it.',
    }),
    direction: z.enum(['ASC', 'DESC']),
  })
  .openapi('SearchExperimentsOrderBy');

const where = z
  .unknown()
  .optional()
  .openapi({
    type: 'object',
    description:
      'Without it all experiments. By `type`: `and`, `or` {filters}; `not` {value}; `eq` {field: STATUS, BRANCH, EXPERIMENT_NAME, EXPERIMENT_RID, JOB_RID, TAG, PARAMETER_NAME or SERIES_NAME, value}; `contains`, `startsWith` {field: EXPERIMENT_NAME, PARAMETER_NAME or SERIES_NAME, value}; `parameterFilter` {parameterName, operator: EQ, GT, LT or CONTAINS, value}; `seriesFilter` {seriesName, field: LENGTH, AGGREGATION_MIN, AGGREGATION_MAX or AGGREGATION_LAST, operator: EQ, GT or LT, value}; `summaryMetricFilter` {seriesName, aggregation: MIN, MAX or LAST, operator, value}.',
    example: { type: 'eq', field: 'STATUS', value: 'RUNNING' },
  });

export const searchRequest = z
  .object({
    where,
    orderBy: orderBy.nullish(),
    pageSize: z
      .int()
      .nullish()
      .openapi({ description: `${searchPageSize.standard} without it; ${searchPageSize.most} at most.` }),
    pageToken: z.string().nullish().openapi({ description: '`nextPageToken` of the page before.' }),
  })
  .openapi('SearchExperimentsRequest');

export const searchResponse = z
  .object({ data: z.array(experiment), nextPageToken: z.string().optional() })
  .openapi('SearchExperimentsResponse');

export type OrderByWire = z.output<typeof orderBy>;
export type SearchRequest = z.output<typeof searchRequest>;
