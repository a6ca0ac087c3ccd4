import type { MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { CoreError } from '../core/errors.js';
import type { HttpContext, HttpEnv } from './http-env.js';
import { toJson } from './to-json.js';

/** An error in a dialect's own envelope. */
export interface RenderedError {
  readonly status: ContentfulStatusCode;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** An id of this one answer, where the envelope has one: it is logged, so that who is asked about it finds the request. */
  readonly instanceId?: string;
}

/** How a dialect's errors become answers. */
export interface ErrorAnswerOptions {
  readonly contentType: string;
  readonly logger: Logger;
  /** Pure. The request id is the only thing to tell of an `internal` error. */
  renderError(error: CoreError, requestId: string): RenderedError;
}

function asCoreError(error: unknown): CoreError {
  if (error instanceof CoreError) return error;
  return new CoreError({ code: 'internal' }, 'internal error', { cause: error });
}

/** Headers that belong to an error whatever envelope it has. */
function headersOf({ detail }: CoreError): Record<string, string> {
  const always = { 'Content-Security-Policy': "sandbox; default-src 'none'" };
  switch (detail.code) {
    case 'unauthenticated':
      // Basic too, for which browsers ask: pages such as TensorBoard's are looked at in one.
      return { ...always, 'WWW-Authenticate': 'Bearer realm="franca", Basic realm="franca"' };
    case 'method_not_allowed':
      return { ...always, Allow: detail.allow.join(', ') };
    case 'range_not_satisfiable':
      return { ...always, 'Content-Range': `bytes */${detail.size}` };
    case 'limited':
    case 'unavailable':
      return { ...always, 'Retry-After': String(detail.retryAfterSeconds) };
    default:
      return always;
  }
}

/** Logs what the operator should know of, without headers or bodies: they may hold secrets. */
function log(logger: Logger, error: CoreError, { instanceId }: RenderedError, c: HttpContext): void {
  const where = {
    requestId: c.get('requestId'),
    ...(instanceId === undefined ? {} : { instanceId }),
    method: c.req.method,
    path: c.req.path,
  };
  const about = { err: error.cause ?? error, ...where };
  if (error.code === 'internal') logger.error(about, 'a request failed');
  else if (error.code === 'unavailable' && error.cause !== undefined)
    logger.warn(about, 'a request found no answer');
  else if (instanceId !== undefined) c.set('refusal', { ...where, code: error.code });
}

/**
 * Logs the refusal that a request was answered with, where it has an id: once, though the answer to a path without a
 * route be replaced by another, that its method is not allowed.
 */
export function logRefusals(logger: Logger): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next();
    const refusal = c.get('refusal');
    if (refusal !== undefined) logger.info(refusal, 'a request was refused');
  };
}

/**
 * Gives the function that answers whatever was thrown, in the dialect's envelope. What is no CoreError
 * becomes `internal`, and its text stays in the log.
 */
export function createErrorAnswers(
  options: ErrorAnswerOptions,
): (c: HttpContext, thrown: unknown) => Response {
  return (c, thrown) => {
    const error = asCoreError(thrown);
    const rendered = options.renderError(error, c.get('requestId'));
    log(options.logger, error, rendered, c);
    const { status, body, headers } = rendered;
    const own = { 'Content-Type': options.contentType, ...headersOf(error), ...headers };
    return c.body(toJson(body), status, own);
  };
}
