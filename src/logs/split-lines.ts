/** Makes lines of raw output. Job supervisors load this module, so it needs nothing but Node. */
import { unfinishedTail } from '../core/utf8.js';
import { maxPartBytes } from './segments.js';

/** Takes `source[start, end)`, a line without its newline or a part of one; worth reading during the call only. */
export type TakePart = (source: Uint8Array, start: number, end: number, endsLine: boolean) => void;

/** Cuts one stream of output into lines, and lines over `maxPartBytes` into parts, between UTF-8 characters. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** True while a part of a line is held back. */
  readonly holds: boolean;
  /** Gives what is held back of an unfinished line, but for an unfinished character. */
  flush(): void;
  /** Gives all that is held back: the output has ended. */
  end(): void;
}

/** A splitter that gives each part to `take` as soon as it is known. */
export function createLineSplitter(take: TakePart): LineSplitter {
  const held = Buffer.allocUnsafe(maxPartBytes);
  let length = 0;

  /** Adds to the held part; gives it each time that it is full and more comes. */
  function hold(chunk: Buffer, start: number, end: number): void {
    let from = start;
    while (from < end) {
      if (length === maxPartBytes) giveWhole();
      const until = Math.min(end, from + maxPartBytes - length);
      chunk.copy(held, length, from, until);
      length += until - from;
      from = until;
    }
  }

  function giveWhole(): void {
    const tail = unfinishedTail(held, 0, length);
    const cut = length - tail;
    if (cut === 0) return;
    take(held, 0, cut, false);
    held.copyWithin(0, cut, length);
    length = tail;
  }

  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        if (length === 0 && end - start <= maxPartBytes) {
          take(chunk, start, end, true);
        } else {
          hold(chunk, start, end);
          take(held, 0, length, true);
          length = 0;
        }
        start = end + 1;
      }
      hold(chunk, start, chunk.length);
    },
    get holds() {
      return length > 0;
    },
    flush: giveWhole,
    end() {
      if (length > 0) take(held, 0, length, false);
      length = 0;
    },
  };
}
