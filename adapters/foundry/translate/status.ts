import type { Run } from '../../../src/core/model.js';
import { type Status, statuses, whyOf } from '../../../src/core/status.js';
import type { ExperimentStatus } from '../wire/experiment.js';

/** What each status is shown as, and whether its message is. */
const shown = {
  created: ['RUNNING', false],
  queued: ['RUNNING', false],
  resuming: ['RUNNING', false],
  building: ['RUNNING', true],
  unschedulable: ['RUNNING', true],
  scheduled: ['RUNNING', false],
  starting: ['RUNNING', true],
  running: ['RUNNING', false],
  warning: ['RUNNING', true],
  stopping: ['RUNNING', false],
  unknown: ['RUNNING', true],
  succeeded: ['SUCCEEDED', false],
  failed: ['FAILED', true],
  upstream_failed: ['FAILED', true],
  stopped: ['FAILED', true],
  skipped: ['FAILED', true],
} as const satisfies Record<Status, readonly [ExperimentStatus, boolean]>;

/** Every status that is shown. */
export const experimentStatuses = ['RUNNING', 'SUCCEEDED', 'FAILED'] as const satisfies ExperimentStatus[];

/** A run's status, with its message where that says more. */
export function statusOf(run: Pick<Run, 'status' | 'statusReason' | 'statusMessage'>): {
  status: ExperimentStatus;
  statusMessage?: string;
} {
  const [status, hasMessage] = shown[run.status];
  const message = hasMessage ? messageOf(run) : null;
  return message === null ? { status } : { status, statusMessage: message };
}

/** The core's statuses that are shown as this one. */
export function statusesShownAs(status: ExperimentStatus): readonly Status[] {
  return statuses.filter((each) => shown[each][0] === status);
}

/** There is no field for the reason, so it stands in the message; and what FAILED does not say: that it was stopped or skipped. */
function messageOf({
  status,
  statusReason,
  statusMessage,
}: Pick<Run, 'status' | 'statusReason' | 'statusMessage'>): string | null {
  return whyOf(statusReason, statusMessage) || (status === 'failed' ? null : status);
}
