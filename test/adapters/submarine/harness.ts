import { z } from '@hono/zod-openapi';
import { expect } from 'vitest';
import { createSubmarineAdapter } from '../../../adapters/submarine/index.js';
import { environmentRoutes } from '../../../adapters/submarine/routes/environments.js';
import { experimentRoutes } from '../../../adapters/submarine/routes/experiments.js';
import { loginRoutes } from '../../../adapters/submarine/routes/login.js';
import { logRoutes } from '../../../adapters/submarine/routes/logs.js';
import { serviceRoutes } from '../../../adapters/submarine/routes/services.js';
import { templateRoutes } from '../../../adapters/submarine/routes/templates.js';
import { trackingRoutes } from '../../../adapters/submarine/routes/tracking.js';
import { errorResponse } from '../../../adapters/submarine/wire/envelope.js';
import type { Flags } from '../../../src/config.js';
import type { Adapter } from '../../../src/http/adapter.js';
import type { RouteDefinition } from '../../../src/http/route.js';
import { createSite, type Site } from '../../http/support.js';

type AnyRoute = Pick<
  RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType>,
  'method' | 'path' | 'operationId' | 'answers'
>;

/** Every route, in the order in which they are served. */
export const routes: readonly AnyRoute[] = [
  ...Object.values(serviceRoutes),
  ...Object.values(logRoutes),
  ...Object.values(experimentRoutes),
  ...Object.values(environmentRoutes),
  ...Object.values(templateRoutes),
  ...Object.values(trackingRoutes),
  ...Object.values(loginRoutes),
];

const envelope = z.object({
  status: z.string(),
  code: z.number(),
  success: z.boolean().nullable(),
  message: z.string().nullable(),
  result: z.unknown(),
  attributes: z.object({}),
});

/** An answer: its parts, and its body as text. */
export interface Answer extends z.output<typeof envelope> {
  readonly http: number;
  readonly headers: Headers;
  readonly text: string;
}

function schemaOf(method: string, path: string, status: number): z.ZodType {
  const plain = (path.split('?')[0] ?? '').replace(/\/+/g, '/');
  const route = routes.find(
    (one) =>
      one.method.toUpperCase() === method &&
      new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}/?$`).test(plain),
  );
  return route?.answers[status]?.schema ?? errorResponse;
}

/**
 * Checks what holds for every answer of this dialect: the content type, the six keys, and that body and
 * documented schema are the same, without a key that the document does not name.
 */
export function checkAnswer(
  method: string,
  path: string,
  http: number,
  headers: Headers,
  text: string,
): Answer {
  expect(headers.get('content-type')).toBe('application/json;charset=utf-8');
  const body: unknown = JSON.parse(text);
  expect(Object.keys(body as object).sort()).toEqual([
    'attributes',
    'code',
    'message',
    'result',
    'status',
    'success',
  ]);
  expect(schemaOf(method, path, http).parse(body)).toEqual(body);
  const parsed = envelope.parse(body);
  expect(parsed.code).toBe(http);
  return { http, headers, text, ...parsed };
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
  const adapter = createSubmarineAdapter(site.deps);
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

/** A list of objects of an answer. */
export function listOf(value: unknown): Record<string, unknown>[] {
  return z.array(z.record(z.string(), z.unknown())).parse(value);
}

/** The value at a path such as `spec.meta.name`. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => objectOf(inner)[key], value);
}

const command =
  'python /var/tf_mnist/mnist_with_summaries.py --log_dir=/train/log --learning_rate=0.01 --batch_size=150';

/** The first example of seed 002. */
export const seedExperiment = {
  meta: {
    name: 'tf-mnist-json',
    namespace: 'default',
    framework: 'TensorFlow',
    cmd: command,
    envVars: { ENV_1: 'ENV1' },
  },
  environment: { image: 'apache/submarine:tf-mnist-with-summaries-1.0' },
  spec: {
    Ps: { replicas: 1, resources: 'cpu=1,memory=1024M' },
    Worker: { replicas: 1, resources: 'cpu=1,memory=2048M' },
  },
};
