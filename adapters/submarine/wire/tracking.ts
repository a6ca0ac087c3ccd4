import { z } from '@hono/zod-openapi';
import { envelope } from './envelope.js';

/** Which experiment's metrics or params are asked for. */
export const trackingQuery = z
  .looseObject({ id: z.string().openapi({ example: 'experiment_1586156073228_0001' }) })
  .openapi('TrackingQuery');

const origin = {
  id: z.string().openapi({ description: 'The experiment.', example: 'experiment_1586156073228_0001' }),
  key: z.string().openapi({ example: 'loss' }),
  workerIndex: z.string().openapi({ example: 'worker-0' }),
};

const metric = z
  .object({
    ...origin,
    value: z
      .number()
      .openapi({ description: '0 where `isNan`; infinities as the greatest finite numbers.', example: 0.5 }),
    timestamp: z.string().openapi({ example: '2020-06-13T22:59:29.000+00:00' }),
    step: z.union([z.number(), z.bigint()]).openapi({ type: 'integer', format: 'int64', example: 1 }),
    isNan: z.boolean().openapi({ example: false }),
  })
  .openapi('Metric');

const param = z.object({ ...origin, value: z.string().openapi({ example: '0.01' }) }).openapi('Param');

export const metricListResponse = envelope('MetricListResponse', z.array(metric));
export const paramListResponse = envelope('ParamListResponse', z.array(param));

export type MetricWire = z.output<typeof metric>;
export type ParamWire = z.output<typeof param>;
