import { z } from '@hono/zod-openapi';
import type { Flags } from '../../src/config.js';
import type { Adapter, AdapterDeps } from '../../src/http/adapter.js';
import type { RouteDefinition } from '../../src/http/route.js';
import { createSite, type Site } from '../http/support.js';
import { type RawAnswer, rawAnswerOf } from '../support/raw-http.js';

/** A route as a dialect documents and serves it, whatever it takes. */
export type AnyRoute = Pick<
  RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType>,
  'method' | 'path' | 'operationId' | 'answers'
>;

export interface RequestOptions {
  /** JSON, if it is not text already. */
  readonly body?: unknown;
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One dialect over a real store in a folder of its own, called without a socket. */
export interface DialectClient<Answer> {
  readonly site: Site;
  readonly adapter: Adapter;
  call(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** The same without any check. */
  raw(method: string, path: string, options?: RequestOptions): Promise<Response>;
  close(): Promise<void>;
}

/** Checks what holds for every answer of a dialect, and gives its parts. */
export type CheckAnswer<Answer> = (method: string, path: string, answer: RawAnswer) => Answer;

/** Creates a client whose every answer is checked. */
export async function createDialectClient<Answer>(
  create: (deps: AdapterDeps) => Adapter,
  check: CheckAnswer<Answer>,
  flags: Flags = {},
): Promise<DialectClient<Answer>> {
  const site = await createSite(flags);
  const adapter = create(site.deps);
  async function raw(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const { body, type = 'application/json', headers } = options;
    const hasBody = body !== undefined;
    return adapter.app.fetch(
      new Request(`http://127.0.0.1:5050${path}`, {
        method,
        headers: {
          Host: '127.0.0.1:5050',
          ...(hasBody && type !== null ? { 'Content-Type': type } : {}),
          ...headers,
        },
        ...(hasBody ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
      }),
    );
  }
  return {
    site,
    adapter,
    raw,
    async call(method, path, options) {
      return check(method, path, await rawAnswerOf(await raw(method, path, options)));
    },
    close: () => site.remove(),
  };
}

/** Paths of a route: `{name}` is one part of them, `{name{.+}}` what its own pattern says. */
function patternOf(path: string): RegExp {
  const parts = path.replace(/\{\w+\{([^}]*)\}\}/g, '(?:$1)').replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${parts}/?$`);
}

/** The route among these that serves a request. */
export function routeOf(routes: readonly AnyRoute[], method: string, path: string): AnyRoute | undefined {
  const plain = (path.split('?')[0] ?? '').replace(/\/+/g, '/');
  return routes.find((one) => one.method.toUpperCase() === method && patternOf(one.path).test(plain));
}

const object = z.record(z.string(), z.unknown());

/** An object of an answer. */
export function objectOf(value: unknown): Record<string, unknown> {
  return object.parse(value);
}
