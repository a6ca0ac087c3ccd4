import type { ProjectKey } from '../../core/ids.js';
import type { RunCursor } from '../../core/ports/index.js';
import type { Status } from '../../core/status.js';
import { readableScope, requireRole } from '../accounts/access.js';
import type { Context } from '../context.js';
import { type RunView, viewRuns } from './view.js';

const pageSize = 1000;

/**
 * All runs of the workspace (with a run's own token: of its project) that are not deleted, in the order
 * in which they were created, page by page: each page is a read of its own, so that a slow reader holds
 * nothing open.
 *
 * @param statuses only runs in one of these; all without it.
 * @throws CoreError `forbidden`, before the first page.
 */
export async function listRuns(
  ctx: Context,
  filter: { statuses?: readonly Status[] },
): Promise<AsyncIterable<readonly RunView[]>> {
  const scope = await readableScope(ctx);
  if (scope.kind === 'project') return pages(ctx, { ...filter, projectKey: scope.key });
  await requireRole(ctx, 'reader');
  return pages(ctx, filter);
}

async function* pages(
  ctx: Context,
  filter: { statuses?: readonly Status[]; projectKey?: ProjectKey },
): AsyncGenerator<readonly RunView[]> {
  const { read } = ctx.ports.store;
  let after: RunCursor | undefined;
  for (;;) {
    const runs = await read.runs.page({
      workspaceKey: ctx.workspace.key,
      ...filter,
      ...(after === undefined ? {} : { after }),
      limit: pageSize,
    });
    if (runs.length > 0) yield await viewRuns(read, runs);
    const last = runs.at(-1);
    if (last === undefined || runs.length < pageSize) return;
    after = { createdAt: last.createdAt, key: last.key };
  }
}
