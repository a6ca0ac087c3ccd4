import type { Service, ServiceKind } from '../../core/service.js';
import type { Context } from '../context.js';
import { accessSubject, type SubjectRef } from './subject.js';

/**
 * The service of this kind of a run or a project; null for none, also while it is being stopped.
 *
 * @throws CoreError `not_found` for the run or the project, `forbidden`.
 */
export async function getService(ctx: Context, ref: SubjectRef, kind: ServiceKind): Promise<Service | null> {
  const service = await ctx.ports.store.read.services.find(await accessSubject(ctx, ref, 'read'), kind);
  return service?.desiredState === 'running' ? service : null;
}
