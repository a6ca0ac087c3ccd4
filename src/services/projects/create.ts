import { invalid } from '../../core/errors.js';
import type { ProjectId } from '../../core/ids.js';
import type { Extensions } from '../../core/model.js';
import type { Tag } from '../../core/params.js';
import { requireRole } from '../accounts/access.js';
import type { Context } from '../context.js';
import { type ProjectView, viewProject } from './view.js';

export interface NewProjectInput {
  readonly name: string;
  readonly description: string | null;
  /** True: every user may read it and its runs. */
  readonly isPublic: boolean;
  readonly tags: readonly Tag[];
  readonly extensions: Extensions;
}

/**
 * Adds a project to the request's workspace.
 *
 * @throws CoreError `invalid` for an empty name; `already_exists` for a taken one; `forbidden`.
 */
export async function createProject(ctx: Context, input: NewProjectInput): Promise<ProjectView> {
  await requireRole(ctx, 'writer');
  checkName(input.name);
  const { ports, actor, workspace } = ctx;
  const project = await ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const made = await tx.projects.insert({
      ...input,
      id: ports.ids.uuid() as ProjectId,
      workspaceKey: workspace.key,
      createdBy: { key: actor.user.key, name: actor.user.name },
      createdAt: now,
    });
    await tx.audit.append({
      actor: actor.user.name,
      action: 'create',
      entity: `project ${made.id}`,
      at: now,
    });
    return made;
  });
  return viewProject(ctx, project);
}

/** @throws CoreError `invalid` for a name of nothing but blanks. */
export function checkName(name: string): void {
  if (name.trim() === '') throw invalid('name', 'a project needs a name');
}
