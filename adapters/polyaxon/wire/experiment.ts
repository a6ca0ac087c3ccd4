import { z } from '@hono/zod-openapi';
import { resources } from './job.js';
import { listOf, pageQuery } from './paging.js';
import { experimentStatus } from './status.js';
import {
  anyObject,
  flagQuery,
  keptObject,
  keptText,
  keptValue,
  nameInput,
  optional,
  orNull,
  paramsInput,
  tagsInput,
  time,
  uuid,
} from './values.js';

const rowShape = {
  id: z.int().openapi({ description: 'Counts from 1 within the project.', example: 1 }),
  uuid,
  name: z.string().nullable(),
  unique_name: z.string().openapi({ example: 'root.quick-start.1' }),
  user: z.string().openapi({ example: 'root' }),
  description: z.string().nullable(),
  created_at: time,
  updated_at: time,
  started_at: orNull(time),
  finished_at: orNull(time),
  last_status: experimentStatus,
  original: z.string().nullable().openapi({ example: 'root.quick-start.1' }),
  project: z.string().openapi({ example: 'root.quick-start' }),
  experiment_group: z.string().nullable(),
  build_job: z.string().nullable(),
  tags: orNull(z.array(z.string())),
  is_clone: z.boolean(),
};

const numbers = z.record(z.string(), z.unknown());

/** An experiment in a list. */
export const experimentRow = z
  .object({
    ...rowShape,
    backend: z.string().nullable(),
    framework: z.string().nullable(),
    last_metric: orNull(numbers).optional(),
    params: orNull(anyObject).optional(),
    declarations: orNull(anyObject).optional(),
  })
  .openapi('PolyaxonExperimentRow');

/** A new experiment, as create, restart, resume and copy answer it. */
export const experimentAnswer = z.object(rowShape).openapi('PolyaxonNewExperiment');

export const experimentDetail = z
  .object({
    ...rowShape,
    config: orNull(anyObject).openapi({ description: 'The parsed file.' }),
    content: z.string().nullable().openapi({ description: 'The file as it was sent.' }),
    declarations: orNull(anyObject),
    params: orNull(anyObject),
    resources: orNull(resources),
    last_metric: orNull(numbers).openapi({ description: 'The last value of each metric.' }),
    num_jobs: z.int(),
    has_tensorboard: z.boolean().nullable(),
    bookmarked: z.boolean(),
    backend: z.string().nullable(),
    framework: z.string().nullable(),
    run_env: orNull(anyObject),
    data_refs: z.unknown(),
    is_managed: z.boolean(),
    ttl: z.int().nullable(),
    readme: z.string().nullable(),
    total_run: z.string().nullable().openapi({ example: '1m 18s' }),
  })
  .openapi('PolyaxonExperiment');

export const experimentList = listOf('PolyaxonExperimentList', experimentRow);

const content = z
  .union([z.string(), anyObject.transform((document) => JSON.stringify(document))])
  .openapi({ type: 'string', description: 'A Polyaxonfile: YAML, JSON, or a dict as Python writes it.' });

/** Texts and numbers by which other objects are referred to. */
const reference = z
  .union([z.string().max(255), z.int().transform(String)])
  .openapi({ type: 'string', maxLength: 255 });

const maxTextLength = 262_144;

const described = {
  name: optional(nameInput),
  description: optional(z.string().max(maxTextLength)),
  readme: optional(keptText),
  tags: optional(tagsInput),
  params: optional(paramsInput),
  declarations: optional(paramsInput),
  backend: optional(z.string().max(255)),
  framework: optional(z.string().max(255)),
  run_env: optional(keptObject),
  data_refs: keptValue.optional(),
};

/** A new experiment. Fields that only answers have are ignored: clients send whole objects. */
export const experimentInput = z
  .object({
    ...described,
    content: optional(content),
    is_managed: optional(z.boolean()),
    build_job: optional(reference),
    experiment_group: optional(reference),
    ttl: optional(z.int().min(0).max(2_147_483_647)),
  })
  .openapi('PolyaxonExperimentRequest');

/** Changes of an experiment; what is not named, or null, stays. */
export const experimentPatch = z
  .object({
    ...described,
    merge: optional(z.boolean()).openapi({ description: 'Adds tags and params instead of replacing them.' }),
  })
  .openapi('PolyaxonExperimentPatch');

/** How an experiment is made of another. */
export const cloneInput = z
  .object({
    content: optional(content).openapi({ description: 'What is changed of the file: a part is enough.' }),
    update_code: optional(z.boolean()).openapi({ description: "True to take the project's newest code." }),
    declarations: optional(paramsInput),
    params: optional(paramsInput),
    name: optional(nameInput),
    description: optional(z.string().max(maxTextLength)),
    tags: optional(tagsInput),
  })
  .openapi('PolyaxonCloneRequest');

const numbersInput = z.array(z.int().min(1).max(2_147_483_647)).max(10_000);

/** Experiments of a project by their ids. */
export const idsInput = z.object({ ids: numbersInput }).openapi('PolyaxonIds');

/** Which experiments a list shows, in which order, and with what. */
export const experimentListQuery = pageQuery.extend({
  query: z.string().optional().openapi({ example: 'status:~failed, metrics.loss:<=0.3' }),
  sort: z.string().optional().openapi({ example: '-created_at' }),
  independent: flagQuery.optional().openapi({ description: 'Only experiments of no group.' }),
  group: z.string().optional(),
  metrics: flagQuery.optional().openapi({ description: 'Adds `last_metric`.' }),
  params: flagQuery.optional().openapi({ description: 'Adds `params`.' }),
  declarations: flagQuery.optional().openapi({ description: 'Adds `declarations`, the old name of params.' }),
});

export type ExperimentRow = z.output<typeof experimentRow>;
export type ExperimentAnswer = z.output<typeof experimentAnswer>;
export type ExperimentDetail = z.output<typeof experimentDetail>;
export type ExperimentInput = z.output<typeof experimentInput>;
export type ExperimentPatch = z.output<typeof experimentPatch>;
export type CloneInput = z.output<typeof cloneInput>;
export type ExperimentListQuery = z.output<typeof experimentListQuery>;
