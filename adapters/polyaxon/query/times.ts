import type { Micros } from '../../../src/core/time.js';
import { digitsFrom } from './numbers.js';

/** What a date or time stands for: the day, minute or second, from its start to before its end. */
export interface Span {
  readonly from: Micros;
  readonly to: Micros;
}

const second = 1_000_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/**
 * The span of `YYYY-MM-DD`, or of that with ` HH:MM` or ` HH:MM:SS`; also in ISO 8601's form with `T`,
 * parts of seconds to six digits, and `Z` or an offset. Times are UTC where they say nothing else.
 *
 * @returns null for a text of another form, or a time that there is not.
 */
export function readSpan(text: string): Span | null {
  const reader = new Reader(text);
  const year = reader.number(4, 4);
  const month = reader.sign('-') ? reader.number(1, 2) : null;
  const date = reader.sign('-') ? reader.number(1, 2) : null;
  const start = midnight(year, month, date);
  if (start === null) return null;
  if (reader.isAtEnd()) return span(start, day);
  if (!reader.blanks() && !reader.sign('T')) return null;
  const clock = readClock(reader);
  const offset = readOffset(reader);
  if (clock === null || offset === null || !reader.isAtEnd()) return null;
  return span(start + clock.at - offset, clock.unit);
}

/** The time within the day, and the length of what it names. */
function readClock(reader: Reader): { at: Micros; unit: Micros } | null {
  const hours = reader.number(1, 2);
  const minutes = reader.sign(':') ? reader.number(1, 2) : null;
  if (hours === null || minutes === null || hours > 23 || minutes > 59) return null;
  const at = (hours * 60 + minutes) * minute;
  if (!reader.sign(':')) return { at, unit: minute };
  const seconds = reader.number(1, 2);
  if (seconds === null || seconds > 59) return null;
  if (!reader.sign('.')) return { at: at + seconds * second, unit: second };
  const fraction = reader.digits(1, 6);
  if (fraction === null) return null;
  const unit = second / 10 ** fraction.length;
  return { at: at + seconds * second + Number(fraction) * unit, unit };
}

/** How far the clock is ahead of UTC. */
function readOffset(reader: Reader): Micros | null {
  reader.blanks();
  if (reader.isAtEnd() || reader.sign('Z')) return 0;
  const ahead = reader.sign('+');
  if (!ahead && !reader.sign('-')) return null;
  const hours = reader.number(2, 2);
  reader.sign(':');
  const minutes = reader.number(2, 2);
  if (hours === null || minutes === null || hours > 23 || minutes > 59) return null;
  return (ahead ? 1 : -1) * (hours * 60 + minutes) * minute;
}

function midnight(year: number | null, month: number | null, date: number | null): Micros | null {
  if (year === null || month === null || date === null || year === 0) return null;
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, date);
  const exists = time.getUTCMonth() === month - 1 && time.getUTCDate() === date;
  return exists ? time.getTime() * 1000 : null;
}

/** No run has a time outside of what core holds exactly, the years from 1684 to 2255. */
function span(from: Micros, length: Micros): Span {
  return { from: clamped(from), to: clamped(from + length) };
}

function clamped(at: Micros): Micros {
  return Math.min(Math.max(at, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** Takes a text from its start, piece by piece. */
class Reader {
  private place = 0;

  constructor(private readonly text: string) {}

  isAtEnd(): boolean {
    return this.place === this.text.length;
  }

  sign(wanted: string): boolean {
    const found = this.text[this.place] === wanted;
    if (found) this.place += 1;
    return found;
  }

  blanks(): boolean {
    const start = this.place;
    while (this.text[this.place] === ' ') this.place += 1;
    return this.place > start;
  }

  digits(least: number, most: number): string | null {
    const end = Math.min(digitsFrom(this.text, this.place), this.place + most);
    if (end - this.place < least) return null;
    const digits = this.text.slice(this.place, end);
    this.place = end;
    return digits;
  }

  number(least: number, most: number): number | null {
    const digits = this.digits(least, most);
    return digits === null ? null : Number(digits);
  }
}
