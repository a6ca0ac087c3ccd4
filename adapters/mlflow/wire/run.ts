import { z } from '@hono/zod-openapi';
import { invalid } from '../../../src/core/errors.js';
import { runStatuses } from '../translate/status.js';
import { datasetInput } from './dataset.js';
import { viewType } from './experiment.js';
import { entityKey } from './keys.js';
import { metric, metricInput } from './metric.js';
import {
  enumOf,
  int64,
  keyValue,
  listOf,
  missing,
  optionalCount,
  optionalInt64,
  optionalText,
  requiredText,
  textOrEmpty,
} from './values.js';

const entry = z.object({ key: entityKey, value: textOrEmpty });

/** How many things one batch may have (`mlflow.utils.validation`). */
const mostInBatch = { metrics: 1000, params: 100, tags: 100, together: 1000 } as const;

export const runInput = z
  .object({
    experiment_id: requiredText,
    user_id: textOrEmpty,
    run_name: textOrEmpty,
    start_time: optionalInt64,
    tags: listOf(entry),
  })
  .openapi('CreateRun');

export type RunInput = z.output<typeof runInput>;

/** A run by the name of today, or by the one of old clients. */
const runId = {
  run_id: optionalText,
  run_uuid: optionalText,
};

interface NamedRun {
  readonly run_id?: string | undefined;
  readonly run_uuid?: string | undefined;
}

const named = <T extends z.ZodRawShape>(shape: T) => z.object({ ...runId, ...shape });

/**
 * The id that a request names its run by.
 *
 * @throws CoreError `invalid` for a request that names none.
 */
export function runIdOf({ run_id, run_uuid }: NamedRun): string {
  const id = run_id || run_uuid;
  if (id === undefined || id === '') throw invalid('run_id', missing);
  return id;
}

export const runById = named({}).openapi('RunId');

export const runChange = named({
  status: enumOf(runStatuses),
  end_time: optionalInt64,
  run_name: textOrEmpty,
}).openapi('UpdateRun');

export type RunUpdate = z.output<typeof runChange>;

export const metricLogged = metricInput.extend(runId).openapi('LogMetric');
export const paramLogged = named({ key: entityKey, value: textOrEmpty }).openapi('LogParam');
export const runTagInput = named({ key: entityKey, value: textOrEmpty }).openapi('SetTag');
export const modelLogged = z.object({ run_id: requiredText, model_json: requiredText }).openapi('LogModel');
export const runTagKey = named({ key: requiredText }).openapi('DeleteTag');

export const batch = z
  .object({
    run_id: requiredText,
    metrics: listOf(metricInput),
    params: listOf(entry),
    tags: listOf(entry),
  })
  .superRefine(({ metrics, params, tags }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message });
    for (const [path, list] of Object.entries({ metrics, params, tags })) {
      const most = mostInBatch[path as 'metrics' | 'params' | 'tags'];
      if (list.length > most) refuse(path, `must not have more than ${most} items`);
    }
    if (metrics.length + params.length + tags.length > mostInBatch.together)
      refuse('', `a batch must not have more than ${mostInBatch.together} metrics, params and tags together`);
    const keys = new Set<string>();
    for (const { key } of params) {
      if (keys.has(key)) refuse('params', `the key ${JSON.stringify(key)} comes twice`);
      keys.add(key);
    }
  })
  .openapi('LogBatch');

/** How many runs one page may have, and has unless the request says. */
export const runsOfPage = { most: 50_000, standard: 1000 } as const;

export const runSearch = z
  .object({
    experiment_ids: listOf(
      z.union([z.string(), z.int()], 'must be a text').transform(String).openapi({ type: 'string' }),
    ),
    filter: optionalText,
    run_view_type: viewType,
    max_results: optionalCount.refine(
      (count) => count === undefined || (count > 0 && count <= runsOfPage.most),
      `must be a whole number from 1 to ${runsOfPage.most}`,
    ),
    order_by: listOf(z.string('must be a text')),
    page_token: optionalText,
  })
  .openapi('SearchRuns');

export type RunSearchInput = z.output<typeof runSearch>;

export const runInfo = z
  .object({
    run_id: z.string(),
    run_uuid: z.string(),
    run_name: z.string(),
    experiment_id: z.string(),
    user_id: z.string(),
    status: z.enum(runStatuses),
    start_time: int64,
    end_time: int64.optional(),
    artifact_uri: z.string(),
    lifecycle_stage: z.enum(['active', 'deleted']),
  })
  .openapi('RunInfo');

const modelInput = z.object({ model_id: z.string() }).openapi('ModelInput');
const modelOutput = z.object({ model_id: z.string(), step: int64 }).openapi('ModelOutput');

export const run = z
  .object({
    info: runInfo,
    data: z
      .object({ metrics: z.array(metric), params: z.array(keyValue), tags: z.array(keyValue) })
      .openapi('RunData'),
    inputs: z
      .object({ dataset_inputs: z.array(datasetInput), model_inputs: z.array(modelInput) })
      .openapi('RunInputs'),
    outputs: z.object({ model_outputs: z.array(modelOutput) }).openapi('RunOutputs'),
  })
  .openapi('Run');

export type RunWire = z.output<typeof run>;

export const runAnswer = z.object({ run }).openapi('GetRunResponse');
export const runInfoAnswer = z.object({ run_info: runInfo }).openapi('UpdateRunResponse');
export const runList = z
  .object({ runs: z.array(run), next_page_token: z.string().optional() })
  .openapi('SearchRunsResponse');
