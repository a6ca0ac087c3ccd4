import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { CoreErrorCode } from '../core/errors.js';

/** The HTTP status of each error where a dialect has no other (RFC 9110). */
export const httpStatusOf = {
  invalid: 400,
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  trashed: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  timeout: 408,
  already_exists: 409,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  limited: 429,
  internal: 500,
  unsupported: 501,
  unavailable: 503,
} as const satisfies Record<CoreErrorCode, ContentfulStatusCode>;
