import type { RunKey } from '../../core/ids.js';
import type { Job, Run, StatusEvent } from '../../core/model.js';
import type { Tag } from '../../core/params.js';
import type { Repositories } from '../../core/ports/index.js';
import type { RunSpec } from '../../core/spec.js';

/** A run with what lists of many show of it: without its spec and its jobs, which may be large. */
export interface RunRow {
  readonly run: Run;
  /** Of the run itself, without its jobs'. */
  readonly events: readonly StatusEvent[];
  readonly tags: readonly Tag[];
}

/** A run with all that the dialects show of it in details; histories are read apart. */
export interface RunView extends RunRow {
  /** The wanted spec; null for a run without one. */
  readonly spec: RunSpec | null;
  /** Of all attempts. */
  readonly jobs: readonly Job[];
}

/** Reads what lists show of these runs, with one query a table. */
export async function rowsOf(read: Repositories, runs: readonly Run[]): Promise<readonly RunRow[]> {
  const keys = runs.map((run) => run.key);
  const [events, tags] = await Promise.all([read.statuses.list(keys, { jobs: false }), read.tags.list(keys)]);
  const eventsOf = groupByRun(events);
  return runs.map((run) => ({
    run,
    events: eventsOf.get(run.key) ?? [],
    tags: tags.get(run.key) ?? [],
  }));
}

/** Reads what belongs to these runs, with one query a table. */
export async function viewRuns(read: Repositories, runs: readonly Run[]): Promise<readonly RunView[]> {
  const keys = runs.map((run) => run.key);
  const [rows, specs, jobs] = await Promise.all([
    rowsOf(read, runs),
    read.specs.current(keys),
    read.jobs.list(keys),
  ]);
  const jobsOf = groupByRun(jobs);
  return rows.map((row) => ({
    ...row,
    spec: specs.get(row.run.key) ?? null,
    jobs: jobsOf.get(row.run.key) ?? [],
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
