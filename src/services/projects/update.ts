import type { Extensions } from '../../core/model.js';
import type { Context } from '../context.js';
import { type Retag, replaceTagsOf } from '../tags/replace.js';
import { checkName } from './create.js';
import { accessProject, holdProject, type ProjectRef } from './find.js';
import { type ProjectView, viewProject } from './view.js';

/** What a client changes of a project; what is not named stays. Its number and its slug always do. */
export interface ProjectChange {
  readonly name?: string;
  readonly description?: string | null;
  readonly isPublic?: boolean;
  /** Pure: the tags from now on, of those that there are. */
  readonly retag?: Retag;
  /** Pure: the extensions from now on, of those that there are. */
  readonly extend?: (present: Extensions) => Extensions;
}

/**
 * Changes a project.
 *
 * @throws CoreError `invalid` for an empty name; `already_exists` for a taken one; `not_found`, `forbidden`.
 */
export async function updateProject(
  ctx: Context,
  ref: ProjectRef,
  change: ProjectChange,
): Promise<ProjectView> {
  const { retag, extend, ...fields } = change;
  const found = await accessProject(ctx, ref, 'write');
  if (fields.name !== undefined) checkName(fields.name);
  const { store, clock } = ctx.ports;
  const project = await store.transaction(async (tx) => {
    const held = await holdProject(tx, found.key);
    if (retag !== undefined) await replaceTagsOf(tx.projectTags, held.key, held.tags, retag);
    const patch = extend === undefined ? fields : { ...fields, extensions: extend(held.extensions) };
    return tx.projects.update(held.key, patch, clock.now());
  });
  return viewProject(ctx, project);
}
