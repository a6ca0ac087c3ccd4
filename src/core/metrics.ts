import type { Micros } from './time.js';

/** What a point holds: a finite number, or one of the values that JSON and SQL cannot hold. */
export type PointKind = 'finite' | 'nan' | 'pinf' | 'ninf' | 'null';

/** One value of one metric. Duplicates are all kept. */
export interface MetricPoint {
  readonly key: string;
  readonly kind: PointKind;
  /** Set for finite points alone; -0 is stored as 0. */
  readonly value: number | null;
  /** Any 64-bit integer; null where the client named none. */
  readonly step: bigint | null;
  /** Milliseconds since 1970-01-01 UTC, any 64-bit integer. */
  readonly timestampMs: bigint;
  /** 0 to 999 beyond the millisecond. */
  readonly timestampUs: number;
}

/** A point as stored. */
export interface StoredPoint extends MetricPoint {
  /** The points of one (request, step, timestamp) share a row: the numbers count from 1 within the run. */
  readonly row: number;
  /** Order of arrival within the run. */
  readonly seq: number;
}

/**
 * What is kept beside the history of one metric of one run, so that no list ever reads the history.
 * Points of kind `null` are history alone: a summary does not see them.
 */
export interface MetricSummary {
  readonly key: string;
  /** All points but those of kind `null`. */
  readonly count: number;
  /** Finite points. */
  readonly finite: number;
  /** Over finite and infinite points; null while there is none. NaN is left out. */
  readonly min: number | null;
  readonly max: number | null;
  /** The greatest by (step or 0, timestamp, value): MLflow's own rule for the latest value. */
  readonly last: MetricPoint;
  readonly lastSeq: number;
  readonly updatedAt: Micros;
}

/** The point as a JavaScript number: NaN and the infinities as themselves, null for a null point. */
export function pointNumber(point: MetricPoint): number | null {
  switch (point.kind) {
    case 'finite':
      return point.value;
    case 'nan':
      return Number.NaN;
    case 'pinf':
      return Number.POSITIVE_INFINITY;
    case 'ninf':
      return Number.NEGATIVE_INFINITY;
    case 'null':
      return null;
  }
}

/** Kind and value of a JavaScript number, as stored. */
export function classify(value: number | null): Pick<MetricPoint, 'kind' | 'value'> {
  if (value === null) return { kind: 'null', value: null };
  if (Number.isNaN(value)) return { kind: 'nan', value: null };
  if (value === Number.POSITIVE_INFINITY) return { kind: 'pinf', value: null };
  if (value === Number.NEGATIVE_INFINITY) return { kind: 'ninf', value: null };
  return { kind: 'finite', value: value === 0 ? 0 : value };
}

const rank = { null: 0, nan: 1, ninf: 2, finite: 3, pinf: 4 } as const satisfies Record<PointKind, number>;

function compareValues(a: MetricPoint, b: MetricPoint): number {
  if (a.kind !== b.kind) return rank[a.kind] - rank[b.kind];
  return (a.value ?? 0) - (b.value ?? 0);
}

function compare(a: bigint | number, b: bigint | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders points as MLflow does to find the latest: by step (none counts as 0), then timestamp, then value. */
export function comparePoints(a: MetricPoint, b: MetricPoint): number {
  return (
    compare(a.step ?? 0n, b.step ?? 0n) ||
    compare(a.timestampMs, b.timestampMs) ||
    compare(a.timestampUs, b.timestampUs) ||
    compareValues(a, b)
  );
}
