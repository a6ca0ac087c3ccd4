import type { ServiceKey } from '../../core/ids.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Service } from '../../core/service.js';

/** All that decides what is to be done for a service. */
export interface ServiceSnapshot {
  readonly service: Service;
  /** False once it was stopped, or what it shows was deleted. */
  readonly isWanted: boolean;
}

/** The service as it stands now; null for one that is gone. */
export async function loadService(read: Repositories, key: ServiceKey): Promise<ServiceSnapshot | null> {
  const service = await read.services.findByKey(key);
  return service === null ? null : { service, isWanted: await isWanted(read, service) };
}

/** True while somebody wants it and what it shows is there. */
export async function isWanted(read: Repositories, service: Service): Promise<boolean> {
  if (service.desiredState === 'stopped') return false;
  const project = await read.projects.find(service.projectKey);
  if (project === null || project.deletedAt !== null) return false;
  if (service.runKey === null) return true;
  const run = await read.runs.findByKey(service.runKey);
  return run !== null && run.deletedAt === null;
}
