import { setImmediate as turn } from 'node:timers/promises';
import {
  comparePoints,
  isRepeat,
  type MetricPoint,
  type MetricSummary,
  type StoredPoint,
} from '../../core/metrics.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { sampleEvenly } from '../../core/sample.js';
import type { Context } from '../context.js';
import type { RunRef } from '../runs/find.js';
import { findInOrder, findSeveral } from '../runs/find-several.js';
import { readHistory } from './history.js';

/** A history with more points than this is sampled from rows of it, not from all of it. */
const wholeLimit = 10_000;

/** From so many rows. */
const rowLimit = 5_000;

const pageSize = 1_000;

/** Which points of a history are sampled. Both ends of the steps belong to it. */
export interface Sampling {
  /** From 1: of each run. */
  readonly maxPoints: number;
  readonly startStep?: bigint;
  readonly endStep?: bigint;
}

/** Points of one metric of one run. */
export interface RunHistory {
  readonly run: Run;
  readonly points: readonly MetricPoint[];
}

/**
 * Of each of these runs at most `maxPoints` points of one metric, spread evenly over its history, which is
 * ordered by step (none counts as 0), timestamp and value, without repeats; the last point is always among them,
 * and the first where there may be two.
 *
 * Histories of more than 10,000 points are not read whole: they are sampled from points that lie evenly in the
 * order in which they arrived, and their last one.
 *
 * The runs are in the order of the references; those that there are not are left out.
 *
 * @throws CoreError `forbidden` if the caller may not read one of them.
 */
export async function sampleHistories(
  ctx: Context,
  refs: readonly RunRef[],
  key: string,
  sampling: Sampling,
): Promise<readonly RunHistory[]> {
  const { read } = ctx.ports.store;
  const histories: RunHistory[] = [];
  for (const run of await findInOrder(ctx, refs)) {
    const summary = await read.metrics.summary(run.key, key);
    const points = summary === null ? [] : await candidates(read, run, summary, sampling);
    histories.push({ run, points: sampleEvenly(sorted(points), sampling.maxPoints) });
    await turn();
  }
  return histories;
}

/**
 * The histories of one metric of these runs, each in the order of `readHistory` without repeats, the runs by
 * their ids and each once; at most `maxPoints` points of all together. Runs that there are not are left out.
 *
 * @throws CoreError `forbidden` if the caller may not read one of them.
 */
export async function historiesOf(
  ctx: Context,
  refs: readonly RunRef[],
  key: string,
  maxPoints: number,
): Promise<readonly RunHistory[]> {
  const runs = [...(await findSeveral(ctx, refs))].sort((a, b) => (a.id < b.id ? -1 : 1));
  const histories: RunHistory[] = [];
  let left = maxPoints;
  for (const run of runs) {
    if (left === 0) break;
    const { points } = await readHistory(ctx, { key: run.key }, key, { limit: left, distinct: true });
    histories.push({ run, points });
    left -= points.length;
  }
  return histories;
}

/** The points that a sample is taken from: all of a short history, some of a long one. */
async function candidates(
  read: Repositories,
  run: Run,
  summary: MetricSummary,
  sampling: Sampling,
): Promise<readonly MetricPoint[]> {
  const { key, count, last } = summary;
  const isWanted = (point: MetricPoint) => point.kind !== 'null' && isWithin(point, sampling);
  if (count <= wholeLimit) return (await readAll(read, run, key)).filter(isWanted);
  const through = await read.metrics.lastRow(run.key);
  const spread = await read.metrics.spread(run.key, key, { from: 1, through, count: rowLimit });
  if (sampling.startStep === undefined && sampling.endStep === undefined) {
    return [...spread, last].filter(isWanted);
  }
  const window = windowOf([...spread, { ...last, row: through }], sampling);
  if (window === null) return [];
  const points = await read.metrics.spread(run.key, key, { ...window, count: rowLimit });
  return [...points, last].filter(isWanted);
}

async function readAll(read: Repositories, run: Run, key: string): Promise<readonly StoredPoint[]> {
  const points: StoredPoint[] = [];
  for (;;) {
    const after = points.at(-1);
    const page = { ...(after === undefined ? {} : { after }), limit: pageSize };
    const found = await read.metrics.history(run.key, key, page);
    points.push(...found);
    if (found.length < pageSize) return points;
  }
}

interface Place {
  readonly row: number;
  readonly step: bigint | null;
}

/** From the first to the last of the rows between which steps may lie that are wanted; null for none. */
function windowOf(places: readonly Place[], sampling: Sampling): { from: number; through: number } | null {
  const gaps = places.flatMap((end, place) => {
    const begin = places[place - 1];
    return begin === undefined ? [] : [{ begin, end }];
  });
  const crossed = gaps.filter(({ begin, end }) => {
    const [low, high] = [stepOf(begin), stepOf(end)].sort((a, b) => (a < b ? -1 : 1));
    return low !== undefined && high !== undefined && touches(low, high, sampling);
  });
  const [first] = crossed;
  const last = crossed.at(-1);
  return first === undefined || last === undefined ? null : { from: first.begin.row, through: last.end.row };
}

function isWithin(point: MetricPoint, sampling: Sampling): boolean {
  return touches(stepOf(point), stepOf(point), sampling);
}

/** True if steps from the one to the other may be wanted. */
function touches(low: bigint, high: bigint, { startStep = low, endStep = high }: Sampling): boolean {
  return high >= startStep && low <= endStep;
}

function stepOf({ step }: { readonly step: bigint | null }): bigint {
  return step ?? 0n;
}

/** In the order of steps, without repeats. */
function sorted(points: readonly MetricPoint[]): readonly MetricPoint[] {
  const inOrder = [...points].sort(comparePoints);
  return inOrder.filter((point, place) => {
    const before = inOrder[place - 1];
    return before === undefined || !isRepeat(before, point);
  });
}
