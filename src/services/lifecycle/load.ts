import type { RunKey } from '../../core/ids.js';
import type { Attempt, Job, Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { RunSpec } from '../../core/spec.js';

/** All that decides what is to be done for a run. */
export interface RunSnapshot {
  readonly run: Run;
  readonly spec: RunSpec;
  /** The current one. */
  readonly attempt: Attempt;
  readonly attempts: readonly Attempt[];
  /** Of all attempts. */
  readonly jobs: readonly Job[];
}

/** The run as it stands now; null for one that is gone or that has no spec. */
export async function loadRun(read: Repositories, key: RunKey): Promise<RunSnapshot | null> {
  const run = await read.runs.findByKey(key);
  if (run === null || run.specRevision === null) return null;
  const [spec, attempts, jobs] = await Promise.all([
    read.specs.find(key, run.specRevision),
    read.attempts.list(key),
    read.jobs.list([key]),
  ]);
  const attempt = attempts.find(({ number }) => number === run.attempt);
  return spec === null || attempt === undefined ? null : { run, spec, attempt, attempts, jobs };
}
