import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { CoreError, invalid } from '../core/errors.js';
import type { AdapterDeps } from './adapter.js';
import { allowOrigin, answerPreflight, isPreflight } from './cors.js';
import { createGuard } from './guard.js';
import type { HttpContext, HttpEnv } from './http-env.js';
import { isDecodable, isMisleading } from './url.js';

const clientRequestId = /^[\w.-]{1,64}$/;

/** The client's own id if it is a plain one, so that both sides' logs can be laid side by side; else a new one. */
function requestIdOf(c: HttpContext): string {
  const sent = c.req.header('X-Request-Id');
  return sent !== undefined && clientRequestId.test(sent) ? sent : randomUUID();
}

/**
 * What every request passes before any route is looked for: it gets an id and security headers, and is
 * refused while the server stops, when its Host or Origin is foreign, or when its URL is no text or misleads.
 */
export function entrance({ lifecycle, settings }: AdapterDeps): MiddlewareHandler<HttpEnv> {
  const guard = createGuard(settings);
  return async (c, next) => {
    const requestId = requestIdOf(c);
    c.set('requestId', requestId);
    c.header('X-Request-Id', requestId);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('X-Frame-Options', 'DENY');
    c.header('Cache-Control', 'no-store');
    if (lifecycle.stopping) {
      throw new CoreError({ code: 'unavailable', retryAfterSeconds: 1 }, 'the server is stopping');
    }
    const origin = guard.check(c.req.header('Host'), c.req.header('Origin'));
    if (origin !== null) {
      allowOrigin(c, origin);
      if (isPreflight(c)) return answerPreflight(c);
    }
    // As it came: the URL of the request is tidied already.
    if (isMisleading(c.env?.incoming?.url ?? ''))
      throw invalid('', 'the path must not contain the names . and .., a backslash or #');
    if (!isDecodable(c.req.url)) throw invalid('', 'the URL is not percent-encoded UTF-8 without NUL');
    return next();
  };
}
