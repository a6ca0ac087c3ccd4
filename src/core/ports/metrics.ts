import type { RunKey } from '../ids.js';
import type { MetricPoint, MetricSummary, StoredPoint } from '../metrics.js';
import type { Micros } from '../time.js';

/** A place in the history of one metric, which is ordered by (timestamp, step, seq). */
export interface PointCursor {
  readonly timestampMs: bigint;
  readonly timestampUs: number;
  readonly step: bigint | null;
  readonly seq: number;
}

/** A place in the history of one metric, which is ordered as `compareInTime` does. */
export type SortedPointCursor = Pick<
  StoredPoint,
  'timestampMs' | 'timestampUs' | 'step' | 'kind' | 'value' | 'seq'
>;

/** A finite point, and how many points of its metric, but those of kind `null`, come before it. */
export interface SeriesPoint {
  readonly point: StoredPoint;
  readonly ordinal: number;
}

export interface MetricRepository {
  /**
   * Appends points and brings the summaries up to date. Points of the same (worker, step, timestamp)
   * within one call share a row number, but for a metric that comes again: a row has each once. Gives them back as
   * stored.
   */
  append(runKey: RunKey, points: readonly MetricPoint[], at: Micros): Promise<readonly StoredPoint[]>;
  /** As `append` for each batch in turn, but points of different batches share no row number. */
  appendBatches(
    runKey: RunKey,
    batches: readonly (readonly MetricPoint[])[],
    at: Micros,
  ): Promise<readonly StoredPoint[]>;
  /** The greatest row number of the run; 0 while it has none. Every number from 1 on is a row. */
  lastRow(runKey: RunKey): Promise<number>;
  /** One metric's history in the order (timestamp, step, seq), null steps first. */
  history(
    runKey: RunKey,
    key: string,
    page: { after?: PointCursor; limit: number },
  ): Promise<readonly StoredPoint[]>;
  /** One metric's history as `compareInTime` orders it, without the points of kind `null`. */
  sortedHistory(
    runKey: RunKey,
    key: string,
    page: { after?: SortedPointCursor; limit: number },
  ): Promise<readonly StoredPoint[]>;
  /**
   * The finite points of one metric, in the order of `history`, behind the first `offset` ones. A page that
   * begins where another one ended costs what it holds, unless points were added in between; else each point
   * before it costs a little.
   */
  series(
    runKey: RunKey,
    key: string,
    page: { offset: number; limit: number },
  ): Promise<readonly SeriesPoint[]>;
  /**
   * Of one metric, the points of about `count` of the run's rows that lie evenly between two of them, both
   * included, in the order (row, seq); the first row that has it is among them. Costs little more than what
   * it gives where most rows of the run have the metric, however many there are.
   */
  spread(
    runKey: RunKey,
    key: string,
    rows: { from: number; through: number; count: number },
  ): Promise<readonly StoredPoint[]>;
  /** All points of a run in the order (row, seq), from behind `afterSeq`-th place on, with their workers. */
  rows(
    runKey: RunKey,
    page: { after?: { row: number; seq: number }; limit: number },
  ): Promise<readonly StoredPoint[]>;
  /** What is kept beside the history of one metric; null while a summary sees none of its points. */
  summary(runKey: RunKey, key: string): Promise<MetricSummary | null>;
  summaries(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly MetricSummary[]>>;
}
