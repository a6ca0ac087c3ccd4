import { z } from '@hono/zod-openapi';
import { listOf } from './paging.js';
import { optional, time, timeInput, uuid } from './values.js';

/** What JSON has no number for, by its name. */
export const specialNumbers = ['NaN', 'Infinity', '-Infinity'] as const;

const metricValue = z.union([z.number(), z.enum(specialNumbers), z.null()]).openapi({
  type: ['number', 'string', 'null'],
  example: 0.5,
  description: 'Texts for what JSON has no number for.',
});

export const metricRow = z
  .object({
    id: z.int().openapi({ description: 'Counts from 1 within the experiment.' }),
    uuid,
    created_at: time,
    values: z.record(z.string(), metricValue).openapi({ example: { precision: 0.9, accuracy: 0.85 } }),
    experiment: z.int().openapi({ description: 'The id of the experiment.' }),
  })
  .openapi('PolyaxonExperimentMetric');

export const metricList = listOf('PolyaxonExperimentMetricList', metricRow);

const maxKeyLength = 250;

/** Values that came together. Booleans count as numbers, as they do in Python. */
export const metricInput = z
  .object({
    values: z
      .record(
        z
          .string()
          .min(1, 'a metric needs a name')
          .max(maxKeyLength, `a name has at most ${maxKeyLength} characters`),
        z.union([metricValue, z.boolean().transform(Number)], { error: 'must be a number or null' }),
      )
      .openapi({ example: { precision: 0.9, accuracy: 0.85 } }),
    created_at: optional(timeInput),
  })
  .openapi('PolyaxonExperimentMetricRequest');

/** One row, or as the tracking client sends them a list of rows. */
export const metricInputs = z.union([metricInput, z.array(metricInput).max(100_000)]);

export type MetricRowWire = z.output<typeof metricRow>;
export type MetricInput = z.output<typeof metricInput>;
