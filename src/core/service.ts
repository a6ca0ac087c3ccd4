import type { JobId, ProjectKey, RunId, RunKey, ServiceId, ServiceKey } from './ids.js';
import type { Author } from './model.js';
import type { Reason, Status } from './status.js';
import type { Micros } from './time.js';

/** Which program a service is; its name is the program's. */
export type ServiceKind = 'tensorboard';

/** `starting` until the program listens. A program that ended by itself has `failed`, whatever it said. */
export type ServiceStatus = Extract<Status, 'created' | 'starting' | 'running' | 'stopping' | 'failed'>;

/** What a service shows: the outputs of one run, or (`runKey` null) of every run of the project. */
export interface ServiceSubject {
  readonly projectKey: ProjectKey;
  readonly runKey: RunKey | null;
}

/** A program that runs beside runs and shows their outputs; at most one of a kind for each subject. */
export interface Service extends ServiceSubject {
  readonly key: ServiceKey;
  readonly id: ServiceId;
  readonly kind: ServiceKind;
  readonly desiredState: 'running' | 'stopped';
  readonly status: ServiceStatus;
  readonly reason: Reason | null;
  /** Why it failed, with the last line that it printed. */
  readonly message: string | null;
  /** The process that it is now; each start makes a new one. */
  readonly jobId: JobId;
  /** Where it listens on the loopback interface; null before the runner has given it a port. */
  readonly port: number | null;
  /** The path below which clients see it, without a trailing slash. */
  readonly pathPrefix: string;
  /** What its client asked for, as it came; the local runner needs none of it. */
  readonly spec: Readonly<Record<string, unknown>> | null;
  readonly createdBy: Author;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
}

/** True for a service that somebody wants and that has not failed. */
export function isUp(service: Pick<Service, 'desiredState' | 'status'>): boolean {
  return service.desiredState === 'running' && service.status !== 'failed';
}

/** The id by which the runner and the store of logs know a service: to them it is a run of one job. */
export function asRunId(id: ServiceId): RunId {
  return id as string as RunId;
}
