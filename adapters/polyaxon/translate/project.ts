import { uuidToHex } from '../../../src/core/ids.js';
import { fromTags, retag, toTags } from '../../../src/core/tag-list.js';
import type { NewProjectInput } from '../../../src/services/projects/create.js';
import type { ProjectChange } from '../../../src/services/projects/update.js';
import type { ProjectView } from '../../../src/services/projects/view.js';
import { dialect, extended, service } from '../extensions.js';
import type { ProjectInput, ProjectPatchInput, ProjectWire } from '../wire/project.js';
import { projectShownName, readableName } from './names.js';
import { toWireTime } from './time.js';

/** A project in the workspace of this name. */
export function fromProject(view: ProjectView, owner: string): ProjectWire {
  const { project, runs } = view;
  const tags = fromTags(project.tags);
  const readme = project.extensions[dialect]?.readme;
  return {
    id: project.number,
    uuid: uuidToHex(project.id),
    name: projectShownName(project),
    unique_name: `${owner}.${projectShownName(project)}`,
    user: readableName(project.createdBy.name),
    owner,
    description: project.description,
    tags: tags.length === 0 ? null : tags,
    is_public: project.isPublic,
    has_code: project.codeRoot !== null,
    created_at: toWireTime(project.createdAt),
    updated_at: toWireTime(project.updatedAt),
    num_experiments: runs,
    num_independent_experiments: runs,
    num_experiment_groups: 0,
    num_jobs: 0,
    num_builds: 0,
    has_tensorboard: view.services.has(service),
    has_notebook: false,
    bookmarked: view.bookmarked,
    readme: typeof readme === 'string' ? readme : null,
  };
}

/** A new project. It is private unless it says otherwise: a project that every user may read is asked for. */
export function toNewProject({ name, description, readme, tags, is_public }: ProjectInput): NewProjectInput {
  return {
    name,
    description: description ?? null,
    isPublic: is_public ?? false,
    tags: toTags(tags ?? []),
    extensions: typeof readme === 'string' ? extended({}, { readme }) : {},
  };
}

/** What is changed of a project. */
export function toProjectChange(patch: ProjectPatchInput): ProjectChange {
  const { name, description, readme, tags, is_public } = patch;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof is_public === 'boolean' ? { isPublic: is_public } : {}),
    ...(tags == null ? {} : { retag: (present) => retag(tags, present) }),
    ...(typeof readme === 'string' ? { extend: (present) => extended(present, { readme }) } : {}),
  };
}
