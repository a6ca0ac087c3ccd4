/**
 * Readers of stored documents. What was taken once must be shown for ever, whatever later versions
 * take: so these never fail, and give a plain value where they find another type.
 */

/** A JSON object; an empty one for anything else. */
export function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text, or null for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A text, a number or boolean as its text, or null for anything else. */
export function scalarOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null;
}

/** Texts by name; numbers and booleans as their text, anything else empty; null for anything but an object. */
export function textsOf(value: unknown): Record<string, string> | null {
  if (!isRecord(value)) return null;
  return mapValues(value, (item) => scalarOf(item) ?? '');
}

/** The same keys with other values. */
export function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
