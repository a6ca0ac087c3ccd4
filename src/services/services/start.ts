import { CoreError, invalid } from '../../core/errors.js';
import type { JobId, ServiceId } from '../../core/ids.js';
import type { Repositories } from '../../core/ports/index.js';
import { isUp, type Service, type ServiceKind, type ServiceSubject } from '../../core/service.js';
import type { Micros } from '../../core/time.js';
import type { Context } from '../context.js';
import { accessSubject, holdSubject, type SubjectRef } from './subject.js';

/** What is started, and how clients will see it. */
export interface ServiceRequest {
  readonly kind: ServiceKind;
  /** The path of its pages, e.g. `/tensorboard/ada/digits`; a slash at its end does not matter. */
  readonly pathPrefix: string;
  /** What the client asked for, kept as it came. */
  readonly spec: Service['spec'];
}

/** A service that is wanted now. */
export interface StartedService {
  readonly service: Service;
  /** False if it was up already. */
  readonly startedNow: boolean;
}

const maxSpecLength = 64 * 1024;

/**
 * Starts a service, or one that has failed once more; one that is up stays as it is. The answer does not
 * wait for its program.
 *
 * @throws CoreError `not_found`, `forbidden`; `invalid` if its program is not installed; `limited` if as many
 * services run as may; `too_large` for a spec beyond 64 KiB of JSON.
 */
export async function startService(
  ctx: Context,
  ref: SubjectRef,
  request: ServiceRequest,
): Promise<StartedService> {
  const { ports } = ctx;
  const subject = await accessSubject(ctx, ref, 'write');
  checkSize(request.spec);
  const isInstalled = await ports.serviceHost.hasProgram(request.kind);
  const started = await ports.store.transaction(async (tx) => {
    await holdSubject(tx, subject);
    const found = await tx.services.find(subject, request.kind);
    const before = found === null ? null : await tx.services.lock(found.key);
    if (before !== null && isUp(before)) return { service: before, startedNow: false };
    if (!isInstalled) throw notInstalled(request.kind);
    await checkRoom(ctx, tx, before);
    const service = await startHeld(ctx, tx, { subject, request, before, now: ports.clock.now() });
    return { service, startedNow: true };
  });
  ports.waker.wakeService(started.service.key);
  return started;
}

interface Start {
  readonly subject: ServiceSubject;
  readonly request: ServiceRequest;
  /** One that has failed, or that is stopping. */
  readonly before: Service | null;
  readonly now: Micros;
}

async function startHeld(
  { ports, actor }: Context,
  tx: Repositories,
  { subject, request, before, now }: Start,
): Promise<Service> {
  const jobId = ports.ids.uuid() as JobId;
  const { kind, spec } = request;
  const pathPrefix = request.pathPrefix.replace(/\/+$/, '');
  const service =
    before === null
      ? await tx.services.insert({
          ...subject,
          id: ports.ids.uuid() as ServiceId,
          kind,
          jobId,
          pathPrefix,
          spec,
          createdBy: { key: actor.user.key, name: actor.user.name },
          createdAt: now,
        })
      : await tx.services.update(
          before.key,
          {
            desiredState: 'running',
            status: 'created',
            reason: null,
            message: null,
            jobId,
            port: null,
            pathPrefix,
            spec,
          },
          now,
        );
  await tx.audit.append({
    actor: actor.user.name,
    action: 'create',
    entity: `service ${service.id}`,
    at: now,
  });
  return service;
}

/** One that is stopping has its process still and is counted already. */
async function checkRoom({ ports }: Context, tx: Repositories, before: Service | null): Promise<void> {
  const { limit } = ports.serviceHost;
  const live = await tx.services.countLive();
  const others = before === null || before.status === 'failed' ? live : live - 1;
  if (others < limit) return;
  const words = limit === 0 ? 'no service may run here' : `${others} services run already, and no more may`;
  throw new CoreError(
    { code: 'limited', retryAfterSeconds: 30 },
    `${words} (FRANCA_LOCAL_SERVICES=${limit}); stop another one first`,
  );
}

function notInstalled(kind: ServiceKind): CoreError {
  const where = 'no program of this name is on the PATH that jobs get';
  return invalid('', `${kind} is not installed on this server: ${where}`);
}

function checkSize(spec: Service['spec']): void {
  if (spec === null || JSON.stringify(spec).length <= maxSpecLength) return;
  throw new CoreError({ code: 'too_large' }, `what a service is asked for may have ${maxSpecLength} bytes`);
}
