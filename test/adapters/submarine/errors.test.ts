import { describe, expect, it } from 'vitest';
import { renderError } from '../../../adapters/submarine/errors.js';
import { errorResponse } from '../../../adapters/submarine/wire/envelope.js';
import {
  CoreError,
  type CoreErrorCode,
  type CoreErrorDetail,
  type EntityName,
} from '../../../src/core/errors.js';
import { aRun } from '../../support/builders.js';

interface Row {
  readonly detail: CoreErrorDetail;
  readonly code: number;
  readonly status: string;
}

const wait = { retryAfterSeconds: 1 };
const rows = {
  invalid: { detail: { code: 'invalid', issues: [] }, code: 400, status: 'BAD_REQUEST' },
  malformed: { detail: { code: 'malformed' }, code: 400, status: 'BAD_REQUEST' },
  unauthenticated: { detail: { code: 'unauthenticated' }, code: 401, status: 'UNAUTHORIZED' },
  forbidden: { detail: { code: 'forbidden' }, code: 403, status: 'FORBIDDEN' },
  not_found: { detail: { code: 'not_found', entity: 'route' }, code: 404, status: 'NOT_FOUND' },
  method_not_allowed: {
    detail: { code: 'method_not_allowed', allow: [] },
    code: 405,
    status: 'METHOD_NOT_ALLOWED',
  },
  not_acceptable: { detail: { code: 'not_acceptable' }, code: 406, status: 'NOT_ACCEPTABLE' },
  timeout: { detail: { code: 'timeout' }, code: 408, status: 'REQUEST_TIMEOUT' },
  already_exists: { detail: { code: 'already_exists', entity: 'user' }, code: 400, status: 'BAD_REQUEST' },
  conflict: { detail: { code: 'conflict' }, code: 409, status: 'CONFLICT' },
  trashed: { detail: { code: 'trashed', entity: 'project', number: 1 }, code: 404, status: 'NOT_FOUND' },
  too_large: { detail: { code: 'too_large' }, code: 413, status: 'REQUEST_ENTITY_TOO_LARGE' },
  unsupported_media_type: {
    detail: { code: 'unsupported_media_type' },
    code: 415,
    status: 'UNSUPPORTED_MEDIA_TYPE',
  },
  range_not_satisfiable: {
    detail: { code: 'range_not_satisfiable', size: 5 },
    code: 416,
    status: 'REQUESTED_RANGE_NOT_SATISFIABLE',
  },
  unsupported: { detail: { code: 'unsupported' }, code: 501, status: 'NOT_IMPLEMENTED' },
  limited: { detail: { code: 'limited', ...wait }, code: 429, status: 'TOO_MANY_REQUESTS' },
  unavailable: { detail: { code: 'unavailable', ...wait }, code: 503, status: 'SERVICE_UNAVAILABLE' },
  internal: { detail: { code: 'internal' }, code: 500, status: 'INTERNAL_SERVER_ERROR' },
} satisfies Record<CoreErrorCode, Row>;

describe('errors', () => {
  it.each(Object.entries(rows))('%s', (name, { detail, code, status }) => {
    const rendered = renderError(new CoreError(detail, 'what is wrong'), 'request-1');
    expect(rendered.status).toBe(code);
    expect(errorResponse.parse(rendered.body)).toEqual(rendered.body);
    const message = name === 'internal' ? expect.stringContaining('request-1') : 'what is wrong';
    expect(rendered.body).toEqual({ status, code, success: null, message, result: null, attributes: {} });
  });

  it('an internal error tells its request id and nothing else', () => {
    const { body } = renderError(new CoreError({ code: 'internal' }, 'SELECT * FROM secrets'), 'request-1');
    expect(JSON.stringify(body)).not.toContain('SELECT');
  });

  const missing = {
    run: 'Not found experiment.',
    environment: 'Environment not found.',
    template: 'ExperimentTemplate not found.',
    project: 'said so',
    job: 'said so',
    loggedModel: 'said so',
    artifact: 'said so',
    tag: 'said so',
    service: 'said so',
    user: 'said so',
    workspace: 'said so',
    route: 'said so',
  } satisfies Record<EntityName, string>;
  it.each(Object.entries(missing))('a missing %s: %s', (entity, message) => {
    const error = new CoreError({ code: 'not_found', entity: entity as EntityName }, 'said so');
    expect(renderError(error, '').body).toMatchObject({ message });
  });

  it('a run that is trashed while it is written is not there', () => {
    const { id } = aRun();
    const trashed = new CoreError({ code: 'trashed', entity: 'run', id }, 'the run is deleted');
    expect(renderError(trashed, '')).toEqual(
      renderError(new CoreError({ code: 'not_found', entity: 'run' }, ''), ''),
    );
  });
});
