import type { StoredPoint } from '../../core/metrics.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

const pageSize = 1000;

/**
 * All points of a run in the order of their rows, page by page: each page is a read of its own, so that
 * a slow reader holds nothing open.
 *
 * @throws CoreError `not_found`, `forbidden`, before the first page.
 */
export async function readMetrics(ctx: Context, ref: RunRef): Promise<AsyncIterable<readonly StoredPoint[]>> {
  const { read } = ctx.ports.store;
  const run = await accessRun(ctx, ref, 'read');
  async function* pages(): AsyncGenerator<readonly StoredPoint[]> {
    let after: { row: number; seq: number } | undefined;
    for (;;) {
      const page = { ...(after === undefined ? {} : { after }), limit: pageSize };
      const points = await read.metrics.rows(run.key, page);
      if (points.length > 0) yield points;
      const last = points.at(-1);
      if (last === undefined || points.length < pageSize) return;
      after = { row: last.row, seq: last.seq };
    }
  }
  return pages();
}
