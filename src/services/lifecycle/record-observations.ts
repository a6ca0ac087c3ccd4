import type { RunKey } from '../../core/ids.js';
import type { Attempt, Job, Run } from '../../core/model.js';
import type { Observation, Repositories } from '../../core/ports/index.js';
import { isTerminal, phaseOf, type Reason, type Status } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import type { Ports } from '../context.js';
import { moveJob, moveRun } from './move.js';

/**
 * Takes in what the runner sees of a run's jobs. Told by level: what is known already changes nothing,
 * and what was missed in between (a start, when only the end was seen) is filled in with its own time.
 *
 * @returns true if anything was new.
 */
export async function recordObservations(
  ports: Ports,
  key: RunKey,
  observations: readonly Observation[],
): Promise<boolean> {
  ports.crash('observe.begin');
  const changed = await ports.store.transaction(async (tx) => {
    const run = await tx.runs.lock(key);
    if (run === null) return false;
    const now = ports.clock.now();
    const jobs = new Map((await tx.jobs.list([key])).map((job) => [job.id, job]));
    const attempts = await tx.attempts.list(key);
    let moved = run;
    let news = false;
    for (const seen of observations) {
      const job = jobs.get(seen.jobId);
      if (job === undefined || isTerminal(job.status)) continue;
      const after = await recordJob(tx, run, job, inContext(run, job, attempts, seen), now);
      news ||= after !== job;
      moved = await followJob(tx, moved, after, seen.builtAt, now);
      if (after !== job) moved = await tellOfJob(tx, moved, after, now);
    }
    return news;
  });
  ports.crash('observe.recorded');
  return changed;
}

/** A stop has the reason for which Franca asked for it; the runner knows only that it was asked. */
function inContext(run: Run, job: Job, attempts: readonly Attempt[], seen: Observation): Observation {
  if (seen.status !== 'stopped') return seen;
  return { ...seen, reason: stopReason(run, job, attempts) };
}

function stopReason(run: Run, job: Job, attempts: readonly Attempt[]): Reason {
  const next = attempts.find(({ number }) => number === job.attempt + 1);
  if (next !== undefined) return next.reason === 'respecified' ? 'respecified' : 'retry';
  if (job.retired) return 'respecified';
  return run.desiredState === 'stopped' ? 'user_stop' : 'run_ended';
}

async function recordJob(tx: Repositories, run: Run, job: Job, seen: Observation, now: Micros): Promise<Job> {
  const common = { attempt: job.attempt, origin: 'runner', reason: null, message: null } as const;
  let current = job;
  if (seen.builtAt !== null && current.status === 'building') {
    const report = { ...common, status: 'scheduled' as Status, at: seen.builtAt };
    current = await moveJob(tx, run, current, report, {}, now);
  }
  const started = seen.startedAt;
  if (started !== null && phaseOf[current.status] < phaseOf.running) {
    const report = { ...common, status: 'running' as Status, at: started };
    current = await moveJob(tx, run, current, report, { startedAt: started, node: seen.node }, now);
  }
  if (seen.status === 'running') {
    // Its node was silent for a while, and is heard again.
    if (current.status !== 'unknown') return current;
    return moveJob(tx, run, current, { ...common, status: 'running', at: now }, {}, now);
  }
  return moveJob(
    tx,
    run,
    current,
    {
      ...common,
      status: seen.status,
      at: seen.finishedAt ?? now,
      reason: seen.reason,
      message: seen.message,
    },
    { exitCode: seen.exitCode, signal: seen.signal, node: seen.node },
    now,
  );
}

/**
 * The run is as far as the furthest of its jobs; its end is decided elsewhere, when all of them are known.
 * A run that is building goes on once a job is built or needs no setup, and not when a setup fails.
 */
async function followJob(
  tx: Repositories,
  run: Run,
  job: Job,
  builtAt: Micros | null,
  now: Micros,
): Promise<Run> {
  if (job.attempt !== run.attempt) return run;
  const common = { attempt: run.attempt, origin: 'runner', reason: null, message: null } as const;
  let moved = run;
  if (moved.status === 'building') {
    const isOnItsWay = phaseOf[job.status] >= phaseOf.starting && !isTerminal(job.status);
    const at = builtAt ?? job.startedAt ?? (isOnItsWay ? now : null);
    if (at === null) return moved;
    moved = await moveRun(tx, moved, { ...common, status: 'scheduled', at }, now);
  }
  if (phaseOf[job.status] >= phaseOf.starting && phaseOf[moved.status] < phaseOf.starting) {
    moved = await moveRun(tx, moved, { ...common, status: 'starting', at: job.startedAt ?? now }, now);
  }
  if (job.startedAt !== null && phaseOf[moved.status] < phaseOf.running) {
    moved = await moveRun(tx, moved, { ...common, status: 'running', at: job.startedAt }, now);
  }
  return moved;
}

/** What keeps a job from running is what its run waits for; it is told with the job's name. */
async function tellOfJob(tx: Repositories, run: Run, job: Job, now: Micros): Promise<Run> {
  if (job.attempt !== run.attempt) return run;
  const common = { attempt: run.attempt, origin: 'runner', reason: null, at: now } as const;
  const message = job.message === null ? null : `${job.name}: ${job.message}`;
  const waits = job.status === 'unschedulable' || job.status === 'starting' || job.status === 'building';
  if (waits && message !== null && phaseOf[run.status] <= phaseOf[job.status])
    return moveRun(tx, run, { ...common, status: job.status, message }, now);
  if (job.status === 'unknown') return moveRun(tx, run, { ...common, status: 'unknown', message }, now);
  if (job.status === 'running' && run.status === 'unknown')
    return moveRun(tx, run, { ...common, status: 'running', message: null }, now);
  return run;
}
