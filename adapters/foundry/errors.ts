import { v5 } from 'uuid';
import { CoreError, type CoreErrorCode, type CoreErrorDetail } from '../../src/core/errors.js';
import { isUuid } from '../../src/core/ids.js';
import type { RenderedError } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';
import { previewParameter } from './wire/preview.js';

/** What an error is told with: by these its client builds a typed exception. */
export type ErrorParameters = Readonly<Record<string, string | number>>;

/** An error that has a name in this dialect. */
export class NamedError extends CoreError {
  constructor(
    detail: CoreErrorDetail,
    readonly errorName: string,
    readonly parameters: ErrorParameters,
    message: string,
  ) {
    super(detail, message);
  }
}

const invalidArgument = ['INVALID_ARGUMENT', 'Conjure:InvalidArgument'] as const;
const notFound = ['NOT_FOUND', 'Default:NotFound'] as const;
const conflict = ['CONFLICT', 'Default:Conflict'] as const;

/** Code and name of errors that have no other name: Palantir's general ones, and, where it has none, some of that form. */
const generalOf = {
  invalid: invalidArgument,
  malformed: invalidArgument,
  unauthenticated: ['UNAUTHORIZED', 'Default:Unauthorized'],
  forbidden: ['PERMISSION_DENIED', 'Default:PermissionDenied'],
  not_found: notFound,
  trashed: notFound,
  method_not_allowed: ['METHOD_NOT_ALLOWED', 'Conjure:MethodNotAllowed'],
  not_acceptable: ['NOT_ACCEPTABLE', 'Conjure:NotAcceptable'],
  timeout: ['TIMEOUT', 'Default:Timeout'],
  already_exists: conflict,
  conflict,
  too_large: ['REQUEST_ENTITY_TOO_LARGE', 'Default:RequestEntityTooLarge'],
  unsupported_media_type: ['UNSUPPORTED_MEDIA_TYPE', 'Conjure:UnsupportedMediaType'],
  range_not_satisfiable: ['RANGE_NOT_SATISFIABLE', 'Default:RangeNotSatisfiable'],
  limited: ['RATE_LIMITED', 'Default:RateLimited'],
  unsupported: ['NOT_IMPLEMENTED', 'Conjure:NotImplemented'],
  unavailable: ['UNAVAILABLE', 'Default:Unavailable'],
  internal: ['INTERNAL', 'Default:Internal'],
} as const satisfies Record<CoreErrorCode, readonly [errorCode: string, errorName: string]>;

/** The namespace of the ids of errors, where a client gave its request an id that is no UUID. */
const instanceNamespace = 'c905c3f3-8618-4269-b449-80f41660680f';

function nameOf(error: CoreError): string {
  if (error instanceof NamedError) return error.errorName;
  const { detail } = error;
  // An endpoint that is in preview refuses every request that does not ask for that.
  if (detail.code === 'invalid' && detail.issues.some(({ path }) => path === previewParameter))
    return 'ApiFeaturePreviewUsageOnly';
  return generalOf[error.code][1];
}

/** An error in Palantir's envelope. Its id is the request's own where that is a UUID, else made of it. */
export function renderError(error: CoreError, requestId: string): RenderedError {
  const [errorCode] = generalOf[error.code];
  const instanceId = isUuid(requestId) ? requestId : v5(requestId, instanceNamespace);
  const body = {
    errorCode,
    errorName: nameOf(error),
    errorInstanceId: instanceId,
    errorDescription: error.code === 'internal' ? 'Internal server error' : error.message,
    parameters: error instanceof NamedError ? error.parameters : {},
  };
  // Its client would ask again within a second or two, long before the limit is over.
  const headers: Record<string, string> =
    error.code === 'limited' ? { 'QoS-Retry-Hint': 'do-not-retry' } : {};
  return { status: httpStatusOf[error.code], body, headers, instanceId };
}
