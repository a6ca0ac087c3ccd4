import { CoreError } from '../../core/errors.js';
import type { UserKey } from '../../core/ids.js';
import type { Context } from '../context.js';
import { accessProject, type ProjectRef } from '../projects/find.js';
import { accessRun, type RunRef } from '../runs/find.js';

/**
 * Marks a run for the caller, or takes its mark away; a repeat changes nothing.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function setRunBookmark(ctx: Context, ref: RunRef, marked: boolean): Promise<void> {
  const userKey = markerOf(ctx);
  const run = await accessRun(ctx, ref, 'read');
  const { store, clock } = ctx.ports;
  await store.transaction((tx) => tx.bookmarks.setRun(userKey, run.key, marked, clock.now()));
}

/**
 * Marks a project for the caller, or takes its mark away; a repeat changes nothing.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function setProjectBookmark(ctx: Context, ref: ProjectRef, marked: boolean): Promise<void> {
  const userKey = markerOf(ctx);
  const project = await accessProject(ctx, ref, 'read');
  const { store, clock } = ctx.ports;
  await store.transaction((tx) => tx.bookmarks.setProject(userKey, project.key, marked, clock.now()));
}

/** @throws CoreError `forbidden` for a run's own token: bookmarks are a person's. */
export function markerOf(ctx: Context): UserKey {
  if (ctx.actor.runKey === null) return ctx.actor.user.key;
  throw new CoreError({ code: 'forbidden' }, 'the token of a run has no bookmarks');
}
