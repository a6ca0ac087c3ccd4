import type { CoreError, EntityName, Issue } from '../../src/core/errors.js';
import type { RenderedError } from '../../src/http/dialect-app.js';
import { httpStatusOf } from '../../src/http/http-status.js';

/** What clashes is a fault of the request, as for the serializers of the real server. */
const statusOf = { ...httpStatusOf, already_exists: 400, conflict: 400 } as const;

/** What the server of 0.5 says of a path that names nothing; null where the error says more. */
const missing = {
  run: 'Not found.',
  project: 'Not found.',
  job: 'Not found.',
  workspace: 'Not found.',
  loggedModel: null,
  artifact: null,
  tag: null,
  service: null,
  environment: null,
  template: null,
  user: null,
  route: null,
} as const satisfies Record<EntityName, string | null>;

/** The faults of each field by its name; those of the whole body as `detail`. */
function fieldMap(issues: readonly Issue[]): Record<string, string | string[]> {
  const fields = new Map<string, string[]>();
  const whole: string[] = [];
  for (const { path, message } of issues) {
    // No client's parser need keep a key of this name.
    if (path === '' || path === '__proto__') whole.push(path === '' ? message : `${path}: ${message}`);
    else fields.set(path, [...(fields.get(path) ?? []), message]);
  }
  const rest = Object.fromEntries(fields);
  return whole.length === 0 ? rest : { detail: whole.join('; '), ...rest };
}

/** An error as the server of 0.5 answers it (Django REST framework's form). */
export function renderError(error: CoreError, requestId: string): RenderedError {
  const { detail, message } = error;
  const status = statusOf[error.code];
  switch (detail.code) {
    case 'internal':
      return { status, body: { detail: `Internal server error; the request id is ${requestId}` } };
    case 'invalid':
      return { status, body: fieldMap(detail.issues) };
    case 'not_found':
    case 'trashed':
      return { status, body: { detail: missing[detail.entity] ?? message } };
    case 'already_exists':
      return { status, body: { name: [message] } };
    default:
      return { status, body: { detail: message } };
  }
}
