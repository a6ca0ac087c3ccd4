import { z } from '@hono/zod-openapi';
import { expect } from 'vitest';
import { createPolyaxonAdapter } from '../../../adapters/polyaxon/index.js';
import { accountRoutes } from '../../../adapters/polyaxon/routes/accounts.js';
import { actionRoutes } from '../../../adapters/polyaxon/routes/actions.js';
import { bookmarkRoutes } from '../../../adapters/polyaxon/routes/bookmarks.js';
import { cloneRoutes } from '../../../adapters/polyaxon/routes/clones.js';
import { clusterRoutes } from '../../../adapters/polyaxon/routes/cluster.js';
import { codeRoutes } from '../../../adapters/polyaxon/routes/code.js';
import { experimentRoutes } from '../../../adapters/polyaxon/routes/experiments.js';
import { historyRoutes } from '../../../adapters/polyaxon/routes/histories.js';
import { jobRoutes } from '../../../adapters/polyaxon/routes/jobs.js';
import { logRoutes } from '../../../adapters/polyaxon/routes/logs.js';
import { outputRoutes } from '../../../adapters/polyaxon/routes/outputs.js';
import { projectRoutes } from '../../../adapters/polyaxon/routes/projects.js';
import { tensorboardRoutes } from '../../../adapters/polyaxon/routes/tensorboards.js';
import { errorResponse } from '../../../adapters/polyaxon/wire/errors.js';
import type { Flags } from '../../../src/config.js';
import type { Adapter } from '../../../src/http/adapter.js';
import type { RouteDefinition } from '../../../src/http/route.js';
import { createSite, type Site } from '../../http/support.js';

type AnyRoute = Pick<
  RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType>,
  'method' | 'path' | 'operationId' | 'answers'
>;

/** Every route of JSON and files, in the order in which they are served. */
export const routes: readonly AnyRoute[] = [
  ...Object.values(accountRoutes),
  ...Object.values(bookmarkRoutes),
  ...Object.values(clusterRoutes),
  ...Object.values(actionRoutes),
  ...Object.values(experimentRoutes),
  ...Object.values(cloneRoutes),
  ...Object.values(historyRoutes),
  ...Object.values(logRoutes),
  ...Object.values(jobRoutes),
  ...Object.values(outputRoutes),
  ...Object.values(tensorboardRoutes),
  ...Object.values(codeRoutes),
  ...Object.values(projectRoutes),
];

/** An answer: its status, its body as text, and parsed where it is JSON. */
export interface Answer {
  readonly http: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

function routeOf(method: string, path: string): AnyRoute | undefined {
  const plain = (path.split('?')[0] ?? '').replace(/\/+/g, '/');
  return routes.find(
    (one) =>
      one.method.toUpperCase() === method &&
      new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}/?$`).test(plain),
  );
}

/**
 * Checks what holds for every answer of this dialect: an error has `detail` or the faults of fields; a body
 * is what the document says, without a key that the document does not name; and where it promises none
 * there is none.
 */
export function checkAnswer(
  method: string,
  path: string,
  http: number,
  headers: Headers,
  text: string,
): Answer {
  const answer = routeOf(method, path)?.answers[http];
  if (http >= 400) {
    expect(headers.get('content-type')).toBe('application/json');
    const body: unknown = JSON.parse(text);
    expect(errorResponse.parse(body)).toEqual(body);
    expect(Object.keys(body as object)).not.toEqual([]);
    return { http, headers, text, body };
  }
  expect(answer, `${method} ${path} documents ${http}`).toBeDefined();
  if (answer?.mediaType !== undefined) {
    expect(headers.get('content-type')).toMatch(new RegExp(`^${answer.mediaType}(;|$)`));
    return { http, headers, text, body: undefined };
  }
  if (answer?.schema === undefined || text === '') {
    expect(text).toBe('');
    return { http, headers, text, body: undefined };
  }
  expect(headers.get('content-type')).toBe('application/json');
  const body: unknown = JSON.parse(text);
  expect(answer.schema.parse(body)).toEqual(body);
  return { http, headers, text, body };
}

export interface RequestOptions {
  /** JSON, if it is not text already. */
  readonly body?: unknown;
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The dialect over a real store in a folder of its own, called without a socket. */
export interface Client {
  readonly site: Site;
  readonly adapter: Adapter;
  call(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** The same without any check. */
  raw(method: string, path: string, options?: RequestOptions): Promise<Response>;
  close(): Promise<void>;
}

export async function createClient(flags: Flags = {}): Promise<Client> {
  const site = await createSite(flags);
  const adapter = createPolyaxonAdapter(site.deps);
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
      const answer = await raw(method, path, options);
      return checkAnswer(method, path, answer.status, answer.headers, await answer.text());
    },
    close: () => site.remove(),
  };
}

/** An object of an answer. */
export function objectOf(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(value);
}

const list = z.strictObject({
  count: z.number(),
  next: z.string().nullable(),
  previous: z.string().nullable(),
  results: z.array(z.record(z.string(), z.unknown())),
});

/** A list as this dialect answers it. */
export function listOf(value: unknown): z.output<typeof list> {
  return list.parse(value);
}
