import { CoreError } from '../../../src/core/errors.js';
import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { listProjectBookmarks, listRunBookmarks } from '../../../src/services/bookmarks/list.js';
import type { Context } from '../../../src/services/context.js';
import { relatedTo } from '../../../src/services/runs/related.js';
import { toRow } from '../translate/experiment.js';
import { fromProject } from '../translate/project.js';
import { pageQuery } from '../wire/paging.js';
import { bookmarkedExperiments, bookmarkedProjects } from '../wire/project.js';
import { listAnswer, ownerParams, pageOf, unlogged } from './common.js';

const shared = { method: 'get', tag: 'bookmarks', params: ownerParams, query: pageQuery } as const;

/** Documented and served: what the caller has marked. */
export const bookmarkRoutes = {
  experiments: {
    ...shared,
    path: '/api/v1/bookmarks/{username}/experiments',
    operationId: 'listBookmarkedExperiments',
    summary: 'List the bookmarked experiments',
    answers: { 200: { description: 'Last marked first.', schema: bookmarkedExperiments } },
  },
  projects: {
    ...shared,
    path: '/api/v1/bookmarks/{username}/projects',
    operationId: 'listBookmarkedProjects',
    summary: 'List the bookmarked projects',
    answers: { 200: { description: 'Last marked first.', schema: bookmarkedProjects } },
  },
} as const;

/** Bookmarks are the caller's own. */
function requireOwn(ctx: Context, username: string): void {
  if (ctx.actor.user.name.toLowerCase() === username.toLowerCase()) return;
  throw new CoreError({ code: 'forbidden' }, 'bookmarks are shown to their owner alone');
}

/** Adds the routes of bookmarks. */
export function addBookmarkRoutes({ add, answer }: DialectApp, { settings }: AdapterDeps): void {
  add(bookmarkRoutes.experiments, async ({ params, query }, ctx, c) => {
    requireOwn(ctx, params.username);
    const page = pageOf(query);
    const { items, total } = await listRunBookmarks(ctx, page);
    const related = await relatedTo(
      ctx,
      items.map(({ run }) => run),
      unlogged,
    );
    const results = items.map((view) => ({ content_object: toRow(view, related, {}) }));
    return answer(c, listAnswer(c, settings.url, page, { count: total, results }));
  });

  add(bookmarkRoutes.projects, async ({ params, query }, ctx, c) => {
    requireOwn(ctx, params.username);
    const page = pageOf(query);
    const { items, total } = await listProjectBookmarks(ctx, page);
    const results = items.map(({ view, workspace }) => ({
      content_object: fromProject(view, workspace.name),
    }));
    return answer(c, listAnswer(c, settings.url, page, { count: total, results }));
  });
}
