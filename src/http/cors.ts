import type { HttpContext } from './http-env.js';

const allowedHeaders = 'Authorization, Content-Type, Idempotency-Key, X-Request-Id';

/** Lets a page of an allowed foreign origin read the answer. */
export function allowOrigin(c: HttpContext, origin: string): void {
  c.header('Access-Control-Allow-Origin', origin);
  c.header('Access-Control-Expose-Headers', 'X-Request-Id, Retry-After');
  c.header('Vary', 'Origin', { append: true });
}

/** True for the question that a browser asks before a request of a foreign page. */
export function isPreflight(c: HttpContext): boolean {
  return c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined;
}

/** The answer to it, for an allowed origin. Credentials are never allowed: Franca knows no cookies. */
export function answerPreflight(c: HttpContext): Response {
  c.header('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
  c.header('Access-Control-Allow-Headers', allowedHeaders);
  c.header('Access-Control-Max-Age', '600');
  return c.body(null, 204);
}
