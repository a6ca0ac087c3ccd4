import type { LogRecord, LogRef, LogStore } from '../../core/ports/logs.js';
import type { Micros } from '../../core/time.js';

/**
 * How much of a pod's output is stored. The cluster gives output from a whole second on, so what is stored of the
 * last second is counted: the next lines from that second on begin with just those.
 */
export interface LogPosition {
  /** The last whole second of which something is stored, in seconds since 1970; null for nothing. */
  readonly second: number | null;
  /** How many lines are stored that bear that second's time or a later one; an unfinished one counts. */
  readonly lines: number;
  /** How many bytes of the last of them are stored, if it is unfinished; else null. */
  readonly unfinished: number | null;
  /** The latest time of a stored line. */
  readonly latest: Micros;
}

/** The place before the first line. */
export const outputStart: LogPosition = { second: null, lines: 0, unfinished: null, latest: 0 };

/** The place behind another record. */
export function advance(position: LogPosition, { at, bytes, endsLine }: LogRecord): LogPosition {
  const begun = position.unfinished;
  const unfinished = endsLine ? null : (begun ?? 0) + bytes.length;
  if (begun !== null) return { ...position, unfinished };
  const second = Math.floor(at / 1_000_000);
  const latest = Math.max(position.latest, at);
  if (position.second === null || second > position.second) return { second, lines: 1, unfinished, latest };
  // A line may be a little older than the one before it; the cluster leaves it out of what it gives from that second on.
  const counts = second === position.second ? 1 : 0;
  return { ...position, lines: position.lines + counts, unfinished, latest };
}

/** The place behind all that is stored of a job. What Franca itself said in between does not count. */
export async function storedPosition(logs: LogStore, ref: LogRef): Promise<LogPosition> {
  let position = outputStart;
  for await (const records of logs.read(ref)) {
    for (const record of records) if (record.stream === 'stdout') position = advance(position, record);
  }
  return position;
}
