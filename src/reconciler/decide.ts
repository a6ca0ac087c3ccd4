import type { Attempt, Job } from '../core/model.js';
import type { RunSpec } from '../core/spec.js';
import { isTerminal, type Reason } from '../core/status.js';
import type { Outcome } from '../services/lifecycle/finish.js';
import type { RunSnapshot } from '../services/lifecycle/load.js';

/** What is to be done next to make a run what is wanted of it. */
export type Decision =
  | { readonly kind: 'none' }
  /** Wait for room for all of its jobs, then take it. */
  | { readonly kind: 'admit'; readonly jobs: number }
  /** Let the runner make the jobs what the spec says. */
  | { readonly kind: 'submit' }
  /** Let the runner end every job of the run. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'retry'; readonly reason: RetryReason; readonly message: string }
  | { readonly kind: 'finish'; readonly outcome: Outcome }
  /** Remove all that is left of a deleted run. */
  | { readonly kind: 'purge' };

/** Why an attempt is repeated: its spec asks for it, or where it was to run was lost before it ran. */
export type RetryReason = Extract<Attempt['reason'], 'retry' | 'infrastructure'>;

/** Reasons of a failure that a job brings upon itself, for which a spec may ask for another try. */
const retried: ReadonlySet<Reason | null> = new Set(['exit_nonzero', 'signal', 'oom_killed']);

/** Reasons that have nothing to do with the job: while nothing of it has run, another try is free. */
const lost: ReadonlySet<Reason | null> = new Set(['evicted', 'preempted', 'node_lost', 'node_shutdown']);
const freeRetries = 3;

/**
 * Jobs that may have a process: not ended, and of an attempt that was given room. A crash between
 * giving room and starting is why "may".
 */
export function liveJobs({ run, attempt, jobs }: RunSnapshot): readonly Job[] {
  return jobs.filter((job) => !isTerminal(job.status) && (job.attempt < run.attempt || attempt.admitted));
}

/** The jobs that the current attempt consists of. */
export function currentJobs({ run, jobs }: RunSnapshot): readonly Job[] {
  return jobs.filter((job) => job.attempt === run.attempt && !job.retired);
}

/** Pure: the same snapshot gives the same decision. */
export function decide(snapshot: RunSnapshot): Decision {
  const { run, spec, attempt } = snapshot;
  const alive = liveJobs(snapshot).length > 0;
  if (run.purgeAt !== null) return { kind: alive ? 'stop' : 'purge' };
  if (isTerminal(run.status)) return { kind: alive ? 'stop' : 'none' };
  if (run.desiredState === 'stopped') {
    if (alive) return { kind: 'stop' };
    return { kind: 'finish', outcome: { status: 'stopped', reason: 'user_stop', message: null, at: null } };
  }
  if (liveJobs(snapshot).some((job) => job.attempt < run.attempt)) return { kind: 'stop' };
  const current = currentJobs(snapshot);
  const outcome = outcomeOf(spec, current);
  if (outcome !== null) {
    if (alive) return { kind: 'stop' };
    const reason = retryOf(snapshot, outcome);
    return reason === null
      ? { kind: 'finish', outcome }
      : { kind: 'retry', reason, message: `started again after: ${outcome.message ?? outcome.reason}` };
  }
  if (!attempt.admitted) return { kind: 'admit', jobs: current.length };
  if (attempt.submittedRevision !== run.specRevision) return { kind: 'submit' };
  return { kind: 'none' };
}

/** How the attempt ended, or null while it goes on. The first decisive end counts; what ends after it does not. */
export function outcomeOf(spec: RunSpec, jobs: readonly Job[]): Outcome | null {
  const ended = jobs
    .filter((job) => isTerminal(job.status))
    .sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || a.number - b.number);
  const success = successOf(spec, jobs);
  const unsuccessful = ended.filter(({ status }) => status !== 'succeeded');
  // What was stopped because the run had ended did not end it, though a runner may round its time down.
  const failed =
    unsuccessful.find(({ reason }) => reason !== 'run_ended') ??
    (success === null ? unsuccessful[0] : undefined);
  if (failed !== undefined && (success === null || (failed.finishedAt ?? 0) < (success.finishedAt ?? 0))) {
    return failureOf(failed);
  }
  return success === null
    ? null
    : { status: 'succeeded', reason: null, message: null, at: success.finishedAt };
}

/** The job whose success is the run's, or null if that has not come. */
function successOf(spec: RunSpec, jobs: readonly Job[]): Job | null {
  const { completion } = spec.termination;
  if (completion.kind === 'job') {
    const wanted = completion.role.toLowerCase();
    const decisive = jobs.find((job) => job.role.toLowerCase() === wanted && job.index === completion.index);
    return decisive?.status === 'succeeded' ? decisive : null;
  }
  if (jobs.length === 0 || jobs.some((job) => job.status !== 'succeeded')) return null;
  return jobs.reduce((last, job) => ((job.finishedAt ?? 0) > (last.finishedAt ?? 0) ? job : last));
}

function failureOf(job: Job): Outcome {
  const detail = job.message ?? job.reason;
  return {
    status: 'failed',
    reason: job.reason ?? 'internal',
    message: detail === null ? `${job.name} failed` : `${job.name}: ${detail}`,
    at: job.finishedAt,
  };
}

function retryOf(snapshot: RunSnapshot, outcome: Outcome): RetryReason | null {
  const { spec, attempts } = snapshot;
  if (outcome.status !== 'failed') return null;
  const retries = (reason: RetryReason) => attempts.filter((attempt) => attempt.reason === reason).length;
  if (retried.has(outcome.reason)) return retries('retry') < spec.termination.maxRetries ? 'retry' : null;
  const hasRun = currentJobs(snapshot).some(({ startedAt }) => startedAt !== null);
  const isFree = lost.has(outcome.reason) && !hasRun && retries('infrastructure') < freeRetries;
  return isFree ? 'infrastructure' : null;
}
