import { type Status, statuses } from '../../../src/core/status.js';

/** The statuses of this dialect, in the order of their numbers, from 1. */
export const runStatuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;

export type RunStatus = (typeof runStatuses)[number];

const wordOf = {
  created: 'SCHEDULED',
  queued: 'SCHEDULED',
  resuming: 'SCHEDULED',
  building: 'SCHEDULED',
  unschedulable: 'SCHEDULED',
  scheduled: 'SCHEDULED',
  starting: 'SCHEDULED',
  running: 'RUNNING',
  warning: 'RUNNING',
  stopping: 'RUNNING',
  unknown: 'RUNNING',
  succeeded: 'FINISHED',
  failed: 'FAILED',
  upstream_failed: 'FAILED',
  stopped: 'KILLED',
  skipped: 'KILLED',
} as const satisfies Record<Status, RunStatus>;

const reported = {
  RUNNING: 'running',
  SCHEDULED: 'scheduled',
  FINISHED: 'succeeded',
  FAILED: 'failed',
  KILLED: 'stopped',
} as const satisfies Record<RunStatus, Status>;

/** A status as this dialect shows it. */
export function fromStatus(status: Status): RunStatus {
  return wordOf[status];
}

/** The status that a client reports. */
export function toStatus(word: RunStatus): (typeof reported)[RunStatus] {
  return reported[word];
}

/** All statuses that are shown as this one. */
export function statusesOf(word: RunStatus): readonly Status[] {
  return statuses.filter((status) => wordOf[status] === word);
}
