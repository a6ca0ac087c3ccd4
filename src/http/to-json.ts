import { stringify } from 'lossless-json';

/** The JSON text of a value; bigints in it are integers there, exact beyond 2^53. Of undefined: `null`. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    // The fast way knows no bigint, and few values have one.
    if (!(error instanceof TypeError)) throw error;
    return stringify(value) ?? 'null';
  }
}
