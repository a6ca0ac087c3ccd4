import { slugOf } from '../../../src/core/ids.js';
import type { Job, Project, Run, Workspace } from '../../../src/core/model.js';
import type { RelatedToRuns } from '../../../src/services/runs/related.js';
import { namePattern } from '../wire/values.js';

/**
 * A name that the clients' schemas can read: they refuse a whole answer for a name with other characters,
 * such as another dialect's `two words` or an imported `jane@example.org`.
 */
export function readableName(name: string): string {
  return namePattern.test(name) ? name : slugOf(name, 'unnamed');
}

/** `owner.project`. */
export function ownedNameOf(owner: Pick<Workspace, 'name'>, project: Pick<Project, 'name' | 'slug'>): string {
  return `${owner.name}.${projectShownName(project)}`;
}

/** `owner.project`, or null if the project is gone. */
export function projectNameOf(run: Run, { projects, workspaces }: RelatedToRuns): string | null {
  const project = projects.get(run.projectKey);
  const workspace = project === undefined ? undefined : workspaces.get(project.workspaceKey);
  return project === undefined || workspace === undefined ? null : ownedNameOf(workspace, project);
}

/** `owner.project.number`, or null if the project is gone. */
export function uniqueNameOf(run: Run, related: RelatedToRuns): string | null {
  const project = projectNameOf(run, related);
  return project === null ? null : `${project}.${run.number}`;
}

/** The name by which paths name a project: its own where that may stand in one, else its slug. */
export function projectShownName({ name, slug }: Pick<Project, 'name' | 'slug'>): string {
  return namePattern.test(name) ? name : slug;
}

/** A replica among its fellows, the same in every attempt: `worker.2` is the second worker. */
export function replicaNameOf({ role, index }: Pick<Job, 'role' | 'index'>): string {
  return `${role.toLowerCase()}.${index + 1}`;
}
