import { z } from '@hono/zod-openapi';
import { experimentRow } from './experiment.js';
import { listOf } from './paging.js';
import { keptText, nameInput, optional, orNull, tagsInput, time, uuid } from './values.js';

/** A project. */
export const project = z
  .object({
    id: z.int().openapi({ description: 'Counts from 0 within the owner’s projects.' }),
    uuid,
    name: z.string().openapi({ example: 'quick-start' }),
    unique_name: z.string().openapi({ example: 'root.quick-start' }),
    user: z.string(),
    owner: z.string(),
    description: z.string().nullable(),
    tags: orNull(z.array(z.string())),
    is_public: z.boolean(),
    has_code: z.boolean(),
    created_at: time,
    updated_at: time,
    num_experiments: z.int(),
    num_independent_experiments: z.int(),
    num_experiment_groups: z.int(),
    num_jobs: z.int(),
    num_builds: z.int(),
    has_tensorboard: z.boolean(),
    has_notebook: z.boolean(),
    bookmarked: z.boolean(),
    readme: z.string().nullable(),
  })
  .openapi('PolyaxonProject');

export const projectList = listOf('PolyaxonProjectList', project);

const maxTextLength = 262_144;

const described = {
  description: optional(z.string().max(maxTextLength)),
  readme: optional(keptText),
  tags: optional(tagsInput),
  is_public: optional(z.boolean()),
};

/** A new project. Fields that only answers have are ignored. */
export const projectInput = z.object({ ...described, name: nameInput }).openapi('PolyaxonProjectRequest');

/** Changes of a project; what is not named, or null, stays. */
export const projectPatch = z
  .object({ ...described, name: optional(nameInput) })
  .openapi('PolyaxonProjectPatch');

export const bookmarkedExperiments = listOf(
  'PolyaxonExperimentBookmarkList',
  z.object({ content_object: experimentRow }).openapi('PolyaxonExperimentBookmark'),
);
export const bookmarkedProjects = listOf(
  'PolyaxonProjectBookmarkList',
  z.object({ content_object: project }).openapi('PolyaxonProjectBookmark'),
);

export type ProjectWire = z.output<typeof project>;
export type ProjectInput = z.output<typeof projectInput>;
export type ProjectPatchInput = z.output<typeof projectPatch>;
