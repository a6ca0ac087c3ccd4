import type { LogRecord } from './ports/logs.js';
import type { Micros } from './time.js';
import { unfinishedTail } from './utf8.js';

/** The longest line that an answer made of lines shows as one, in bytes. */
export const maxShownLineBytes = 1024 * 1024;

/** A line of output as text, or a piece of one that is too long to be shown whole. */
export interface LogLine {
  /** When its last part came. */
  readonly at: Micros;
  readonly stream: LogRecord['stream'];
  /** Without its newline. Bytes that are no UTF-8 read as U+FFFD; control characters stay as they are. */
  readonly text: string;
  /** False for a piece that the next line of the same stream goes on with, and for an unterminated last line. */
  readonly endsLine: boolean;
}

/** Makes whole lines of records. The two streams may interleave within a line: each has its own. */
export interface LineJoiner {
  /** Lines that these records complete, in the order in which they were completed. Keeps no view of their bytes. */
  push(records: readonly LogRecord[]): LogLine[];
  /** What is left of unterminated lines. */
  end(): LogLine[];
}

interface Unfinished {
  /** Has room to grow: `length` bytes of it count. */
  bytes: Uint8Array;
  length: number;
  at: Micros;
}

/** A joiner whose lines have at most `maxBytes` bytes each; longer ones are given in pieces, cut between characters. */
export function joinLines(maxBytes: number = maxShownLineBytes): LineJoiner {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const unfinished = { stdout: emptyLine(), stderr: emptyLine() };

  function take(record: LogRecord, lines: LogLine[]): void {
    const line = unfinished[record.stream];
    if (line.length === 0 && record.endsLine && record.bytes.length <= maxBytes) {
      lines.push({
        at: record.at,
        stream: record.stream,
        text: decoder.decode(record.bytes),
        endsLine: true,
      });
      return;
    }
    append(line, record.bytes);
    line.at = record.at;
    while (line.length > maxBytes) {
      const cut = maxBytes - unfinishedTail(line.bytes, 0, maxBytes) || maxBytes;
      lines.push(lineOf(record.stream, cut, false));
      line.bytes.copyWithin(0, cut, line.length);
      line.length -= cut;
    }
    if (!record.endsLine) return;
    lines.push(lineOf(record.stream, line.length, true));
    unfinished[record.stream] = emptyLine();
  }

  function lineOf(stream: LogRecord['stream'], length: number, endsLine: boolean): LogLine {
    const { bytes, at } = unfinished[stream];
    return { at, stream, text: decoder.decode(bytes.subarray(0, length)), endsLine };
  }

  return {
    push(records) {
      const lines: LogLine[] = [];
      for (const record of records) take(record, lines);
      return lines;
    },
    end() {
      const lines: LogLine[] = [];
      for (const stream of ['stdout', 'stderr'] as const) {
        const { length } = unfinished[stream];
        if (length > 0) lines.push(lineOf(stream, length, false));
        unfinished[stream] = emptyLine();
      }
      return lines;
    },
  };
}

function emptyLine(): Unfinished {
  return { bytes: new Uint8Array(0), length: 0, at: 0 };
}

function append(line: Unfinished, more: Uint8Array): void {
  const length = line.length + more.length;
  if (length > line.bytes.length) {
    const roomier = new Uint8Array(length * 2);
    roomier.set(line.bytes.subarray(0, line.length));
    line.bytes = roomier;
  }
  line.bytes.set(more, line.length);
  line.length = length;
}
