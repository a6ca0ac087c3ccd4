/** Microseconds since 1970-01-01 UTC, an integer below 2^53: the unit of every `…At` field. */
export type Micros = number;

/** Microseconds of a count of milliseconds. */
export function microsFromMillis(millis: number): Micros {
  return Math.round(millis * 1000);
}

/** Milliseconds, rounded down, of a time in microseconds. */
export function millisFromMicros(at: Micros): number {
  return Math.floor(at / 1000);
}

/** ISO 8601 in UTC with milliseconds and a numeric offset, e.g. `2026-11-21T09:58:00.123+00:00`. */
export function isoMillisOffset(at: Micros): string {
  return new Date(millisFromMicros(at)).toISOString().replace('Z', '+00:00');
}
