import type { ProjectKey } from '../../core/ids.js';
import type { Run, Workspace } from '../../core/model.js';
import type { BookmarkPage } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { type ProjectView, viewProjects } from '../projects/view.js';
import { type RunRow, rowsOf } from '../runs/view.js';
import { markerOf } from './set.js';

interface Page {
  readonly offset: number;
  readonly limit: number;
}

/**
 * The runs of all workspaces that the caller has marked and may read, last marked first.
 *
 * @throws CoreError `forbidden` for a run's own token.
 */
export async function listRunBookmarks(ctx: Context, page: Page): Promise<BookmarkPage<RunRow>> {
  const { read } = ctx.ports.store;
  const { items, total }: BookmarkPage<Run> = await read.bookmarks.runs(markerOf(ctx), page);
  return { items: await rowsOf(read, items), total };
}

/**
 * The projects of all workspaces that the caller has marked and may read, last marked first.
 *
 * @throws CoreError `forbidden` for a run's own token.
 */
export async function listProjectBookmarks(
  ctx: Context,
  page: Page,
): Promise<BookmarkPage<{ readonly view: ProjectView; readonly workspace: Workspace }>> {
  const { read } = ctx.ports.store;
  const { items, total } = await read.bookmarks.projects(markerOf(ctx), page);
  const workspaces = await read.accounts.findWorkspaces([
    ...new Set(items.map((project) => project.workspaceKey)),
  ]);
  const views = new Map<ProjectKey, { view: ProjectView; workspace: Workspace }>();
  for (const workspace of workspaces.values()) {
    const there = items.filter(({ workspaceKey }) => workspaceKey === workspace.key);
    for (const view of await viewProjects({ ...ctx, workspace }, there)) {
      views.set(view.project.key, { view, workspace });
    }
  }
  return { items: items.flatMap(({ key }) => views.get(key) ?? []), total };
}
