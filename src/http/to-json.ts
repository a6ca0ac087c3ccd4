import { stringify } from 'lossless-json';

/**
 * A 64-bit integer as it stands in an answer: a number where that holds it, so that the fast way below serves, else a
 * bigint.
 */
export function exactInteger(value: bigint | number): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

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
