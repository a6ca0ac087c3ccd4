import { setImmediate as turn } from 'node:timers/promises';
import { isRepeat, type MetricSummary, type StoredPoint } from '../../core/metrics.js';
import type { Run } from '../../core/model.js';
import type { PointCursor, SortedPointCursor } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';
import { decodeHistoryCursor, encodeHistoryCursor } from './history-cursor.js';

/** Points of one read: it holds up everything else for a few milliseconds on SQLite. */
const pageSize = 1_000;

/** A part of the history of one metric. */
export interface HistoryPage {
  readonly run: Run;
  readonly points: readonly StoredPoint[];
  /** Where the next page begins; null when this one has the last point. */
  readonly next: string | null;
}

/**
 * The history of one metric by timestamp, step (none counts as 0), value (NaN stands behind 0) and arrival.
 * Pages neither skip nor repeat a point while others are added. Points of kind `null` are left out; a metric
 * that the run does not have is an empty history.
 *
 * @param page.after `next` of the page before.
 * @param page.distinct true to show points that differ in their arrival alone once.
 * @throws CoreError `invalid` for a place that is none of this history; `not_found`, `forbidden`.
 */
export async function readHistory(
  ctx: Context,
  ref: RunRef,
  key: string,
  page: { readonly after?: string; readonly limit: number; readonly distinct?: boolean },
): Promise<HistoryPage> {
  const { limit, distinct = false } = page;
  const run = await accessRun(ctx, ref, 'read');
  let after = page.after === undefined ? null : decodeHistoryCursor(run, key, page.after);
  const points: StoredPoint[] = [];
  for (;;) {
    // One more than is shown tells whether there are others.
    const size = Math.min(pageSize + 1, limit + 1 - points.length);
    const read = await ctx.ports.store.read.metrics.sortedHistory(run.key, key, {
      ...(after === null ? {} : { after }),
      limit: size,
    });
    points.push(...(distinct ? withoutRepeats(read) : read));
    const last = read.at(-1);
    if (last === undefined || read.length < size || points.length > limit) break;
    after = behind(last, distinct);
    await turn();
  }
  const shown = points.slice(0, limit);
  const last = shown.at(-1);
  const isWhole = last === undefined || points.length <= limit;
  return { run, points: shown, next: isWhole ? null : encodeHistoryCursor(run, key, behind(last, distinct)) };
}

/** Behind this point, or behind all that repeat it: so that a page costs the same however many do. */
function behind(point: StoredPoint, distinct: boolean): SortedPointCursor {
  return distinct ? { ...point, seq: Number.MAX_SAFE_INTEGER } : point;
}

/** Repeats are neighbours in a history. */
function withoutRepeats(points: readonly StoredPoint[]): readonly StoredPoint[] {
  return points.filter((point, place) => {
    const before = points[place - 1];
    return before === undefined || !isRepeat(before, point);
  });
}

/**
 * The whole history of one metric in the order of its timestamps, those of one timestamp by step and arrival,
 * page by page: each page is a read of its own, so that a slow reader holds nothing open. Points of kind `null`
 * are left out. The summary is null for a metric that the run does not have.
 *
 * @throws CoreError `not_found`, `forbidden`, before the first page.
 */
export async function streamHistory(
  ctx: Context,
  ref: RunRef,
  key: string,
): Promise<{ run: Run; summary: MetricSummary | null; points: AsyncIterable<readonly StoredPoint[]> }> {
  const { metrics } = ctx.ports.store.read;
  const run = await accessRun(ctx, ref, 'read');
  async function* pages(): AsyncGenerator<readonly StoredPoint[]> {
    let after: PointCursor | undefined;
    for (;;) {
      const page = { ...(after === undefined ? {} : { after }), limit: pageSize };
      const read = await metrics.history(run.key, key, page);
      const seen = read.filter((point) => point.kind !== 'null');
      if (seen.length > 0) yield seen;
      after = read.at(-1);
      if (after === undefined || read.length < pageSize) return;
    }
  }
  return { run, summary: await metrics.summary(run.key, key), points: pages() };
}

/**
 * The finite points of one metric behind the first `offset` ones, in the order of `streamHistory`. The ordinal of
 * a point is its place, from 0, among all points that `streamHistory` gives. Pages that follow each other cost
 * what they hold; a page anywhere else costs, the first time and after each change of the history, a pass over
 * the points before it (some 0.2 s for a million on SQLite, in which other requests are answered). The summary is
 * null for a metric that the run does not have.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function readSeriesPage(
  ctx: Context,
  ref: RunRef,
  key: string,
  page: { readonly offset: number; readonly limit: number },
): Promise<{
  run: Run;
  summary: MetricSummary | null;
  points: readonly StoredPoint[];
  ordinals: readonly number[];
}> {
  const { metrics } = ctx.ports.store.read;
  const run = await accessRun(ctx, ref, 'read');
  const found = await metrics.series(run.key, key, page);
  return {
    run,
    summary: await metrics.summary(run.key, key),
    points: found.map(({ point }) => point),
    ordinals: found.map(({ ordinal }) => ordinal),
  };
}
