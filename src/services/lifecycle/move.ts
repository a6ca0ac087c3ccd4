import type { Job, Run } from '../../core/model.js';
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

/** Appends the report to the run's history, and moves the run if the rules let it. */
export async function moveRun(tx: Repositories, run: Run, report: Report, now: Micros): Promise<Run> {
  const effective = mayMove({ managed: run.managed, current: run, next: report });
  await tx.statuses.append({ runKey: run.key, jobKey: null, effective, traceback: null, ...report });
  if (!effective) return run;
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
    traceback: null,
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
