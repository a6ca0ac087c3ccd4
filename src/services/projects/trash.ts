import { invalid, notFound } from '../../core/errors.js';
import type { ProjectKey, RunKey } from '../../core/ids.js';
import type { Project } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { type Stage, stageOf } from '../../core/stage.js';
import type { Micros } from '../../core/time.js';
import { requireDeletion, requireProjectAccess } from '../accounts/access.js';
import type { Context } from '../context.js';
import { beginStop } from '../lifecycle/begin-stop.js';
import { seeingTrash } from '../sight.js';
import { accessProject, type ProjectRef } from './find.js';
import { type ProjectView, viewProject } from './view.js';

/**
 * Puts a project into the trash, and with it its runs that are not there yet; it keeps its name. Runs that Franca
 * started are stopped, and services end.
 *
 * @throws CoreError `invalid` for project 0, which every workspace needs; `not_found`, also for one that is
 * trashed; `forbidden`.
 */
export async function trashProject(ctx: Context, ref: ProjectRef): Promise<ProjectView> {
  const { ports } = ctx;
  const found = await accessProject(ctx, ref, 'read');
  await requireDeletion(ctx, found);
  if (found.number === 0) throw invalid('', `the project ${found.name} cannot be deleted`);
  const { project, stopped, services } = await ports.store.transaction(async (tx) => {
    const held = await holdInStage(tx, found.key, 'active');
    const now = ports.clock.now();
    const at = await trashTime(tx, held.key, now);
    const changed = await tx.projects.update(held.key, { deletedAt: at }, now);
    await tx.runs.trashActive(held.key, at);
    const entity = `project ${held.id}`;
    await tx.audit.append({ actor: ctx.actor.user.name, action: 'delete', entity, at: now });
    return {
      project: changed,
      stopped: await stopUnfinished(tx, held.key, now),
      services: await tx.services.keysOfProject(held.key),
    };
  });
  for (const key of stopped) ports.waker.wake(key);
  for (const key of services) ports.waker.wakeService(key);
  return viewProject(ctx, project);
}

/**
 * Takes a project out of the trash, and with it the runs that went there with it; those that were trashed before
 * stay there. Nothing is started again.
 *
 * @throws CoreError `not_found`, also for one that is not trashed; `forbidden`.
 */
export async function restoreProject(ctx: Context, ref: ProjectRef): Promise<ProjectView> {
  const { store, clock } = ctx.ports;
  const found = await accessProject(seeingTrash(ctx), ref, 'read');
  await requireProjectAccess(ctx, found, 'write');
  const project = await store.transaction(async (tx) => {
    const { key, id, deletedAt } = await holdInStage(tx, found.key, 'trashed');
    const now = clock.now();
    if (deletedAt !== null) await tx.runs.restoreTrashed(key, deletedAt, now);
    const entity = `project ${id}`;
    await tx.audit.append({ actor: ctx.actor.user.name, action: 'restore', entity, at: now });
    return tx.projects.update(key, { deletedAt: null }, now);
  });
  return viewProject(ctx, project);
}

async function holdInStage(tx: Repositories, key: ProjectKey, stage: Stage): Promise<Project> {
  const project = await tx.projects.lock(key);
  if (project === null || stageOf(project) !== stage) throw notFound('project');
  return project;
}

/** By this time its runs are known again: clocks are coarse and step back, so it is later than that of any trashed run. */
async function trashTime(tx: Repositories, key: ProjectKey, now: Micros): Promise<Micros> {
  const last = await tx.runs.lastTrashedAt(key);
  return last === null ? now : Math.max(now, last + 1);
}

/** After they were trashed: nobody starts them anew any more. */
async function stopUnfinished(
  tx: Repositories,
  projectKey: ProjectKey,
  now: Micros,
): Promise<readonly RunKey[]> {
  const keys = await tx.runs.unfinishedIn(projectKey);
  for (const key of keys) {
    const run = await tx.runs.lock(key);
    if (run !== null) await beginStop(tx, run, now);
  }
  return keys;
}
