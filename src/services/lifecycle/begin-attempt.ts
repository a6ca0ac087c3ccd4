import type { RunKey } from '../../core/ids.js';
import type { Attempt, Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { SpecInput } from '../../core/spec.js';
import { isTerminal, type Reason } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import type { Ports } from '../context.js';
import { missingJobs } from '../runs/jobs.js';
import { moveJob, moveRun } from './move.js';

export interface Beginning {
  readonly reason: Exclude<Attempt['reason'], 'first'>;
  readonly message: string;
}

const reasonOf = {
  retry: 'retry',
  infrastructure: 'retry',
  respecified: 'respecified',
} as const satisfies Record<Beginning['reason'], Reason>;

/**
 * Inside a transaction that holds the run: the next attempt, last in the line, with jobs of its own.
 * Jobs of an attempt that never got room are skipped; those that run are ended by the reconciler.
 */
export async function beginAttempt(
  ports: Ports,
  tx: Repositories,
  run: Run,
  spec: SpecInput,
  beginning: Beginning,
  now: Micros,
): Promise<Run> {
  const reason = reasonOf[beginning.reason];
  const report = { origin: 'system', at: now, reason, message: beginning.message } as const;
  const previous = await tx.attempts.find(run.key, run.attempt);
  if (previous?.admitted === false) {
    for (const job of await tx.jobs.list([run.key])) {
      if (job.attempt !== run.attempt || isTerminal(job.status)) continue;
      await moveJob(tx, run, job, { ...report, attempt: job.attempt, status: 'skipped' }, {}, now);
    }
  }
  const attempt = run.attempt + 1;
  await tx.attempts.insert({ runKey: run.key, number: attempt, reason: beginning.reason, createdAt: now });
  await tx.jobs.insert(run.key, missingJobs(ports.ids, run, attempt, spec, [], now));
  const wanted = await tx.runs.update(run.key, { desiredState: 'running' }, now);
  return moveRun(tx, wanted, { ...report, attempt, status: 'resuming' }, now);
}

/**
 * Starts the run again after its attempt failed.
 *
 * @returns false if that attempt is not the current one any more.
 */
export async function retryRun(
  ports: Ports,
  key: RunKey,
  attempt: number,
  spec: SpecInput,
  { reason, message }: Beginning,
): Promise<boolean> {
  return ports.store.transaction(async (tx) => {
    const run = await tx.runs.lock(key);
    if (run === null || run.attempt !== attempt || run.desiredState === 'stopped') return false;
    await beginAttempt(ports, tx, run, spec, { reason, message }, ports.clock.now());
    return true;
  });
}
