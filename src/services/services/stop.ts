import type { ServiceKind } from '../../core/service.js';
import type { Context } from '../context.js';
import { accessSubject, type SubjectRef } from './subject.js';

/**
 * Asks for the end of a service; all that it has goes with it: process, log and row.
 *
 * @returns false if there was none, or its end was asked for already.
 * @throws CoreError `not_found` for the run or the project, `forbidden`.
 */
export async function stopService(ctx: Context, ref: SubjectRef, kind: ServiceKind): Promise<boolean> {
  const { ports, actor } = ctx;
  const subject = await accessSubject(ctx, ref, 'write');
  const stopped = await ports.store.transaction(async (tx) => {
    const found = await tx.services.find(subject, kind);
    const service = found === null ? null : await tx.services.lock(found.key);
    if (service === null || service.desiredState === 'stopped') return null;
    const at = ports.clock.now();
    await tx.services.update(service.key, { desiredState: 'stopped', status: 'stopping' }, at);
    await tx.audit.append({ actor: actor.user.name, action: 'stop', entity: `service ${service.id}`, at });
    return service;
  });
  if (stopped !== null) ports.waker.wakeService(stopped.key);
  return stopped !== null;
}
