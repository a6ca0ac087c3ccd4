import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { isTerminal } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import { moveRun, type Report } from './move.js';

/** What the history says of a stop that a user asked for. */
export function stopReport(run: Run, status: 'stopping' | 'stopped', at: Micros): Report {
  return { attempt: run.attempt, status, origin: 'system', at, reason: 'user_stop', message: null };
}

/**
 * Inside a transaction that holds the run: asks the reconciler, which must be woken afterwards, for the end of
 * a run that Franca started. One that has ended or is stopping already stays as it is, and so does one that
 * only reports here.
 */
export async function beginStop(tx: Repositories, run: Run, now: Micros): Promise<Run> {
  if (!run.managed || isTerminal(run.status) || run.desiredState === 'stopped') return run;
  const wanted = await tx.runs.update(run.key, { desiredState: 'stopped' }, now);
  return moveRun(tx, wanted, stopReport(run, 'stopping', now), now);
}
