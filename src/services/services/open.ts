import { setTimeout as delay } from 'node:timers/promises';
import { notFound, unavailable } from '../../core/errors.js';
import type { ServiceKind } from '../../core/service.js';
import type { Context } from '../context.js';
import { getService } from './get.js';
import type { SubjectRef } from './subject.js';

/** How long a page waits for a program that is still starting. */
export interface OpenOptions {
  /** In milliseconds; 30 s without it. */
  readonly patienceMillis?: number;
  /** Ends the waiting: whoever asked has gone away. */
  readonly signal?: AbortSignal;
}

/** Where a program answers. */
export interface ServiceAddress {
  /** On the loopback interface. */
  readonly port: number;
  /** The path below which it knows its pages, without a slash at its end. */
  readonly pathPrefix: string;
}

const lookMillis = 100;

/**
 * Where the pages of a service are answered. Waits while its program starts.
 *
 * @throws CoreError `not_found` for the run or the project, or where no such service was started; `forbidden`;
 * `unavailable` if its program has ended by itself, or does not listen in time.
 */
export async function openService(
  ctx: Context,
  ref: SubjectRef,
  kind: ServiceKind,
  { patienceMillis = 30_000, signal }: OpenOptions = {},
): Promise<ServiceAddress> {
  const deadline = performance.now() + patienceMillis;
  for (;;) {
    const service = await getService(ctx, ref, kind);
    if (service === null) throw notFound('service', `no ${kind} was started here`);
    if (service.status === 'failed') throw unavailable(`${kind} has ended: ${service.message ?? ''}`);
    if (service.status === 'running' && service.port !== null) {
      // Runs may have come that its pages shall show.
      if (service.runKey === null) ctx.ports.waker.wakeService(service.key);
      return { port: service.port, pathPrefix: service.pathPrefix };
    }
    if (performance.now() >= deadline || signal?.aborted) throw unavailable(`${kind} is still starting`);
    await delay(lookMillis);
  }
}
