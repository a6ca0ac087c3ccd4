import type { RunKey } from '../../core/ids.js';
import type { StoredPoint } from '../../core/metrics.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/** Values that came together. */
export interface MetricRow {
  /** From 1 within the run. */
  readonly row: number;
  /** At least one, in the order in which they came. */
  readonly points: readonly StoredPoint[];
}

/** A part of a run's rows, oldest first, and how many there were in all when it was asked for. */
export interface MetricRows {
  readonly run: Run;
  readonly total: number;
  readonly rows: AsyncIterable<MetricRow>;
}

const pageSize = 1000;

/**
 * The rows of a run's metrics from behind the first `offset` on: `limit` of them, or without it all. Nothing
 * is read before it is asked for, a thousand points at a time, each time by a read of its own.
 *
 * @throws CoreError `not_found`, `forbidden`; both before the first row.
 */
export async function readMetricRows(
  ctx: Context,
  ref: RunRef,
  { offset, limit }: { readonly offset: number; readonly limit?: number },
): Promise<MetricRows> {
  const { read } = ctx.ports.store;
  const run = await accessRun(ctx, ref, 'read');
  const total = await read.metrics.lastRow(run.key);
  // Rows are numbered without gaps, so that a part of the list is a range of numbers.
  const last = limit === undefined ? total : Math.min(offset + limit, total);
  return { run, total, rows: rowsOf(pointsOf(read, run.key, offset, last)) };
}

/** The points of the rows behind `offset` up to `last`. */
async function* pointsOf(
  read: Repositories,
  runKey: RunKey,
  offset: number,
  last: number,
): AsyncGenerator<StoredPoint> {
  let after = { row: offset, seq: Number.MAX_SAFE_INTEGER };
  while (after.row <= last) {
    const points = await read.metrics.rows(runKey, { after, limit: pageSize });
    for (const point of points) {
      if (point.row > last) return;
      yield point;
    }
    const end = points.at(-1);
    if (end === undefined || points.length < pageSize) return;
    after = { row: end.row, seq: end.seq };
  }
}

async function* rowsOf(points: AsyncIterable<StoredPoint>): AsyncGenerator<MetricRow> {
  let waiting: StoredPoint[] = [];
  for await (const point of points) {
    const [first] = waiting;
    if (first !== undefined && first.row !== point.row) {
      yield { row: first.row, points: waiting };
      waiting = [];
    }
    waiting.push(point);
  }
  const [first] = waiting;
  if (first !== undefined) yield { row: first.row, points: waiting };
}
