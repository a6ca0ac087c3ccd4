import { z } from '@hono/zod-openapi';
import { entityKey } from './keys.js';
import {
  enumOf,
  int64,
  keyValue,
  listOf,
  optionalCount,
  optionalText,
  requiredText,
  textOrEmpty,
  textsInQuery,
} from './values.js';

/** The longest name of an experiment, and the longest value of its tags (`mlflow.utils.validation`). */
const longest = { name: 500, tagValue: 20_000 } as const;

const name = requiredText.max(longest.name, `must not be longer than ${longest.name} characters`);

/**
 * Somewhere else than here: only what names a store of objects. A folder of the server's own would let a client
 * read and write there.
 */
const artifactLocation = optionalText.refine(
  (text) => text === undefined || text === '' || /^(s3|gs|wasbs?|abfss?|hdfs|dbfs):\/\/[^\s?#]+$/.test(text),
  'must be the address of an object store, such as s3://bucket/path',
);

const experimentTag = z.object({
  key: entityKey,
  value: textOrEmpty.refine(
    (text) => text.length <= longest.tagValue,
    `must not be longer than ${longest.tagValue} characters`,
  ),
});

export const experimentId = requiredText.openapi({ example: '1' });

/** What is active, what was deleted, or both. */
export const viewType = enumOf(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']);

export const experimentInput = z
  .object({
    name,
    artifact_location: artifactLocation,
    tags: listOf(experimentTag).refine(
      (tags) => new Set(tags.map(({ key }) => key)).size === tags.length,
      'must not have a key twice',
    ),
  })
  .openapi('CreateExperiment');

export const experimentById = z.object({ experiment_id: experimentId }).openapi('ExperimentId');

export const experimentByName = z.object({ experiment_name: requiredText });

export const experimentChange = z
  .object({ experiment_id: experimentId, new_name: name })
  .openapi('UpdateExperiment');

export const experimentTagInput = experimentTag
  .extend({ experiment_id: experimentId })
  .openapi('SetExperimentTag');

export const experimentTagKey = z
  .object({ experiment_id: experimentId, key: requiredText })
  .openapi('DeleteExperimentTag');

/** How many experiments one page may have. */
export const mostExperiments = 50_000;

const search = {
  max_results: optionalCount.refine(
    (count) => count !== undefined && count > 0 && count <= mostExperiments,
    `must be a whole number from 1 to ${mostExperiments}`,
  ),
  page_token: optionalText,
  filter: optionalText,
  view_type: viewType,
};

export const experimentSearch = z
  .object({ ...search, order_by: listOf(z.string('must be a text')) })
  .openapi('SearchExperiments');

/** The same in an address. */
export const experimentSearchQuery = z.object({ ...search, order_by: textsInQuery });

export type ExperimentSearch = z.output<typeof experimentSearch>;

export const experiment = z
  .object({
    experiment_id: z.string().openapi({ example: '1' }),
    name: z.string(),
    artifact_location: z.string(),
    lifecycle_stage: z.enum(['active', 'deleted']),
    creation_time: int64,
    last_update_time: int64,
    tags: z.array(keyValue),
    workspace: z.string(),
  })
  .openapi('Experiment');

export type ExperimentWire = z.output<typeof experiment>;

export const experimentCreated = z.object({ experiment_id: z.string() }).openapi('CreateExperimentResponse');
export const experimentAnswer = z.object({ experiment }).openapi('GetExperimentResponse');
export const experimentList = z
  .object({ experiments: z.array(experiment), next_page_token: z.string().optional() })
  .openapi('SearchExperimentsResponse');
