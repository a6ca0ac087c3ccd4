import type { RunKey } from '../../core/ids.js';
import { findRole, hasSetup } from '../../core/spec.js';
import { isTerminal } from '../../core/status.js';
import type { Ports } from '../context.js';
import { moveJob, moveRun } from './move.js';

/**
 * Gives a waiting attempt its room; from now on its jobs may exist: `building` where something is to be set up
 * first, else `scheduled`.
 *
 * @returns false if it wants none any more: it was stopped, deleted or replaced meanwhile.
 */
export async function admitAttempt(ports: Ports, key: RunKey, attempt: number): Promise<boolean> {
  const admitted = await ports.store.transaction(async (tx) => {
    const run = await tx.runs.lock(key);
    if (run === null || run.attempt !== attempt || run.desiredState !== 'running' || isTerminal(run.status)) {
      return false;
    }
    const now = ports.clock.now();
    await tx.attempts.update(key, attempt, { admitted: true });
    const spec = run.specRevision === null ? null : await tx.specs.find(key, run.specRevision);
    const common = { attempt, origin: 'system', at: now, reason: null, message: null } as const;
    const after = (builds: boolean) => ({ ...common, status: builds ? 'building' : 'scheduled' }) as const;
    await moveRun(tx, run, after(spec !== null && hasSetup(spec)), now);
    for (const job of await tx.jobs.list([key])) {
      if (job.attempt !== attempt || job.retired) continue;
      const role = spec === null ? undefined : findRole(spec, job.role);
      await moveJob(tx, run, job, after((role?.setup ?? null) !== null), {}, now);
    }
    return true;
  });
  if (admitted) ports.crash('admit.afterCommit');
  return admitted;
}

/** Says in the history that an attempt waits for room; a repeat says nothing. */
export async function markQueued(ports: Ports, key: RunKey, attempt: number, message: string): Promise<void> {
  await ports.store.transaction(async (tx) => {
    const run = await tx.runs.lock(key);
    if (run === null || run.attempt !== attempt || run.status === 'queued' || isTerminal(run.status)) return;
    const now = ports.clock.now();
    const event = { status: 'queued', origin: 'system', at: now, reason: null } as const;
    await moveRun(tx, run, { ...event, attempt, message }, now);
  });
}
