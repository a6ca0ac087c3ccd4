import type { Project, Run } from '../../core/model.js';
import type { BookmarkPage } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { type RunView, viewRuns } from '../runs/view.js';
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
export async function listRunBookmarks(ctx: Context, page: Page): Promise<BookmarkPage<RunView>> {
  const { read } = ctx.ports.store;
  const { items, total }: BookmarkPage<Run> = await read.bookmarks.runs(markerOf(ctx), page);
  return { items: await viewRuns(read, items), total };
}

/**
 * The projects of all workspaces that the caller has marked and may read, last marked first.
 *
 * @throws CoreError `forbidden` for a run's own token.
 */
export async function listProjectBookmarks(ctx: Context, page: Page): Promise<BookmarkPage<Project>> {
  return ctx.ports.store.read.bookmarks.projects(markerOf(ctx), page);
}
