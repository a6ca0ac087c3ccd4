import type { z } from '@hono/zod-openapi';
import { invalid, notFound } from '../../../src/core/errors.js';
import type { Project } from '../../../src/core/model.js';
import type { Tag } from '../../../src/core/params.js';
import { millisFromMicros } from '../../../src/core/time.js';
import type { NewProjectInput } from '../../../src/services/projects/create.js';
import type { ProjectChange } from '../../../src/services/projects/update.js';
import { withExtension } from '../extensions.js';
import type { ExperimentWire, experimentInput } from '../wire/experiment.js';
import { experimentArtifactUri } from './artifact-uri.js';
import { projectedTags } from './tags.js';

/** A project as an experiment. Its description is a tag here. */
export function fromProject(project: Project, workspace: string): ExperimentWire {
  const description =
    project.description === null ? [] : [{ key: projectedTags.description, value: project.description }];
  return {
    experiment_id: String(project.number),
    name: project.name,
    artifact_location: experimentArtifactUri(project),
    lifecycle_stage: project.deletedAt === null ? 'active' : 'deleted',
    creation_time: millisFromMicros(project.createdAt),
    last_update_time: millisFromMicros(project.updatedAt),
    tags: [...description, ...project.tags.map(({ key, value }) => ({ key, value: value ?? '' }))],
    workspace,
  };
}

/** What a client asks for as a new project. */
export function toNewProject(input: z.output<typeof experimentInput>): NewProjectInput {
  const tags = new Map(input.tags.map((tag): [string, Tag] => [tag.key, tag]));
  const description = tags.get(projectedTags.description)?.value ?? null;
  tags.delete(projectedTags.description);
  const location = input.artifact_location ?? '';
  return {
    name: input.name,
    description,
    isPublic: false,
    tags: [...tags.values()],
    extensions: location === '' ? {} : withExtension({}, { artifactLocation: location }),
  };
}

/**
 * The change that sets a tag, or takes it away.
 *
 * @throws CoreError `not_found`, when it is made, for a tag that is to go and is not there.
 */
export function toTagChange(key: string, value: string | null): ProjectChange {
  if (key === projectedTags.description) return { description: value };
  return {
    retag(present) {
      const isThere = present.some((tag) => tag.key === key);
      if (value === null) {
        if (!isThere) throw notFound('tag', `the experiment has no tag ${JSON.stringify(key)}`);
        return present.filter((tag) => tag.key !== key);
      }
      const tag = { key, value };
      return isThere ? present.map((one) => (one.key === key ? tag : one)) : [...present, tag];
    },
  };
}

/**
 * The number that an experiment's id is; a negative one names none.
 *
 * @throws CoreError `invalid` for an id that is no number.
 */
export function projectNumberOf(id: string, path = 'experiment_id'): number {
  if (!/^-?\d{1,15}$/.test(id)) throw invalid(path, 'must be the number of an experiment');
  return Number(id);
}
