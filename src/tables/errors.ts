import { type CoreError, invalid } from '../core/errors.js';

/** The longest reason that is told, and of it only what can be printed: a reason may quote a file. */
const longest = 200;

/** The error for a file that is no table that can be read. */
export function unreadable(reason: string): CoreError {
  const shown = reason.slice(0, longest).replace(/[^\x20-\x7e]/g, '?');
  return invalid('artifact', `is no table that can be read: ${shown}`);
}
