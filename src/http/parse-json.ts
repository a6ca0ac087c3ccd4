import { parse as parseLossless } from 'lossless-json';
import { CoreError } from '../core/errors.js';
import { checkValue } from './check-value.js';

/** The only way in which JSON of valid UTF-8 can spell NUL or a lone surrogate. */
const suspicious = /\\u(?:0000|d[89a-f])/i;

/** An integer token that a double may not hold: 16 digits or more. Inside strings it costs only time. */
const longInteger = /(?:^|[[:,\s-])\d{16,}(?=[\s,\]}]|$)/;

/** Digits of the greatest 64-bit integer and one more; longer ones are out of every range, and slow to convert. */
const longestInteger = 20;

function numberOf(token: string): number | bigint {
  const value = Number(token);
  const isLong = /^-?\d+$/.test(token) && token.length <= longestInteger && !Number.isSafeInteger(value);
  return isLong ? BigInt(token) : value;
}

/** Longer texts are not parsed a second time only to say where they are wrong. */
const longestExplained = 64 * 1024;

/** Where a text stops being JSON, as V8's message says, or lossless-json's where V8 says nothing; null if neither knows. */
function faultAt(text: string, message: string): number | null {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (message.includes('end of JSON')) return text.length;
  if (text.length > longestExplained) return null;
  try {
    parseLossless(text);
    return null;
  } catch (error) {
    const second = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    return second === undefined ? null : Number(second);
  }
}

function malformed(error: unknown, text: string): CoreError {
  const at = faultAt(text, error instanceof Error ? error.message : '');
  if (at === null) return new CoreError({ code: 'malformed' }, 'malformed JSON', { cause: error });
  const before = text.slice(0, at).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return new CoreError({ code: 'malformed' }, `malformed JSON at ${place}`, { cause: error });
}

/** How integers beyond 2^53 are read: rounded as by JSON.parse, or exactly, as bigint. */
export type Integers = 'number' | 'exact';

/**
 * Parses JSON. Of equal keys the last one counts. Throws CoreError `malformed` with line and column,
 * or `invalid` for what `checkValue` refuses. With `exact`, integers beyond 2^53 of up to 20
 * characters come as bigint.
 */
export function parseJson(text: string, integers: Integers = 'number'): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw malformed(error, text);
  }
  checkValue(value, suspicious.test(text));
  if (integers === 'number' || !longInteger.test(text)) return value;
  // Only now: this parser is recursive, and the depth is known to be small.
  return parseLossless(text, null, { parseNumber: numberOf, onDuplicateKey: ({ newValue }) => newValue });
}
