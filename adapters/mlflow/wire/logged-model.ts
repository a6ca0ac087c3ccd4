import { z } from '@hono/zod-openapi';
import { experimentId } from './experiment.js';
import {
  double,
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

/** The statuses of a model, in the order of their numbers, from 1. */
export const modelStatuses = [
  'LOGGED_MODEL_PENDING',
  'LOGGED_MODEL_READY',
  'LOGGED_MODEL_UPLOAD_FAILED',
] as const;

const entry = z.object({ key: requiredText, value: textOrEmpty });

export const modelParams = z.object({
  model_id: z.string().openapi({ example: 'm-0190a3d27e3f7c6f9f00012345678900' }),
});
export const modelTagParams = modelParams.extend({ tag_key: z.string() });

export const modelInput = z
  .object({
    experiment_id: experimentId,
    name: textOrEmpty.refine((name) => !/[/:.%"']/.test(name), 'must not have / : . % " or \''),
    model_type: optionalText,
    source_run_id: optionalText,
    params: listOf(entry),
    tags: listOf(entry),
  })
  .openapi('CreateLoggedModel');

export type ModelInput = z.output<typeof modelInput>;

export const modelFinalization = z
  .object({
    status: enumOf(modelStatuses).pipe(z.enum(modelStatuses, `must be one of ${modelStatuses.join(', ')}`)),
  })
  .openapi('FinalizeLoggedModel');

export const modelAsked = z.object({ allow_deleted: z.string().optional().openapi({ type: 'boolean' }) });

export const modelTags = z.object({ tags: listOf(entry) }).openapi('SetLoggedModelTags');
export const modelParamsLogged = z.object({ params: listOf(entry) }).openapi('LogLoggedModelParams');

/** How many models one page may have, and has unless the request says. */
export const modelsOfPage = { most: 1000, standard: 100 } as const;

export const modelSearch = z
  .object({
    experiment_ids: listOf(z.string('must be a text')).refine((ids) => ids.length > 0, missing),
    filter: optionalText,
    datasets: listOf(z.object({ dataset_name: requiredText, dataset_digest: optionalText })),
    max_results: optionalCount.refine(
      (count) => count === undefined || (count > 0 && count <= modelsOfPage.most),
      `must be a whole number from 1 to ${modelsOfPage.most}`,
    ),
    order_by: listOf(
      z
        .object({
          field_name: requiredText,
          ascending: z.boolean('must be true or false').nullish(),
          dataset_name: optionalText,
          dataset_digest: optionalText,
        })
        .refine(({ dataset_name: name, dataset_digest: digest }) => !digest || Boolean(name), {
          message: 'needs a dataset_name',
          path: ['dataset_digest'],
        }),
    ),
    page_token: optionalText,
  })
  .openapi('SearchLoggedModels');

export type ModelSearch = z.output<typeof modelSearch>;

const modelMetric = z
  .object({
    key: z.string(),
    value: double,
    timestamp: int64,
    step: int64,
    model_id: z.string(),
    run_id: z.string(),
    dataset_name: z.string().optional(),
    dataset_digest: z.string().optional(),
  })
  .openapi('LoggedModelMetric');

export const model = z
  .object({
    info: z
      .object({
        model_id: z.string(),
        experiment_id: z.string(),
        name: z.string(),
        creation_timestamp_ms: int64,
        last_updated_timestamp_ms: int64,
        artifact_uri: z.string(),
        status: z.enum(modelStatuses),
        status_message: z.string().optional(),
        model_type: z.string(),
        source_run_id: z.string(),
        tags: z.array(keyValue),
      })
      .openapi('LoggedModelInfo'),
    data: z.object({ params: z.array(keyValue), metrics: z.array(modelMetric) }).openapi('LoggedModelData'),
  })
  .openapi('LoggedModel');

export type ModelWire = z.output<typeof model>;

export const modelAnswer = z.object({ model }).openapi('GetLoggedModelResponse');
export const modelList = z
  .object({ models: z.array(model), next_page_token: z.string().optional() })
  .openapi('SearchLoggedModelsResponse');

export const modelArtifactsAsked = z.object({
  artifact_directory_path: optionalText,
  page_token: optionalText,
});

export const modelUse = z.object({ model_id: requiredText, step: optionalInt64 }).openapi('ModelUse');

export const outputs = z
  .object({ run_id: requiredText, models: z.array(modelUse, 'must be a list') })
  .openapi('LogOutputs');
