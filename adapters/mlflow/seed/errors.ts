import type { CoreError, EntityName } from '../../../src/core/errors.js';
import type { RenderedError } from '../../../src/http/dialect-app.js';
import { httpStatusOf } from '../../../src/http/http-status.js';

/** The table of the seed has 400 for every fault of a request. */
const statusOf = { ...httpStatusOf, already_exists: 400, conflict: 400, trashed: 400 } as const;

const nameOf: Partial<Record<EntityName, string>> = { project: 'experiment' };

function messageOf({ detail, message }: CoreError, requestId: string): string {
  if (detail.code === 'internal') return `Internal server error; the request id is ${requestId}`;
  if (detail.code !== 'not_found') return message;
  return message.replace(detail.entity, nameOf[detail.entity] ?? detail.entity);
}

/** An error of the seed's face: a word, a sentence, and the faults of fields. */
export function renderError(error: CoreError, requestId: string): RenderedError {
  const { detail } = error;
  const details =
    detail.code === 'invalid'
      ? { details: detail.issues.map(({ path, message }) => ({ field: path, message })) }
      : {};
  const body = { error: error.code, message: messageOf(error, requestId), ...details };
  return { status: statusOf[error.code], body };
}
