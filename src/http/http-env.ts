import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** What every Hono app of Franca carries. The bindings are missing when an app is called without a socket (`app.request`). */
export interface HttpEnv {
  Bindings: Partial<HttpBindings>;
  Variables: { requestId: string };
}

/** Hono's context of one request. (`Context` alone means the services' one.) */
export type HttpContext = Context<HttpEnv>;
