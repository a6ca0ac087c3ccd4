import type { Insertable, Selectable } from 'kysely';
import type { RunKey } from '../core/ids.js';
import {
  comparePoints,
  type MetricPoint,
  type MetricSummary,
  type PointKind,
  pointNumber,
  type StoredPoint,
} from '../core/metrics.js';
import type { Micros } from '../core/time.js';
import type { Database } from './schema.js';

/** The kinds by the number that is stored; new ones are added at the end. */
export const pointKinds: readonly PointKind[] = ['finite', 'nan', 'pinf', 'ninf', 'null'];

/** The columns of a point but those that it is looked up by. */
export const pointColumns = [
  'timestamp_ms',
  'timestamp_us',
  'has_step',
  'step',
  'seq',
  'row',
  'kind',
  'value',
] as const;

/** These columns, as read with exact integers. */
type PointRow = Pick<Selectable<Database['metric_point']>, (typeof pointColumns)[number]> & {
  worker?: string | null;
};

/** A summary's columns, as read with exact integers. */
type SummaryRow = Omit<Selectable<Database['metric_summary']>, 'run_key' | 'key_id'> & { name: string };

/** The row of a point. */
export function fromPoint(
  runKey: RunKey,
  keyId: number,
  point: StoredPoint,
): Insertable<Database['metric_point']> {
  return {
    run_key: runKey,
    key_id: keyId,
    timestamp_ms: point.timestampMs,
    timestamp_us: point.timestampUs,
    has_step: point.step === null ? 0 : 1,
    step: point.step ?? 0n,
    seq: point.seq,
    row: point.row,
    kind: pointKinds.indexOf(point.kind),
    value: point.kind === 'finite' ? point.value : null,
  };
}

/**
 * The point of a row of this metric. The row is not copied to put the name into it: a copy of what the driver gives
 * costs more than reading it, and V8 lets go of copies only at its next full collection (measured over a million
 * points: twice the time, and 110 MB).
 */
export function toPoint(row: PointRow, key: string): StoredPoint {
  return {
    key,
    kind: kindOf(row.kind),
    value: row.value,
    step: Number(row.has_step) === 1 ? BigInt(row.step) : null,
    timestampMs: BigInt(row.timestamp_ms),
    timestampUs: Number(row.timestamp_us),
    row: Number(row.row),
    seq: Number(row.seq),
    ...(row.worker == null ? {} : { worker: row.worker }),
  };
}

/** The row of a summary. */
export function fromSummary(
  runKey: RunKey,
  keyId: number,
  summary: MetricSummary,
): Insertable<Database['metric_summary']> {
  const { last } = summary;
  return {
    run_key: runKey,
    key_id: keyId,
    count: summary.count,
    finite: summary.finite,
    min: summary.min,
    max: summary.max,
    last_kind: pointKinds.indexOf(last.kind),
    last_value: last.value,
    last_has_step: last.step === null ? 0 : 1,
    last_step: last.step ?? 0n,
    last_timestamp_ms: last.timestampMs,
    last_timestamp_us: last.timestampUs,
    last_seq: summary.lastSeq,
    updated_at: summary.updatedAt,
  };
}

/** The summary of a row. */
export function toSummary(row: SummaryRow): MetricSummary {
  return {
    key: row.name,
    count: Number(row.count),
    finite: Number(row.finite),
    min: row.min,
    max: row.max,
    last: {
      key: row.name,
      kind: kindOf(row.last_kind),
      value: row.last_value,
      step: Number(row.last_has_step) === 1 ? BigInt(row.last_step) : null,
      timestampMs: BigInt(row.last_timestamp_ms),
      timestampUs: Number(row.last_timestamp_us),
    },
    lastSeq: Number(row.last_seq),
    updatedAt: Number(row.updated_at),
  };
}

/** The summary with one more point in it; null stays null until a point comes that a summary sees. */
export function addToSummary(
  summary: MetricSummary | null,
  point: StoredPoint,
  at: Micros,
): MetricSummary | null {
  const number = pointNumber(point);
  if (number === null) return summary;
  const isLast = summary === null || comparePoints(point, summary.last) >= 0;
  const { row: _row, worker: _worker, seq, ...plain } = point;
  const last: MetricPoint = isLast ? plain : summary.last;
  return {
    key: point.key,
    count: (summary?.count ?? 0) + 1,
    finite: (summary?.finite ?? 0) + (point.kind === 'finite' ? 1 : 0),
    min: extreme(Math.min, summary?.min ?? null, number),
    max: extreme(Math.max, summary?.max ?? null, number),
    last,
    lastSeq: isLast ? seq : summary.lastSeq,
    updatedAt: at,
  };
}

function extreme(
  choose: (a: number, b: number) => number,
  known: number | null,
  number: number,
): number | null {
  if (Number.isNaN(number)) return known;
  return known === null ? number : choose(known, number);
}

/** The kind of this number. */
export function kindOf(stored: number): PointKind {
  const kind = pointKinds[Number(stored)];
  if (kind === undefined) throw new Error(`a point of the unknown kind ${stored}`);
  return kind;
}
