import { invalid } from '../core/errors.js';
import type { HttpContext } from './http-env.js';

const visibleAscii = /^[\x21-\x7e]{1,255}$/;

/**
 * The Idempotency-Key of a request, null without one. Throws CoreError `invalid` for one that is not
 * 1 to 255 visible ASCII characters.
 */
export function idempotencyKey(c: HttpContext): string | null {
  const key = c.req.header('Idempotency-Key');
  if (key === undefined) return null;
  if (!visibleAscii.test(key)) throw invalid('Idempotency-Key', 'must be 1 to 255 visible ASCII characters');
  return key;
}
