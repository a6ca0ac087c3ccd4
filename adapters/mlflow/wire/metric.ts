import { z } from '@hono/zod-openapi';
import { entityKey } from './keys.js';
import { double, int64, optionalInt64, optionalText, requiredDouble, requiredInt64 } from './values.js';

const value = {
  key: entityKey,
  value: requiredDouble,
  timestamp: requiredInt64.refine((time) => time >= 0n, 'must not be negative'),
  step: optionalInt64,
  model_id: optionalText,
  dataset_name: optionalText,
  dataset_digest: optionalText,
};

/** A value in a batch. */
export const metricInput = z.object(value).openapi('MetricInput');

export type MetricInput = z.output<typeof metricInput>;

/** A value as it is shown. */
export const metric = z
  .object({ key: z.string(), value: double, timestamp: int64, step: int64 })
  .openapi('Metric');

export type MetricWire = z.output<typeof metric>;

/** The history of one metric. */
export const metricHistory = z
  .object({ metrics: z.array(metric), next_page_token: z.string().optional() })
  .openapi('MetricHistory');

/** Values of several runs. */
export const metricsOfRuns = z
  .object({ metrics: z.array(metric.extend({ run_id: z.string() }).openapi('MetricWithRunId')) })
  .openapi('MetricsOfRuns');
