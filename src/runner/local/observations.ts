import { hostname } from 'node:os';
import type { RunId } from '../../core/ids.js';
import type { Observation } from '../../core/ports/runner.js';
import type { PlannedJob } from './plan-store.js';
import type { StateReading } from './state-file.js';

/** What a state file says, in the port's words. A job that is not claimed yet counts as building, or as starting. */
export function observationOf(
  runId: RunId,
  { id, hasSetup = false }: Pick<PlannedJob, 'id' | 'hasSetup'>,
  reading: StateReading,
): Observation {
  const state = typeof reading === 'string' ? null : reading;
  const end = state?.end ?? null;
  const builtAt = state?.builtAt ?? null;
  const startedAt = state?.startedAt ?? null;
  const before = hasSetup && builtAt === null ? 'building' : 'starting';
  return {
    runId,
    jobId: id,
    status: end?.status ?? (startedAt === null ? before : 'running'),
    reason: end?.reason ?? null,
    message: end?.message ?? null,
    exitCode: end?.exitCode ?? null,
    signal: end?.signal ?? null,
    node: hostname(),
    builtAt,
    startedAt,
    finishedAt: state?.finishedAt ?? null,
  };
}
