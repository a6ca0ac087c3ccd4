import type { Project } from '../../core/model.js';
import type { Context } from '../context.js';

/** A project with what lists and details show of it. */
export interface ProjectView {
  readonly project: Project;
  /** Runs that are not deleted. */
  readonly runs: number;
  /** True if the caller has marked it. */
  readonly bookmarked: boolean;
}

/** Reads what is shown with these projects of the request's workspace, with one query a table. */
export async function viewProjects(
  ctx: Context,
  projects: readonly Project[],
): Promise<readonly ProjectView[]> {
  const { read } = ctx.ports.store;
  const keys = projects.map((project) => project.key);
  const [counts, marked] = await Promise.all([
    read.projects.counts(ctx.workspace.key, keys),
    read.bookmarks.markedProjects(ctx.actor.user.key, keys),
  ]);
  return projects.map((project) => ({
    project,
    runs: counts.get(project.key)?.runs ?? 0,
    bookmarked: marked.has(project.key),
  }));
}

/** Reads what is shown with this project. */
export async function viewProject(ctx: Context, project: Project): Promise<ProjectView> {
  const [view] = await viewProjects(ctx, [project]);
  if (view === undefined) throw new Error('a view is made for every project');
  return view;
}
