import type { JobId, RunId } from '../ids.js';
import type { Micros } from '../time.js';

/** The output of a job. */
export interface LogRef {
  readonly runId: RunId;
  readonly jobId: JobId;
}

/** The output of a job; with null the lines that the run's own client sent, which no job printed. */
export interface OutputRef {
  readonly runId: RunId;
  readonly jobId: JobId | null;
}

/** A piece of output: a whole line, or a part of one. */
export interface LogRecord {
  readonly at: Micros;
  readonly stream: 'stdout' | 'stderr';
  /** Without its newline. */
  readonly bytes: Uint8Array;
  /** True if a newline followed; without one, the next record of the same stream goes on with this line. */
  readonly endsLine: boolean;
}

/** A place between two records of one output. Only the store that gave it knows what it means. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

/** Records of one output, and the place behind the last of them. */
export interface LogBatch {
  readonly records: readonly LogRecord[];
  readonly next: LogPosition;
}

/** From where on an output is followed, and until when. */
export interface FollowOptions {
  /** The `next` of an earlier batch; from the first record without it. */
  readonly from?: LogPosition;
  /** Ends the following at once. */
  readonly signal: AbortSignal;
  /** Says that nothing more will be printed: what is stored then is given, and the following ends. */
  readonly ended?: AbortSignal;
}

/** Keeps what jobs print, byte for byte. */
export interface LogStore {
  append(ref: OutputRef, records: readonly LogRecord[]): Promise<void>;
  /**
   * The records of a job from the first, many at a time, as stored when they are reached; ends at the end
   * of what is stored, and is empty for a job that printed nothing. Memory does not grow with the size of
   * the log. The bytes of a batch may be overwritten as soon as the next batch is asked for.
   */
  read(ref: OutputRef): AsyncIterable<readonly LogRecord[]>;
  /**
   * What is stored and then what comes, whoever writes it, each record once and in its order. A follower
   * for whom nothing comes costs neither time nor a buffer; a slow one reads from the disk at its own pace.
   * The bytes of a batch may be overwritten as soon as the next batch is asked for.
   */
  follow(ref: OutputRef, options: FollowOptions): AsyncIterable<LogBatch>;
  /** Removes all output of a run. */
  remove(runId: RunId): Promise<void>;
}
