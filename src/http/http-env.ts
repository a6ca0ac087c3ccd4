import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Session } from './socket-server.js';

/** A request that asks to become something else than HTTP, and what a route does with it. A route that does nothing answers as ever. */
export interface Upgrade {
  /** Answers with 101, and runs the session over the WebSocket. */
  speak(session: Session): void;
  /** Gives the bare connection away, and what came on it behind the request: nothing is answered here. */
  handOver(take: (socket: Socket, head: Buffer) => void): void;
}

/** What Node's server gives with a request. */
export interface Bindings extends HttpBindings {
  /** Set when the request is a WebSocket handshake. */
  readonly upgrade?: Upgrade;
}

/** Answers requests. */
export type Fetch = (request: Request, bindings: Bindings) => Response | Promise<Response>;

/** What every Hono app of Franca carries. The bindings are missing when an app is called without a socket (`app.request`). */
export interface HttpEnv {
  Bindings: Partial<Bindings>;
  /** `refusal`: what is logged of the error that the request is answered with. */
  Variables: { requestId: string; refusal?: Readonly<Record<string, unknown>> };
}

/** Hono's context of one request. (`Context` alone means the services' one.) */
export type HttpContext = Context<HttpEnv>;
