import type { ProjectKey, RunKey, WorkspaceKey } from '../../core/ids.js';
import type { MetricSummary } from '../../core/metrics.js';
import type { Project, Run, Workspace } from '../../core/model.js';
import type { Param } from '../../core/params.js';
import type { ServiceKind } from '../../core/service.js';
import type { Context } from '../context.js';

/** What runs are shown with: where they are, what they were made of, and what was logged for them. */
export interface RelatedToRuns {
  readonly projects: ReadonlyMap<ProjectKey, Project>;
  readonly workspaces: ReadonlyMap<WorkspaceKey, Workspace>;
  /** Origins by their own keys; deleted ones too, until they are purged. */
  readonly origins: ReadonlyMap<RunKey, Run>;
  /** Those that the caller has marked. */
  readonly bookmarked: ReadonlySet<RunKey>;
  /** Of runs that have any; none where they were not asked for, as the summaries. */
  readonly params: ReadonlyMap<RunKey, readonly Param[]>;
  readonly summaries: ReadonlyMap<RunKey, readonly MetricSummary[]>;
  /** The kinds of services that are up, of runs that have any. */
  readonly services: ReadonlyMap<RunKey, ReadonlySet<ServiceKind>>;
}

/** Whether what was logged is read, too; it is without these. Lists show it only to whoever asks for it. */
export interface RelatedOptions {
  readonly params?: boolean;
  readonly summaries?: boolean;
}

/** Reads what these runs are shown with, with one query a table. */
export async function relatedTo(
  ctx: Context,
  runs: readonly Run[],
  { params: withParams = true, summaries: withSummaries = true }: RelatedOptions = {},
): Promise<RelatedToRuns> {
  const { read } = ctx.ports.store;
  const keys = runs.map((run) => run.key);
  const originKeys = runs.flatMap((run) => (run.originKey === null ? [] : [run.originKey]));
  const [origins, bookmarked, params, summaries, services] = await Promise.all([
    read.runs.findMany(originKeys),
    read.bookmarks.markedRuns(ctx.actor.user.key, keys),
    read.params.list(withParams ? keys : []),
    read.metrics.summaries(withSummaries ? keys : []),
    read.services.upOfRuns(keys),
  ]);
  const projectKeys = new Set([...runs, ...origins.values()].map((run) => run.projectKey));
  const projects = await read.projects.findMany([...projectKeys]);
  const workspaceKeys = new Set([...projects.values()].map((project) => project.workspaceKey));
  const workspaces = await read.accounts.findWorkspaces([...workspaceKeys]);
  return { projects, workspaces, origins, bookmarked, params, summaries, services };
}
