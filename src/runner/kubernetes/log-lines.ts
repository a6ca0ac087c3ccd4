import type { LogRecord } from '../../core/ports/logs.js';
import type { Micros } from '../../core/time.js';
import { createLineSplitter } from '../../logs/split-lines.js';
import type { LogPosition } from './log-position.js';

/** Makes records of a container's output as the cluster gives it: each line with its time and a space before it. */
export interface LogReader {
  /** The records of these bytes; views that are worth reading until the next call. */
  push(chunk: Buffer): readonly LogRecord[];
  /** The rest: the output has ended. */
  end(): readonly LogRecord[];
  /** True if lines were to be there that were not: the cluster has thrown them away. */
  readonly gap: boolean;
}

/** A reader of what follows a position, which passes over what is stored already. */
export function createLogReader(from: LogPosition): LogReader {
  let records: LogRecord[] = [];
  /** Of the line that is being read: its time, and whether it is wanted; null between lines. */
  let line: { readonly at: Micros; readonly wanted: boolean } | null = null;
  let toSkip = from.lines;
  let unfinished = from.unfinished;
  let gap = false;
  /** Bytes of the line that are stored already. */
  let overlap = 0;

  const splitter = createLineSplitter((source, start, end, endsLine) => {
    let begin = start;
    if (line === null) {
      const time = timeOf(source, start, end);
      begin = time.end;
      line = { at: time.at ?? from.latest, wanted: isWanted(time.at ?? from.latest) };
    }
    if (overlap > 0) {
      const passed = Math.min(overlap, end - begin);
      overlap -= passed;
      begin += passed;
    }
    if (line.wanted && (begin < end || endsLine)) {
      records.push({
        at: line.at,
        stream: 'stdout',
        bytes: Buffer.from(source.subarray(begin, end)),
        endsLine,
      });
    }
    if (!endsLine) return;
    line = null;
    overlap = 0;
  });

  function isWanted(at: Micros): boolean {
    if (toSkip === 0) return true;
    if (at > from.latest) {
      // Nothing that is stored is as late: what was to be passed over is gone, and perhaps more.
      gap = true;
      toSkip = 0;
      return true;
    }
    toSkip -= 1;
    if (toSkip > 0 || unfinished === null) return false;
    overlap = unfinished;
    unfinished = null;
    return true;
  }

  function taken(): readonly LogRecord[] {
    const all = records;
    records = [];
    return all;
  }

  return {
    push(chunk) {
      splitter.push(chunk);
      return taken();
    },
    end() {
      splitter.end();
      return taken();
    },
    get gap() {
      return gap;
    },
  };
}

const space = 0x20;
const longestTime = 40;

/** The time that a line begins with, in microseconds, and where its text begins; null for a line without one. */
function timeOf(source: Uint8Array, start: number, end: number): { at: Micros | null; end: number } {
  const found = source.subarray(start, Math.min(end, start + longestTime)).indexOf(space);
  const length = found === -1 ? Math.min(end - start, longestTime) : found;
  const text = Buffer.from(source.buffer, source.byteOffset + start, length).toString('latin1');
  const [, whole, fraction = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (whole === undefined) return { at: null, end: start };
  const zone = /(Z|[+-]\d\d:\d\d)$/.exec(text)?.[0] ?? 'Z';
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return { at: Date.parse(`${whole}${zone}`) * 1000 + micros, end: Math.min(end, start + length + 1) };
}
