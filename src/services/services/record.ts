import type { ServiceKey } from '../../core/ids.js';
import type { ServicePatch } from '../../core/ports/index.js';
import type { Service } from '../../core/service.js';
import type { Ports } from '../context.js';
import { isWanted } from './load.js';

/** What the reconciler finds out about the process of a service. */
export type ServiceNews = Pick<ServicePatch, 'status' | 'reason' | 'message' | 'port'>;

/**
 * Takes in what was seen of a service's process, unless another one has taken its place meanwhile or the
 * service was stopped.
 */
export async function recordService(
  ports: Ports,
  { key, jobId }: Pick<Service, 'key' | 'jobId'>,
  news: ServiceNews,
): Promise<void> {
  await ports.store.transaction(async (tx) => {
    const service = await tx.services.lock(key);
    if (service === null || service.jobId !== jobId || service.desiredState === 'stopped') return;
    await tx.services.update(key, news, ports.clock.now());
  });
}

/**
 * Removes the row of a service of which nothing else is left; and with it that of a project that was
 * deleted for good, if this was the last of it.
 *
 * @returns false if it is wanted again.
 */
export async function removeService(ports: Ports, key: ServiceKey): Promise<boolean> {
  return ports.store.transaction(async (tx) => {
    const found = await tx.services.findByKey(key);
    if (found === null) return true;
    // Before the service, as whoever deletes the project does.
    await tx.projects.lock(found.projectKey);
    const service = await tx.services.lock(key);
    if (service !== null && (await isWanted(tx, service))) return false;
    await tx.services.remove(key);
    await tx.projects.removeIfEmpty(found.projectKey);
    return true;
  });
}
