import { z } from '@hono/zod-openapi';
import { runStatuses } from '../translate/status.js';
import { entityKey } from '../wire/keys.js';
import { double, int64, optionalInt64, requiredDouble } from '../wire/values.js';

/** Limits and defaults are those of seed 003; the shapes of answers are Franca's own, as it shows none. */

const text = z.string('must be a text');
const tags = z
  .record(entityKey, z.string('must be a text'), 'must be an object of texts')
  .openapi({ example: { team: 'vision' } });

const count = (standard: number, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((number) => number >= least && number <= most, `must be a whole number from ${least} to ${most}`)
    .default(standard)
    .openapi({ type: 'integer', minimum: least, maximum: most, default: standard });

const page = { limit: count(100, 1, 1000), offset: count(0, 0, 999_999_999) };

const name = z
  .string('must be a text')
  .min(1, 'must not be empty')
  .max(255, 'must not be longer than 255 characters');
const description = text.max(1000, 'must not be longer than 1000 characters');

export const experimentInput = z
  .object({
    name,
    description: description.nullish(),
    artifact_location: z
      .string('must be a text')
      .regex(/^s3:\/\/[^\s?#]+$/, 'must be the address of an S3 bucket, such as s3://bucket/path')
      .nullish(),
    tags: tags.nullish(),
  })
  .openapi('CreateExperimentRequest');

export type ExperimentInput = z.output<typeof experimentInput>;

export const experimentPatch = z
  .object({
    name: name.optional(),
    description: description.nullish(),
    tags: z.record(entityKey, z.string('must be a text').nullable()).optional(),
  })
  .openapi('UpdateExperimentRequest');

export type ExperimentPatch = z.output<typeof experimentPatch>;

export const experimentsQuery = z.object({
  search: z.string().optional().openapi({ description: 'A part of the name, in any case.' }),
  lifecycle_stage: z.enum(['active', 'deleted'], 'must be active or deleted').default('active'),
  ...page,
});

export const experiment = z
  .object({
    id: z.string().openapi({ example: '1' }),
    experiment_id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    artifact_location: z.string(),
    lifecycle_stage: z.enum(['active', 'deleted']),
    tags: z.record(z.string(), z.string()),
    created_at: int64.openapi({ description: 'Milliseconds since 1970.' }),
    updated_at: int64,
  })
  .openapi('ExperimentResponse');

export type ExperimentWire = z.output<typeof experiment>;

export const experimentList = z
  .object({ experiments: z.array(experiment), total: z.int(), limit: z.int(), offset: z.int() })
  .openapi('ExperimentListResponse');

const experimentId = z
  .union([z.string(), z.int()], 'must be the id of an experiment')
  .transform(String)
  .openapi({ type: 'string', example: '1' });

export const runInput = z
  .object({
    experiment_id: experimentId,
    name: text.nullish(),
    description: text.nullish(),
    tags: tags.nullish(),
  })
  .openapi('CreateRunRequest');

export type RunInput = z.output<typeof runInput>;

/** A status in any letter case. */
const status = z
  .string('must be a text')
  .transform((word) => word.toUpperCase())
  .pipe(z.enum(runStatuses, `must be one of ${runStatuses.join(', ')}`));

export const runsQuery = z.object({ experiment_id: z.string(), status: status.optional(), ...page });

export const run = z
  .object({
    id: z.string(),
    run_id: z.string(),
    experiment_id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    status: z.enum(runStatuses),
    lifecycle_stage: z.enum(['active', 'deleted']),
    start_time: int64,
    end_time: int64.nullable(),
    params: z.record(z.string(), z.string()),
    metrics: z.record(z.string(), double),
    tags: z.record(z.string(), z.string()),
    artifact_uri: z.string(),
  })
  .openapi('RunResponse');

export type RunWire = z.output<typeof run>;

export const runList = z
  .object({ runs: z.array(run), total: z.int(), limit: z.int(), offset: z.int() })
  .openapi('RunListResponse');

export const metricsInput = z
  .object({
    metrics: z.record(entityKey, requiredDouble, 'must be an object of numbers'),
    step: optionalInt64,
    timestamp: optionalInt64,
  })
  .openapi('LogMetricsRequest');

type Scalar = string | number | bigint | boolean;

const paramValue = z
  .custom<Scalar>(
    (value) => ['string', 'number', 'bigint', 'boolean'].includes(typeof value),
    'must be a text, a number or a truth value',
  )
  .openapi({ type: ['string', 'number', 'boolean'] });

export const paramsInput = z
  .object({ params: z.record(entityKey, paramValue, 'must be an object') })
  .openapi('LogParamsRequest');

export const batchInput = z
  .object({
    metrics: z
      .array(
        z.object({ key: entityKey, value: requiredDouble, step: optionalInt64, timestamp: optionalInt64 }),
      )
      .max(1000)
      .default([]),
    params: z
      .array(z.object({ key: entityKey, value: paramValue }))
      .max(1000)
      .default([]),
    tags: z
      .array(z.object({ key: entityKey, value: text }))
      .max(1000)
      .default([]),
  })
  .openapi('LogBatchRequest');

export const counts = z.object({ metrics: z.int(), params: z.int(), tags: z.int() }).openapi('LoggedCounts');

export const artifactStored = z
  .object({ path: z.string(), size: z.int(), sha256: z.string() })
  .openapi('LoggedArtifact');

export const endInput = z
  .object({ status: status.default('FINISHED'), end_time: optionalInt64 })
  .openapi('EndRunRequest');

export const compareInput = z
  .object({
    run_ids: z.array(text).min(2, 'must name 2 to 10 runs').max(10, 'must name 2 to 10 runs'),
    metrics: z.array(text).max(1000).optional(),
  })
  .openapi('CompareRunsRequest');

const extreme = z.object({ run_id: z.string(), value: double });

export const comparison = z
  .object({
    runs: z.array(run),
    metrics: z.record(
      z.string(),
      z.object({
        runs: z.record(
          z.string(),
          z.object({ last: double, min: double.nullable(), max: double.nullable() }),
        ),
        min: extreme.nullable(),
        max: extreme.nullable(),
      }),
    ),
    params: z.record(z.string(), z.record(z.string(), z.string())),
  })
  .openapi('CompareRunsResponse');

export type Comparison = z.output<typeof comparison>;

export const errorResponse = z
  .object({
    error: z.string().openapi({ example: 'not_found' }),
    message: z.string(),
    details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .openapi('ErrorResponse');
