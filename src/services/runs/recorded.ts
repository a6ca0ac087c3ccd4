import type { MetricSummary } from '../../core/metrics.js';
import type { Project, Run } from '../../core/model.js';
import type { Param, Tag } from '../../core/params.js';
import type { Repositories } from '../../core/ports/index.js';

/** A run with what was recorded for it, and the runs that it belongs to. */
export interface RecordedRun {
  readonly run: Run;
  readonly project: Project;
  /** The run that it is a part of, if that is here. */
  readonly parent: Run | null;
  /** The run that it was made of; a deleted one too, until it is purged. */
  readonly origin: Run | null;
  readonly tags: readonly Tag[];
  readonly params: readonly Param[];
  /** Of each metric. */
  readonly summaries: readonly MetricSummary[];
}

/** Reads what was recorded for these runs, with one query a table; a run whose project is gone is left out. */
export async function recordedRuns(
  read: Repositories,
  runs: readonly Run[],
): Promise<readonly RecordedRun[]> {
  const keys = runs.map((run) => run.key);
  const others = runs.flatMap((run) => [run.parentKey, run.originKey]).filter((key) => key !== null);
  const [projects, found, tags, params, summaries] = await Promise.all([
    read.projects.findMany([...new Set(runs.map((run) => run.projectKey))]),
    read.runs.findMany([...new Set(others)]),
    read.tags.list(keys),
    read.params.list(keys),
    read.metrics.summaries(keys),
  ]);
  const other = (key: Run['key'] | null) => (key === null ? null : (found.get(key) ?? null));
  return runs.flatMap((run) => {
    const project = projects.get(run.projectKey);
    if (project === undefined) return [];
    return [
      {
        run,
        project,
        parent: other(run.parentKey),
        origin: other(run.originKey),
        tags: tags.get(run.key) ?? [],
        params: params.get(run.key) ?? [],
        summaries: summaries.get(run.key) ?? [],
      },
    ];
  });
}
