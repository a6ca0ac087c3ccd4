import type { CoreError, CoreErrorCode, EntityName, Issue } from '../../src/core/errors.js';
import type { RenderedError } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';
import { missing } from './wire/values.js';

/** The clients' words for each error (`mlflow.exceptions`, databricks.proto); the statuses are those that go with them. */
const codeOf = {
  invalid: 'INVALID_PARAMETER_VALUE',
  malformed: 'INVALID_PARAMETER_VALUE',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'PERMISSION_DENIED',
  not_found: 'RESOURCE_DOES_NOT_EXIST',
  method_not_allowed: 'BAD_REQUEST',
  not_acceptable: 'BAD_REQUEST',
  unsupported_media_type: 'INVALID_PARAMETER_VALUE',
  already_exists: 'RESOURCE_ALREADY_EXISTS',
  conflict: 'INVALID_PARAMETER_VALUE',
  trashed: 'INVALID_PARAMETER_VALUE',
  unsupported: 'NOT_IMPLEMENTED',
  too_large: 'INVALID_PARAMETER_VALUE',
  range_not_satisfiable: 'BAD_REQUEST',
  timeout: 'BAD_REQUEST',
  limited: 'REQUEST_LIMIT_EXCEEDED',
  unavailable: 'TEMPORARILY_UNAVAILABLE',
  internal: 'INTERNAL_ERROR',
} as const satisfies Record<CoreErrorCode, string>;

/** The real server has 400 for these; what is too large keeps its own status, as one that no client repeats. */
const statusOf = {
  ...httpStatusOf,
  already_exists: 400,
  conflict: 400,
  trashed: 400,
  unsupported_media_type: 400,
} as const;

/** What these clients call otherwise than the core. */
const nameOf: Partial<Record<EntityName, string>> = { project: 'experiment' };

/** What the core calls otherwise than these clients: where a page begins. */
const fieldOf: Readonly<Record<string, string>> = { after: 'page_token' };

function issueMessage({ path, message }: Issue): string {
  if (path === '') return message;
  const field = fieldOf[path] ?? path;
  return message === missing
    ? `Missing value for required parameter '${field}'.`
    : `Invalid value for parameter '${field}' supplied: ${message}`;
}

function messageOf(error: CoreError, requestId: string): string {
  const { detail, message } = error;
  switch (detail.code) {
    case 'internal':
      return `Internal server error; the request id is ${requestId}`;
    case 'invalid':
      return detail.issues.length === 0 ? message : detail.issues.map(issueMessage).join('; ');
    case 'not_found':
      return message.replace(detail.entity, nameOf[detail.entity] ?? detail.entity);
    default:
      return message;
  }
}

/** An error as the clients read it. */
export function renderError(error: CoreError, requestId: string): RenderedError {
  const isRoute = error.detail.code === 'not_found' && error.detail.entity === 'route';
  return {
    status: statusOf[error.code],
    body: {
      error_code: isRoute ? 'ENDPOINT_NOT_FOUND' : codeOf[error.code],
      message: messageOf(error, requestId),
    },
  };
}
