import { type Micros, millisFromMicros } from '../../../src/core/time.js';

/** ISO 8601 in UTC with microseconds and a numeric offset, as the server of 0.5 writes times: `2018-08-22T19:25:05.764283+00:00`. */
export function toWireTime(at: Micros): string {
  const millis = millisFromMicros(at);
  return toWireTimeOf(millis, at - millis * 1000);
}

/** The same for milliseconds since 1970, of the years 1 to 9999, and 0 to 999 microseconds beyond them. */
export function toWireTimeOf(millis: number, micros: number): string {
  return new Date(millis).toISOString().replace('Z', `${String(micros).padStart(3, '0')}+00:00`);
}

/** The same for a time that may not have come yet. */
export function toWireTimeOrNull(at: Micros | null): string | null {
  return at === null ? null : toWireTime(at);
}

const form =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * The microseconds of a time as clients write it, with a blank or a T, with or without a zone (UTC without
 * one); null for any other text, for a day or an hour that there is not, and for a time too far away to be counted
 * in microseconds (about the year 2255).
 */
export function parseWireTime(text: string): Micros | null {
  const match = form.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // A day that its month has not is moved on by the system: such a text would not come back.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== `${year}-${month}-${day}`)
    return null;
  const offset = offsetOf(zone);
  if (offset === null || year === '0000') return null;
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  const at = (date.getTime() - offset * 60_000) * 1000 + micros;
  return Number.isSafeInteger(at) ? at : null;
}

/** Minutes east of UTC; null for an offset that no place has. */
function offsetOf(zone: string): number | null {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (match === null) return 0;
  const [, sign, hours, minutes = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
