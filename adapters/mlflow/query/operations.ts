import { parseUuid, uuidToHex } from '../../../src/core/ids.js';
import {
  type AnyField,
  and,
  between,
  type Comparison,
  compare,
  exists,
  type Filter,
  likePattern,
  match,
  noneOf,
  not,
  oneOf,
  or,
  type Pattern,
} from '../../../src/core/query.js';
import type { Micros } from '../../../src/core/time.js';

/** What is asked of a text. It is false of what has none. */
export type TextTest =
  | { readonly kind: 'equal' | 'other'; readonly text: string }
  | { readonly kind: 'like'; readonly text: string; readonly ignoreCase: boolean }
  | { readonly kind: 'in' | 'notIn'; readonly texts: readonly string[] };

/** The test of a field that has at most one text. */
export function textIs<F extends AnyField>(field: F, test: TextTest): Filter<F> {
  switch (test.kind) {
    case 'equal':
      return compare(field, 'eq', test.text);
    case 'other':
      return compare(field, 'ne', test.text);
    case 'like':
      return match(field, likePattern(test.text), { ignoreCase: test.ignoreCase });
    case 'in':
      return oneOf(field, test.texts);
    case 'notIn':
      return noneOf(field, test.texts);
  }
}

/** The same test of a text that is at hand. */
export function passes(test: TextTest, text: string): boolean {
  switch (test.kind) {
    case 'equal':
      return text === test.text;
    case 'other':
      return text !== test.text;
    case 'like': {
      const [pattern, subject] = test.ignoreCase ? [lower(test.text), lower(text)] : [test.text, text];
      return isLike(subject, likePattern(pattern));
    }
    case 'in':
      return test.texts.includes(text);
    case 'notIn':
      return !test.texts.includes(text);
  }
}

/** A to Z alone, as in the database. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function isLike(text: string, pattern: Pattern): boolean {
  let places = new Set([0]);
  for (const piece of pattern) {
    const next = new Set<number>();
    for (const place of places) {
      if (typeof piece === 'string') {
        if (text.startsWith(piece, place)) next.add(place + piece.length);
      } else if (piece.wildcard === 'one') next.add(place + 1);
      else for (let end = place; end <= text.length; end += 1) next.add(end);
    }
    places = next;
  }
  return places.has(text.length);
}

/**
 * The test of a time, which this language has in milliseconds: one that was within a millisecond is equal to it.
 *
 * @param millis a number, which need not be whole.
 */
export function timeIs<F extends AnyField>(field: F, comparison: Comparison, millis: number): Filter<F> {
  const isWhole = Number.isInteger(millis);
  const within = between(field, micros(millis), micros(millis + 1) - 1);
  switch (comparison) {
    case 'eq':
      return isWhole ? within : or();
    case 'ne':
      return isWhole ? and(exists(field), not(within)) : exists(field);
    case 'lt':
      return compare(field, 'lt', micros(Math.ceil(millis)));
    case 'ge':
      return compare(field, 'ge', micros(Math.ceil(millis)));
    case 'le':
      return compare(field, 'lt', micros(Math.floor(millis) + 1));
    case 'gt':
      return compare(field, 'ge', micros(Math.floor(millis) + 1));
  }
}

/** No time is beyond what core holds exactly. */
function micros(millis: number): Micros {
  return Math.min(Math.max(Math.floor(millis * 1000), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** The id that is shown as this text, 32 hex digits in lower case; null if none is. */
export function idShownAs(text: string): string | null {
  const id = parseUuid(text);
  return id !== null && uuidToHex(id) === text ? id : null;
}
