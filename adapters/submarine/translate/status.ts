import { type Status, statuses } from '../../../src/core/status.js';
import type { ExperimentStatus } from '../wire/experiment.js';

/** What Submarine's clients see of each status. `Deleted` is the answer to DELETE alone. */
export const experimentStatusOf = {
  created: 'Accepted',
  queued: 'Accepted',
  resuming: 'Accepted',
  building: 'Created',
  unschedulable: 'Created',
  scheduled: 'Created',
  starting: 'Created',
  running: 'Running',
  warning: 'Running',
  stopping: 'Running',
  unknown: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  upstream_failed: 'Failed',
  stopped: 'Failed',
  skipped: 'Failed',
} as const satisfies Record<Status, ExperimentStatus>;

/** The statuses that a filter asks for, in any case; none for a name that is none. */
export function statusesOf(filter: string): readonly Status[] {
  const wanted = filter.toLowerCase();
  return statuses.filter((status) => experimentStatusOf[status].toLowerCase() === wanted);
}
