import { NamedError } from '../errors.js';

/** The longest piece of a filter that is quoted back. */
const longest = 100;

/** The error for a filter that cannot be, with the place in it. */
export function refused(path: string, message: string): NamedError {
  const reason = `${path}: ${message}`;
  return new NamedError(
    { code: 'invalid', issues: [{ path, message }] },
    'InvalidExperimentSearchFilter',
    { reason },
    reason,
  );
}

/** A value as it is quoted back. */
export function quoted(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
