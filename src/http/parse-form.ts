import { CoreError, invalid } from '../core/errors.js';
import { checkValue } from './check-value.js';

/** Many times the longest form. */
const maxFields = 1000;

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new CoreError({ code: 'malformed' }, 'the form is not percent-encoded UTF-8', { cause: error });
  }
}

/**
 * The fields of a form (application/x-www-form-urlencoded) as texts. Throws CoreError `malformed` for
 * wrong escapes, and `invalid` for more than 1000 fields, a name that comes twice, and what
 * `checkValue` refuses.
 */
export function parseForm(text: string): Readonly<Record<string, string>> {
  const pairs = text.split('&', maxFields + 1);
  if (pairs.length > maxFields) throw invalid('', `the form has more than ${maxFields} fields`);
  const fields = new Map<string, string>();
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (fields.has(name)) throw invalid(name.slice(0, 200), 'the field comes twice');
    fields.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)));
  }
  const value = Object.fromEntries(fields);
  checkValue(value, true);
  return value;
}
