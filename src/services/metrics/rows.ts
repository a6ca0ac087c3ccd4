import type { StoredPoint } from '../../core/metrics.js';
import type { Run } from '../../core/model.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/** Values that came together. */
export interface MetricRow {
  /** From 1 within the run. */
  readonly row: number;
  /** At least one, in the order in which they came. */
  readonly points: readonly StoredPoint[];
}

/** A part of a run's rows, oldest first, and how many there are in all. */
export interface MetricRowPage {
  readonly run: Run;
  readonly rows: readonly MetricRow[];
  readonly total: number;
}

const pageSize = 1000;

/**
 * The rows of a run's metrics from behind the first `offset` on.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function readMetricRows(
  ctx: Context,
  ref: RunRef,
  page: { readonly offset: number; readonly limit: number },
): Promise<MetricRowPage> {
  const { read } = ctx.ports.store;
  const run = await accessRun(ctx, ref, 'read');
  const total = await read.metrics.lastRow(run.key);
  // Rows are numbered without gaps, so that a part of the list is a range of numbers.
  const last = Math.min(page.offset + page.limit, total);
  const rows: { row: number; points: StoredPoint[] }[] = [];
  let after = { row: page.offset, seq: Number.MAX_SAFE_INTEGER };
  while (after.row <= last) {
    const points = await read.metrics.rows(run.key, { after, limit: pageSize });
    for (const point of points) {
      if (point.row > last) return { run, rows, total };
      if (rows.at(-1)?.row === point.row) rows.at(-1)?.points.push(point);
      else rows.push({ row: point.row, points: [point] });
    }
    const end = points.at(-1);
    if (end === undefined || points.length < pageSize) break;
    after = { row: end.row, seq: end.seq };
  }
  return { run, rows, total };
}
