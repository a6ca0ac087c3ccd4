import type { ProjectKey, RunKey, ServiceKey } from '../ids.js';
import type { Micros } from '../time.js';

export interface Clock {
  now(): Micros;
}

export interface IdSource {
  /** A new UUIDv7, lower case, dashed. */
  uuid(): string;
  /** 32 bytes of randomness as text fit for a token. */
  secret(): string;
}

/** Told after a commit that a run, a service, or a project that was deleted for good may need the reconciler. Losing it costs only time: the next sweep finds it. */
export interface Waker {
  wake(runKey: RunKey): void;
  wakeService(key: ServiceKey): void;
  wakeProject(key: ProjectKey): void;
}

/** Tells, within this process, that something about a run was committed: its status, its jobs, its deletion. */
export interface Changes {
  changed(runKey: RunKey): void;
  /** Calls the listener after each change of this run. Gives the way to end it. */
  listen(runKey: RunKey, listener: () => void): () => void;
}

/** Places in the life of a run where a test may kill the process; see docs/reliability.md. */
export const submissionPoints = [
  'create.beforeCommit',
  'create.afterCommit',
  'admit.afterCommit',
  'submit.begin',
  'local.planStored',
  'local.jobStored',
  'local.spawned',
  'submit.end',
  'submit.recorded',
  'observe.begin',
  'observe.recorded',
  'finish.beforeCommit',
  'finish.afterCommit',
] as const;

/** The same in its removal, in the order in which they are passed. */
export const purgePoints = [
  'purge.begin',
  'purge.jobsRemoved',
  'purge.logsRemoved',
  'purge.outputsRemoved',
  'purge.codeRemoved',
  'purge.beforeCommit',
  'purge.afterCommit',
] as const;

/** The same in the life of a service. */
export const servicePoints = ['service.begin', 'service.submitted', 'service.removing'] as const;

/** The same while what a job left in a file is taken in. */
export const intakePoints = ['intake.begin', 'intake.beforeCommit', 'intake.afterCommit'] as const;

/** The same where jobs are pods of a cluster. */
export const clusterPoints = [
  'cluster.recorded',
  'cluster.jobCreated',
  'cluster.jobRecorded',
  'cluster.serviceCreated',
  'cluster.endRecorded',
  'cluster.released',
] as const;

/** All of them. */
export const crashPoints = [
  ...clusterPoints,
  ...submissionPoints,
  ...purgePoints,
  ...servicePoints,
  ...intakePoints,
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** Does nothing, but in tests of faults, where it ends the process at a named point. */
export type Crash = (point: CrashPoint) => void;
