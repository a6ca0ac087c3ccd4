import { v5 } from 'uuid';
import { uuidToHex } from '../../../src/core/ids.js';
import type { Job, Run, StatusEvent } from '../../../src/core/model.js';
import { isTerminal, type Status, statuses, whyOf } from '../../../src/core/status.js';
import type { ClientReport } from '../../../src/services/runs/report-status.js';
import type { RunRow } from '../../../src/services/runs/view.js';
import type { ExperimentStatus, JobStatusRow, StatusInput, StatusRow } from '../wire/status.js';
import { toWireTime } from './time.js';

/** As what a run in each status is shown; null: as what it was before. */
export const wordOf = {
  created: 'created',
  queued: 'created',
  resuming: 'resuming',
  building: 'building',
  unschedulable: 'unschedulable',
  scheduled: 'scheduled',
  starting: 'starting',
  running: 'running',
  warning: 'warning',
  stopping: null,
  unknown: 'unknown',
  succeeded: 'succeeded',
  failed: 'failed',
  upstream_failed: 'upstream_failed',
  stopped: 'stopped',
  skipped: 'skipped',
} as const satisfies Record<Status, ExperimentStatus | null>;

/** The statuses that the server of 0.5 has words for: histories show these, and only these count in the ids of their rows. */
export const shownStatuses: readonly Status[] = statuses.filter((status) => wordOf[status] === status);

/** The status of a run as it is shown; of one that is being stopped, the one that it had before. */
export function lastStatusOf(status: Status, events: readonly StatusEvent[]): ExperimentStatus {
  const before = events.findLast((event) => event.effective && wordOf[event.status] !== null);
  return wordOf[status] ?? (before === undefined ? 'created' : (wordOf[before.status] ?? 'created'));
}

/** The status of a job, whose own history is not at hand: one that is being stopped is as far as its times say. */
export function jobStatusOf({ status, startedAt }: Job): ExperimentStatus {
  return wordOf[status] ?? (startedAt === null ? 'created' : 'running');
}

export function runStatusOf({ run, events }: Pick<RunRow, 'run' | 'events'>): ExperimentStatus {
  return lastStatusOf(run.status, events);
}

/**
 * The rule of 0.5 on what a status that a tracked experiment reports may follow (its server's table of
 * transitions). What may not is kept in the history and moves nothing.
 */
export function isLegalReport(current: Status, next: Status): boolean {
  if (next === 'stopped') return current !== 'stopped' && current !== 'skipped';
  const allowed = before[next];
  return allowed === 'unfinished' ? !isTerminal(current) : (allowed?.includes(current) ?? false);
}

const waiting: readonly Status[] = ['created', 'queued', 'resuming', 'warning', 'unknown', 'unschedulable'];
const scheduling: readonly Status[] = [...waiting, 'building'];

const before: Readonly<Partial<Record<Status, readonly Status[] | 'unfinished'>>> = {
  created: [],
  resuming: ['created', 'queued', 'warning', 'succeeded', 'skipped', 'stopped'],
  building: waiting,
  unschedulable: scheduling,
  scheduled: scheduling,
  starting: [...scheduling, 'scheduled'],
  running: [...scheduling, 'scheduled', 'starting'],
  succeeded: 'unfinished',
  failed: 'unfinished',
  upstream_failed: 'unfinished',
  skipped: 'unfinished',
  warning: 'unfinished',
  unknown: 'unfinished',
};

/** Derived, not stored: the same event has the same uuid wherever it is shown. */
function uuidOf(run: Run, { seq }: StatusEvent): string {
  return uuidToHex(v5(`status ${seq}`, run.id));
}

/** A row of a run's history; `number` is its place among the shown ones, from 1. */
export function fromStatusEvent(run: Run, event: StatusEvent, number: number): StatusRow {
  return {
    id: number,
    uuid: uuidOf(run, event),
    created_at: toWireTime(event.at),
    message: whyOf(event.reason, event.message),
    status: wordOf[event.status] ?? 'created',
    experiment: run.number,
    ...(event.traceback === null ? {} : { traceback: event.traceback }),
  };
}

/** A row of a job's history. */
export function fromJobStatusEvent(run: Run, job: Job, event: StatusEvent, number: number): JobStatusRow {
  const { experiment: _experiment, traceback: _traceback, ...row } = fromStatusEvent(run, event, number);
  return { ...row, job: job.number, details: event.details };
}

/** What a client reports. */
export function toReport({ status, message, traceback, details, created_at }: StatusInput): ClientReport {
  return {
    status,
    at: created_at ?? null,
    message: message ?? null,
    traceback: traceback ?? null,
    details: details ?? null,
    isLegal: isLegalReport,
  };
}
