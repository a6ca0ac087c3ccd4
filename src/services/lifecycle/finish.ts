import type { RunKey } from '../../core/ids.js';
import { isTerminal, type Reason, type TerminalStatus } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import type { Ports } from '../context.js';
import { moveJob, moveRun } from './move.js';

/** How a run ended. */
export interface Outcome {
  readonly status: TerminalStatus;
  readonly reason: Reason | null;
  readonly message: string | null;
  /** null: now. */
  readonly at: Micros | null;
}

/**
 * Ends an attempt and with it the run. The first end wins; jobs that never started are `skipped`.
 *
 * @returns false if the run has ended already or is on to another attempt.
 */
export async function finishRun(
  ports: Ports,
  key: RunKey,
  attempt: number,
  outcome: Outcome,
): Promise<boolean> {
  const finished = await ports.store.transaction(async (tx) => {
    const run = await tx.runs.lock(key);
    if (run === null || run.attempt !== attempt || isTerminal(run.status)) return false;
    const now = ports.clock.now();
    const common = { origin: 'system', reason: outcome.reason, message: outcome.message } as const;
    for (const job of await tx.jobs.list([key])) {
      if (isTerminal(job.status)) continue;
      await moveJob(tx, run, job, { ...common, attempt: job.attempt, status: 'skipped', at: now }, {}, now);
    }
    await moveRun(tx, run, { ...common, attempt, status: outcome.status, at: outcome.at ?? now }, now);
    ports.crash('finish.beforeCommit');
    return true;
  });
  if (finished) ports.crash('finish.afterCommit');
  return finished;
}
