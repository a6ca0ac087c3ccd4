/**
 * The life of a run and of a job: an append-only list of events, of which the row shows one.
 * Coarser statuses of the dialects are projections of these and never stored.
 */

/** Every status, in the order of the phases. */
export const statuses = [
  'created',
  'queued',
  'resuming',
  'building',
  'unschedulable',
  'scheduled',
  'starting',
  'running',
  'warning',
  'stopping',
  'unknown',
  'succeeded',
  'failed',
  'upstream_failed',
  'stopped',
  'skipped',
] as const;

export type Status = (typeof statuses)[number];

/** Statuses that end a run or a job. */
export type TerminalStatus = 'succeeded' | 'failed' | 'upstream_failed' | 'stopped' | 'skipped';

/** Where each status stands in a life; a life never goes back to an earlier phase within one attempt. */
export const phaseOf = {
  created: 0,
  queued: 0,
  resuming: 0,
  building: 1,
  unschedulable: 2,
  scheduled: 2,
  starting: 3,
  running: 4,
  warning: 4,
  stopping: 5,
  unknown: 5,
  succeeded: 6,
  failed: 6,
  upstream_failed: 6,
  stopped: 6,
  skipped: 6,
} as const satisfies Record<Status, number>;

/** True for a status that ends a run or a job. */
export function isTerminal(status: Status): status is TerminalStatus {
  return phaseOf[status] === 6;
}

/** Why a run or a job is in its status. */
export const reasons = [
  'exit_nonzero',
  'signal',
  'oom_killed',
  'evicted',
  'preempted',
  'node_lost',
  'node_shutdown',
  'deadline_exceeded',
  'disk_full',
  'image_pull',
  'config_error',
  'pod_deleted',
  'heartbeat_lost',
  'submit_rejected',
  'user_stop',
  'run_ended',
  'upstream',
  'retry',
  'respecified',
  'internal',
] as const;

export type Reason = (typeof reasons)[number];

/** Why, for a person: the message, with the reason before it unless it says that itself; null where neither is told. */
export function whyOf(reason: Reason | null, message: string | null): string | null {
  if (reason === null || message?.includes(reason) === true) return message;
  return message === null || message === '' ? reason : `${reason}: ${message}`;
}

/** Who says that a status was reached. */
export type Origin = 'runner' | 'client' | 'system';

/** What decides whether a new event moves the run or job that it belongs to. */
export interface Transition {
  /** True when this server runs it: then only the runner and the system can end it. */
  readonly managed: boolean;
  readonly current: { readonly status: Status; readonly attempt: number };
  readonly next: { readonly status: Status; readonly attempt: number; readonly origin: Origin };
}

/**
 * May this event move the run? An event that may not is kept in the history all the same.
 * Rules: a later attempt always may, an earlier one never; within an attempt a life goes forward by
 * phase, and inside a phase the later event wins; `unknown` follows any status that is not terminal
 * and yields to any; the first end of a managed run is final and is never the client's word; a later
 * reported end of an unmanaged run replaces the earlier one.
 */
export function mayMove({ managed, current, next }: Transition): boolean {
  if (managed && next.origin === 'client' && (isTerminal(next.status) || next.attempt !== current.attempt))
    return false;
  if (next.attempt !== current.attempt) return next.attempt > current.attempt;
  if (isTerminal(current.status)) return !managed && isTerminal(next.status);
  if (current.status === 'unknown' || next.status === 'unknown') return true;
  return phaseOf[next.status] >= phaseOf[current.status];
}

/**
 * The attempt that an unmanaged run's reported status belongs to: a status that is not an end, reported
 * after the end, reopens the run as a new attempt.
 */
export function attemptOfReport(current: { status: Status; attempt: number }, reported: Status): number {
  return isTerminal(current.status) && !isTerminal(reported) ? current.attempt + 1 : current.attempt;
}
