import { invalid } from '../../core/errors.js';
import type { Project } from '../../core/model.js';
import { requireDeletion } from '../accounts/access.js';
import { releaseCode } from '../artifacts/code.js';
import type { Context } from '../context.js';
import { accessProject, holdProject, type ProjectRef } from './find.js';

/**
 * Deletes a project and its runs for good: from the answer on nobody sees them, and the name is free;
 * its code goes at once, and the reconciler ends jobs and services and removes what is left of runs and models.
 *
 * @returns the project as it was.
 * @throws CoreError `invalid` for project 0, which every workspace needs; `not_found`, `forbidden`.
 */
export async function deleteProject(ctx: Context, ref: ProjectRef): Promise<Project> {
  const found = await accessProject(ctx, ref, 'read');
  await requireDeletion(ctx, found);
  if (found.number === 0) throw invalid('', `the project ${found.name} cannot be deleted`);
  const { ports } = ctx;
  const { project, keys, services } = await ports.store.transaction(async (tx) => {
    const held = await holdProject(tx, found.key);
    const now = ports.clock.now();
    await tx.projects.update(held.key, { deletedAt: now, purgeAt: now }, now);
    const marked = await tx.runs.markForPurge(held.key, now);
    const shown = await tx.services.keysOfProject(held.key);
    await tx.projects.removeIfEmpty(held.key);
    await tx.audit.append({
      actor: ctx.actor.user.name,
      action: 'delete',
      entity: `project ${held.id}`,
      at: now,
    });
    return { project: held, keys: marked, services: shown };
  });
  for (const key of keys) ports.waker.wake(key);
  for (const key of services) ports.waker.wakeService(key);
  ports.waker.wakeProject(project.key);
  if (project.codeRoot !== null) await releaseCode(ports, project.codeRoot);
  return project;
}
