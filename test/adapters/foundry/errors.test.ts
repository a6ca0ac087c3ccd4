import { describe, expect, it } from 'vitest';
import { NamedError, renderError } from '../../../adapters/foundry/errors.js';
import { errorResponse } from '../../../adapters/foundry/wire/errors.js';
import { CoreError, type CoreErrorCode, type CoreErrorDetail, invalid } from '../../../src/core/errors.js';

const requestId = '01981b2c-7d43-4e55-a1f0-5a6f5a3c9b11';

const details = {
  invalid: { code: 'invalid', issues: [{ path: 'offset', message: 'bad' }] },
  malformed: { code: 'malformed' },
  unauthenticated: { code: 'unauthenticated' },
  forbidden: { code: 'forbidden' },
  not_found: { code: 'not_found', entity: 'route' },
  method_not_allowed: { code: 'method_not_allowed', allow: [] },
  not_acceptable: { code: 'not_acceptable' },
  unsupported_media_type: { code: 'unsupported_media_type' },
  already_exists: { code: 'already_exists', entity: 'run' },
  conflict: { code: 'conflict' },
  unsupported: { code: 'unsupported' },
  too_large: { code: 'too_large' },
  timeout: { code: 'timeout' },
  limited: { code: 'limited', retryAfterSeconds: 60 },
  unavailable: { code: 'unavailable', retryAfterSeconds: 1 },
  trashed: { code: 'trashed', entity: 'project', number: 1 },
  range_not_satisfiable: { code: 'range_not_satisfiable', size: 1 },
  internal: { code: 'internal' },
} as const satisfies Record<CoreErrorCode, CoreErrorDetail>;

const wanted = {
  invalid: [400, 'INVALID_ARGUMENT', 'Conjure:InvalidArgument'],
  malformed: [400, 'INVALID_ARGUMENT', 'Conjure:InvalidArgument'],
  unsupported: [501, 'NOT_IMPLEMENTED', 'Conjure:NotImplemented'],
  unauthenticated: [401, 'UNAUTHORIZED', 'Default:Unauthorized'],
  forbidden: [403, 'PERMISSION_DENIED', 'Default:PermissionDenied'],
  not_found: [404, 'NOT_FOUND', 'Default:NotFound'],
  method_not_allowed: [405, 'METHOD_NOT_ALLOWED', 'Conjure:MethodNotAllowed'],
  not_acceptable: [406, 'NOT_ACCEPTABLE', 'Conjure:NotAcceptable'],
  timeout: [408, 'TIMEOUT', 'Default:Timeout'],
  already_exists: [409, 'CONFLICT', 'Default:Conflict'],
  conflict: [409, 'CONFLICT', 'Default:Conflict'],
  too_large: [413, 'REQUEST_ENTITY_TOO_LARGE', 'Default:RequestEntityTooLarge'],
  unsupported_media_type: [415, 'UNSUPPORTED_MEDIA_TYPE', 'Conjure:UnsupportedMediaType'],
  limited: [429, 'RATE_LIMITED', 'Default:RateLimited'],
  unavailable: [503, 'UNAVAILABLE', 'Default:Unavailable'],
  trashed: [404, 'NOT_FOUND', 'Default:NotFound'],
  range_not_satisfiable: [416, 'RANGE_NOT_SATISFIABLE', 'Default:RangeNotSatisfiable'],
  internal: [500, 'INTERNAL', 'Default:Internal'],
} as const satisfies Record<CoreErrorCode, readonly [number, string, string]>;

describe('errors', () => {
  it.each(Object.keys(wanted) as CoreErrorCode[])('%s has the whole envelope', (code) => {
    const { status, body, instanceId } = renderError(
      new CoreError(details[code], 'what is wrong'),
      requestId,
    );
    const [http, errorCode, errorName] = wanted[code];
    expect(status).toBe(http);
    expect(errorResponse.strict().parse(body)).toEqual({
      errorCode,
      errorName,
      errorInstanceId: requestId,
      errorDescription: code === 'internal' ? 'Internal server error' : 'what is wrong',
      parameters: {},
    });
    expect(instanceId).toBe(requestId);
  });

  it('have the name and the parameters that they were given', () => {
    const error = new NamedError(details.not_found, 'ModelNotFound', { modelRid: 'ri.x' }, 'gone');
    expect(renderError(error, requestId)).toMatchObject({
      status: 404,
      body: { errorName: 'ModelNotFound', parameters: { modelRid: 'ri.x' } },
    });
  });

  it('say first of all that the endpoint is in preview', () => {
    const both: CoreErrorDetail = {
      code: 'invalid',
      issues: [
        { path: 'offset', message: 'bad' },
        { path: 'preview', message: 'bad' },
      ],
    };
    expect(renderError(new CoreError(both, 'x'), requestId).body).toMatchObject({
      errorName: 'ApiFeaturePreviewUsageOnly',
      parameters: {},
    });
  });

  it('have a UUID whatever id the client gave its request, the same for the same', () => {
    const idOf = (given: string) => renderError(invalid('', 'x'), given).instanceId;
    expect(idOf('my-request')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(idOf('my-request')).toBe(idOf('my-request'));
    expect(idOf('another')).not.toBe(idOf('my-request'));
  });

  it('ask not to be repeated where that would not help', () => {
    const headersOf = (detail: CoreErrorDetail) => renderError(new CoreError(detail, 'x'), requestId).headers;
    expect(headersOf(details.limited)).toEqual({ 'QoS-Retry-Hint': 'do-not-retry' });
    expect(headersOf(details.unavailable)).toEqual({});
  });
});
