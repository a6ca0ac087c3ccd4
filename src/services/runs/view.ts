import type { RunKey } from '../../core/ids.js';
import type { Job, Run, StatusEvent } from '../../core/model.js';
import type { Tag } from '../../core/params.js';
import type { Repositories } from '../../core/ports/index.js';
import type { RunSpec } from '../../core/spec.js';

/** A run with all that the dialects show of it in lists and details; histories are read apart. */
export interface RunView {
  readonly run: Run;
  /** The wanted spec; null for a run without one. */
  readonly spec: RunSpec | null;
  /** Of all attempts. */
  readonly jobs: readonly Job[];
  /** Of the run itself, without its jobs'. */
  readonly events: readonly StatusEvent[];
  readonly tags: readonly Tag[];
}

/** Reads what belongs to these runs, with one query a table. */
export async function viewRuns(read: Repositories, runs: readonly Run[]): Promise<readonly RunView[]> {
  const keys = runs.map((run) => run.key);
  const [specs, jobs, events, tags] = await Promise.all([
    read.specs.current(keys),
    read.jobs.list(keys),
    read.statuses.list(keys, { jobs: false }),
    read.tags.list(keys),
  ]);
  const jobsOf = groupByRun(jobs);
  const eventsOf = groupByRun(events);
  return runs.map((run) => ({
    run,
    spec: specs.get(run.key) ?? null,
    jobs: jobsOf.get(run.key) ?? [],
    events: eventsOf.get(run.key) ?? [],
    tags: tags.get(run.key) ?? [],
  }));
}

/** Reads what belongs to this run. */
export async function viewRun(read: Repositories, run: Run): Promise<RunView> {
  const [view] = await viewRuns(read, [run]);
  if (view === undefined) throw new Error('a view is made for every run');
  return view;
}

function groupByRun<T extends { readonly runKey: RunKey }>(items: readonly T[]): Map<RunKey, T[]> {
  const groups = new Map<RunKey, T[]>();
  for (const item of items) {
    const group = groups.get(item.runKey);
    if (group === undefined) groups.set(item.runKey, [item]);
    else group.push(item);
  }
  return groups;
}
