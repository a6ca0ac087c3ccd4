import type { z } from '@hono/zod-openapi';
import { invalid } from '../core/errors.js';
import type { Context } from '../services/context.js';
import type { HttpContext, Upgrade } from './http-env.js';
import type { RouteDefinition, RouteInput } from './route.js';
import type { Session } from './socket-server.js';

/** A WebSocket as the document describes it: a GET that is answered with 101. */
export type SocketDefinition<P extends z.ZodObject, Q extends z.ZodObject> = Omit<
  RouteDefinition<P, Q, z.ZodUndefined>,
  'method' | 'body' | 'answers'
>;

/** Decides whether a caller gets a socket, and what is said over it. */
export type SocketHandler<P extends z.ZodObject, Q extends z.ZodObject> = (
  input: Pick<RouteInput<P, Q, z.ZodUndefined>, 'params' | 'query'>,
  context: Context,
  c: HttpContext,
) => Session | Promise<Session>;

/** The route that takes the handshakes of a socket. */
export function socketRoute<P extends z.ZodObject, Q extends z.ZodObject>(
  definition: SocketDefinition<P, Q>,
): RouteDefinition<P, Q, z.ZodUndefined> {
  const answers = { 101: { description: 'The connection is a WebSocket now.' } };
  return { ...definition, method: 'get', answers };
}

/** A handshake's key is 16 bytes in base64 (RFC 6455 section 4.1). */
const handshakeKey = /^[A-Za-z0-9+/]{22}==$/;

/** The upgrade of a request that is a proper handshake. Throws CoreError `invalid` for any other. */
export function checkHandshake(c: HttpContext): Upgrade {
  const upgrade = c.env?.upgrade;
  if (upgrade === undefined) throw invalid('', 'this address is a WebSocket: ask with Upgrade: websocket');
  if (c.req.header('Sec-WebSocket-Version') !== '13') {
    throw invalid('', 'the Sec-WebSocket-Version must be 13');
  }
  if (!handshakeKey.test(c.req.header('Sec-WebSocket-Key')?.trim() ?? '')) {
    throw invalid('', 'the Sec-WebSocket-Key must be 16 bytes in base64');
  }
  return upgrade;
}
