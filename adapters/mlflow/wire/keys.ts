import { posix } from 'node:path';
import { requiredText } from './values.js';

/** The longest key of a metric, param or tag (`mlflow.utils.validation`). */
const longestKey = 250;

/** Letters and digits of every script, as in Python's `\w`. */
const characters = /^[/\p{L}\p{N}_.\- :]*$/u;

/**
 * What is wrong with a key. The rules are those of `mlflow.utils.validation`: a key may be the path of a file
 * somewhere, so it must not lead elsewhere than it says.
 */
function faultOf(key: string): string | null {
  if (key.length > longestKey) return `must not be longer than ${longestKey} characters`;
  if (!characters.test(key))
    return 'may only contain letters, digits, underscores, dashes, periods, spaces, colons and slashes';
  const isPath =
    key === posix.normalize(key).replace(/\/$/, '') &&
    key !== '.' &&
    !key.startsWith('..') &&
    !key.startsWith('/');
  return isPath ? null : 'must not be a path that climbs, is absolute or has empty parts';
}

/** The key of a metric, param or tag. */
export const entityKey = requiredText.superRefine((key, context) => {
  const fault = faultOf(key);
  if (fault !== null) context.addIssue({ code: 'custom', message: fault });
});
