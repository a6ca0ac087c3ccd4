import type { Job, Run, StatusEvent } from '../../core/model.js';
import type { JobPatch, Repositories, RunPatch } from '../../core/ports/index.js';
import { isTerminal, mayMove, type Origin, phaseOf, type Reason, type Status } from '../../core/status.js';
import type { Micros } from '../../core/time.js';

/** A status that somebody says was reached. */
export interface Report {
  readonly attempt: number;
  readonly status: Status;
  readonly origin: Origin;
  readonly at: Micros;
  readonly reason: Reason | null;
  readonly message: string | null;
}

/** What a client may say beside a status. */
export type ReportDetail = Pick<StatusEvent, 'traceback' | 'details'>;

const noDetail: ReportDetail = { traceback: null, details: null };

/** Appends the report to the run's history, and moves the run if the rules let it. */
export async function moveRun(tx: Repositories, run: Run, report: Report, now: Micros): Promise<Run> {
  return (await recordReport(tx, run, { ...report, ...noDetail }, () => true, now)).run;
}

/**
 * As `moveRun`, with all that a client says, and with its event.
 *
 * @param isLegal a further rule of its dialect on what may move a run that only reports here.
 */
export async function recordReport(
  tx: Repositories,
  run: Run,
  report: Report & ReportDetail,
  isLegal: (current: Status, next: Status) => boolean,
  now: Micros,
): Promise<{ run: Run; event: StatusEvent }> {
  const effective =
    mayMove({ managed: run.managed, current: run, next: report }) &&
    (run.managed || isLegal(run.status, report.status));
  const event = await tx.statuses.append({ runKey: run.key, jobKey: null, effective, ...report });
  return { run: effective ? await showReport(tx, run, report, now) : run, event };
}

async function showReport(tx: Repositories, run: Run, report: Report, now: Micros): Promise<Run> {
  const patch: RunPatch = {
    status: report.status,
    statusReason: report.reason,
    statusMessage: report.message,
    attempt: report.attempt,
    finishedAt: isTerminal(report.status) ? report.at : null,
    ...(run.startedAt === null && phaseOf[report.status] === phaseOf.running ? { startedAt: report.at } : {}),
  };
  return tx.runs.update(run.key, patch, now);
}

/** What else a report can say of a job. */
export type JobDetail = Pick<Job, 'exitCode' | 'signal' | 'node' | 'startedAt'>;

/** Appends the report to the job's history and moves the job; a report that changes nothing leaves no trace. */
export async function moveJob(
  tx: Repositories,
  run: Run,
  job: Job,
  report: Report,
  detail: Partial<JobDetail>,
  now: Micros,
): Promise<Job> {
  const sameStatus = job.status === report.status && job.message === report.message;
  if (sameStatus || !mayMove({ managed: true, current: job, next: report })) return job;
  await tx.statuses.append({
    runKey: run.key,
    jobKey: job.key,
    effective: true,
    ...noDetail,
    ...report,
  });
  const patch: JobPatch = {
    status: report.status,
    reason: report.reason,
    message: report.message,
    ...detail,
    ...(isTerminal(report.status) ? { finishedAt: report.at } : {}),
  };
  await tx.jobs.update(job.key, patch, now);
  return { ...job, ...patch };
}
