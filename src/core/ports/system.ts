import type { RunKey } from '../ids.js';
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

/** Told after a commit that a run may need the reconciler. Losing it costs only time: the next sweep finds the run. */
export interface Waker {
  wake(runKey: RunKey): void;
}

/** Places where a test may kill the process; see docs/reliability.md. */
export const crashPoints = [
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

export type CrashPoint = (typeof crashPoints)[number];

/** Does nothing, but in tests of faults, where it ends the process at a named point. */
export type Crash = (point: CrashPoint) => void;
