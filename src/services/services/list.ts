import type { Service, ServiceKind } from '../../core/service.js';
import type { Context } from '../context.js';
import { accessProject, type ProjectRef } from '../projects/find.js';

/**
 * The services of this kind of a project and of its runs, newest first; those that failed too, until they are
 * stopped.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function listServices(
  ctx: Context,
  ref: ProjectRef,
  kind: ServiceKind,
): Promise<readonly Service[]> {
  const project = await accessProject(ctx, ref, 'read');
  return ctx.ports.store.read.services.wanted(project.key, kind);
}
