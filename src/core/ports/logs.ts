import type { JobId, RunId } from '../ids.js';
import type { Micros } from '../time.js';

/** Whose output it is. */
export interface LogRef {
  readonly runId: RunId;
  readonly jobId: JobId;
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

/** Keeps what jobs print, byte for byte. */
export interface LogStore {
  append(ref: LogRef, records: readonly LogRecord[]): Promise<void>;
  /**
   * The records of a job from the first, many at a time, as stored when they are reached; ends at the end
   * of what is stored, and is empty for a job that printed nothing. Memory does not grow with the size of
   * the log. The bytes of a batch may be overwritten as soon as the next batch is asked for.
   */
  read(ref: LogRef): AsyncIterable<readonly LogRecord[]>;
  /** Removes all output of a run. */
  remove(runId: RunId): Promise<void>;
}
