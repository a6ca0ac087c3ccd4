import { invalid } from '../../core/errors.js';
import type { JobId } from '../../core/ids.js';
import { slugOf } from '../../core/ids.js';
import type { Job, Run } from '../../core/model.js';
import type { IdSource, NewJob } from '../../core/ports/index.js';
import type { Role, SpecInput } from '../../core/spec.js';
import type { Micros } from '../../core/time.js';

/** The most jobs that one run may have at once. */
export const maxJobs = 1000;

/**
 * @throws CoreError `invalid` for a spec that no runner could start: no replica at all, too many, or
 * two roles of one name.
 */
export function checkSpec(spec: SpecInput): void {
  const names = new Set(spec.roles.map((role) => role.name.toLowerCase()));
  if (names.size !== spec.roles.length) throw invalid('spec', 'two roles have the same name');
  const replicas = spec.roles.reduce((sum, role) => sum + role.replicas, 0);
  if (replicas < 1) throw invalid('spec', 'at least one replica must be asked for');
  if (replicas > maxJobs)
    throw invalid('spec', `${replicas} replicas are more than a run may have (${maxJobs})`);
}

/** The name of a run where one is needed: its own, or `run-<number>`. */
export function displayName(run: Pick<Run, 'name' | 'number'>): string {
  return run.name ?? `run-${run.number}`;
}

/** One new job for each replica of the spec that `existing` has not. */
export function missingJobs(
  ids: IdSource,
  run: Run,
  attempt: number,
  spec: SpecInput,
  existing: readonly Job[],
  now: Micros,
): NewJob[] {
  const taken = new Set(existing.map((job) => `${job.role}/${job.index}`));
  return spec.roles.flatMap((role) =>
    Array.from({ length: role.replicas }, (_, index) => index)
      .filter((index) => !taken.has(`${role.name}/${index}`))
      .map((index) => newJob(ids, run, attempt, role, index, now)),
  );
}

function newJob(ids: IdSource, run: Run, attempt: number, role: Role, index: number, now: Micros): NewJob {
  return {
    id: ids.uuid() as JobId,
    attempt,
    role: role.name,
    index,
    name: `${slugOf(displayName(run), 'run')}-${role.name.toLowerCase()}-${index}`,
    status: 'created',
    resources: role.resources,
    createdAt: now,
  };
}
