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
  /** Which of the run's workers logged it, in its dialect's words; absent where nothing is said, and in histories. */
  readonly worker?: string;
}

/** A point as stored. */
export interface StoredPoint extends MetricPoint {
  /**
   * The points of one (request, worker, step, timestamp) share a row, which has one value of each metric: the n-th
   * one that came there is in the n-th row. The numbers count from 1 within the run.
   */
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
  /** The greatest by (step or 0, timestamp, value): see `comparePoints`. */
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

/**
 * A value as it is ordered: NaN stands at 0, behind the number itself; a point of kind `null` stands before all.
 * NaN has no place among numbers, so this one is as good as any, and it is the one that existing clients know:
 * the server that their histories and last values come from stores NaN as 0 with a flag.
 */
export function orderedValue({
  kind,
  value,
}: Pick<MetricPoint, 'kind' | 'value'>): readonly [number: number, isNan: -1 | 0 | 1] {
  switch (kind) {
    case 'finite':
      return [value ?? 0, 0];
    case 'nan':
      return [0, 1];
    case 'pinf':
      return [Number.POSITIVE_INFINITY, 0];
    case 'ninf':
      return [Number.NEGATIVE_INFINITY, 0];
    case 'null':
      return [Number.NEGATIVE_INFINITY, -1];
  }
}

function compareValues(a: MetricPoint, b: MetricPoint): number {
  const [number, isNan] = orderedValue(a);
  const [otherNumber, otherIsNan] = orderedValue(b);
  return compare(number, otherNumber) || isNan - otherIsNan;
}

function compareTimes(a: MetricPoint, b: MetricPoint): number {
  return compare(a.timestampMs, b.timestampMs) || compare(a.timestampUs, b.timestampUs);
}

function compareSteps(a: MetricPoint, b: MetricPoint): number {
  return compare(a.step ?? 0n, b.step ?? 0n);
}

function compare(a: bigint | number, b: bigint | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders points so that the latest is the last: by step (none counts as 0), then timestamp, then value. */
export function comparePoints(a: MetricPoint, b: MetricPoint): number {
  return compareSteps(a, b) || compareTimes(a, b) || compareValues(a, b);
}

/** Orders points in time: by timestamp, then step (none counts as 0), then value, then arrival. */
export function compareInTime(a: StoredPoint, b: StoredPoint): number {
  return compareTimes(a, b) || compareSteps(a, b) || compareValues(a, b) || compare(a.seq, b.seq);
}

/** True for points of one metric that differ in their arrival alone; no step is the step 0. */
export function isRepeat(a: MetricPoint, b: MetricPoint): boolean {
  return comparePoints(a, b) === 0;
}
