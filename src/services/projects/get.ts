import type { Context } from '../context.js';
import { accessProject, type ProjectRef } from './find.js';
import { type ProjectView, viewProject } from './view.js';

/**
 * One project.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function getProject(ctx: Context, ref: ProjectRef): Promise<ProjectView> {
  return viewProject(ctx, await accessProject(ctx, ref, 'read'));
}
