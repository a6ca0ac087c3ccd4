import type { Project } from '../../core/model.js';
import type { ServiceKind } from '../../core/service.js';
import type { Context } from '../context.js';

/** A project with what lists and details show of it. */
export interface ProjectView {
  readonly project: Project;
  /** Runs that are not deleted. */
  readonly runs: number;
  /** True if code was uploaded for its next runs. */
  readonly hasCode: boolean;
  /** True if the caller has marked it. */
  readonly bookmarked: boolean;
  /** The kinds of its own services that are up, its runs' left out. */
  readonly services: ReadonlySet<ServiceKind>;
}

/** Reads what is shown with these projects of the request's workspace, with one query a table. */
export async function viewProjects(
  ctx: Context,
  projects: readonly Project[],
): Promise<readonly ProjectView[]> {
  const { read } = ctx.ports.store;
  const keys = projects.map((project) => project.key);
  const [counts, marked, services] = await Promise.all([
    read.projects.counts(ctx.workspace.key, keys),
    read.bookmarks.markedProjects(ctx.actor.user.key, keys),
    read.services.upOfProjects(keys),
  ]);
  return projects.map((project) => ({
    project,
    runs: counts.get(project.key)?.runs ?? 0,
    hasCode: project.codeRoot !== null,
    bookmarked: marked.has(project.key),
    services: services.get(project.key) ?? new Set(),
  }));
}

/** Reads what is shown with this project. */
export async function viewProject(ctx: Context, project: Project): Promise<ProjectView> {
  const [view] = await viewProjects(ctx, [project]);
  if (view === undefined) throw new Error('a view is made for every project');
  return view;
}
