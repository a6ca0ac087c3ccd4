import type { RunKey } from '../../core/ids.js';
import type { Repositories } from '../../core/ports/index.js';
import { hasSetup, type RunSpec } from '../../core/spec.js';
import type { Micros } from '../../core/time.js';
import type { Ports } from '../context.js';
import { moveRun } from './move.js';

/** What the runner has taken. */
export interface Submission {
  readonly attempt: number;
  readonly spec: RunSpec;
  /** What the runner said to it. */
  readonly remarks: readonly string[];
}

/**
 * Keeps which revision of the spec the runner has taken for an attempt. What the runner remarked on the first of an
 * attempt is told in the run's history, once.
 */
export async function recordSubmission(ports: Ports, key: RunKey, submission: Submission): Promise<void> {
  const { attempt, spec, remarks } = submission;
  await ports.store.transaction(async (tx) => {
    if (remarks.length > 0) await tellRemarks(tx, key, submission, ports.clock.now());
    await tx.attempts.update(key, attempt, { submittedRevision: spec.revision });
  });
  ports.crash('submit.recorded');
}

async function tellRemarks(
  tx: Repositories,
  key: RunKey,
  { attempt, spec, remarks }: Submission,
  now: Micros,
): Promise<void> {
  const run = await tx.runs.lock(key);
  const before = await tx.attempts.find(key, attempt);
  if (run === null || before === null || before.submittedRevision !== null) return;
  const status = hasSetup(spec) ? 'building' : 'scheduled';
  const message = remarks.join('; ');
  await moveRun(tx, run, { attempt, status, origin: 'runner', at: now, reason: null, message }, now);
}
