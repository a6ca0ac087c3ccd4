import type { CoreError, CoreErrorCode, EntityName } from '../../src/core/errors.js';
import type { RenderedError } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';
import { unusableEnvironment } from './wire/environment.js';

/** The statuses that Submarine's clients meet, by their names in JAX-RS. */
const statusNames = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  408: 'REQUEST_TIMEOUT',
  409: 'CONFLICT',
  413: 'REQUEST_ENTITY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  416: 'REQUESTED_RANGE_NOT_SATISFIABLE',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  501: 'NOT_IMPLEMENTED',
  503: 'SERVICE_UNAVAILABLE',
} as const;

const statusOf = { ...httpStatusOf, already_exists: 400 } as const satisfies Record<
  CoreErrorCode,
  keyof typeof statusNames
>;

/** Submarine's own words for what is not there; null where the error says more. */
const missing = {
  run: 'Not found experiment.',
  environment: 'Environment not found.',
  template: 'ExperimentTemplate not found.',
  project: null,
  job: null,
  loggedModel: null,
  artifact: null,
  tag: null,
  service: null,
  user: null,
  workspace: null,
  route: null,
} as const satisfies Record<EntityName, string | null>;

/** Submarine's own words for a name that is taken. */
function takenMessage(entity: EntityName, message: string): string {
  if (entity === 'environment') return unusableEnvironment;
  if (entity === 'template') return `Unable to insert or update the experimentTemplate spec: ${message}`;
  return message;
}

function messageOf(error: CoreError, requestId: string): string {
  const { detail, message } = error;
  if (detail.code === 'internal') return `Internal server error; the request id is ${requestId}`;
  if (detail.code === 'not_found' || detail.code === 'trashed') return missing[detail.entity] ?? message;
  return detail.code === 'already_exists' ? takenMessage(detail.entity, message) : message;
}

/** An error in Submarine's envelope, all six keys of it. */
export function renderError(error: CoreError, requestId: string): RenderedError {
  const status = statusOf[error.code];
  const body = {
    status: statusNames[status],
    code: status,
    success: null,
    message: messageOf(error, requestId),
    result: null,
    attributes: {},
  };
  return { status, body };
}
