import { z } from '@hono/zod-openapi';
import { expect } from 'vitest';
import { createSubmarineAdapter } from '../../../adapters/submarine/index.js';
import { artifactRoutes } from '../../../adapters/submarine/routes/artifacts.js';
import { environmentRoutes } from '../../../adapters/submarine/routes/environments.js';
import { experimentRoutes } from '../../../adapters/submarine/routes/experiments.js';
import { loginRoutes } from '../../../adapters/submarine/routes/login.js';
import { logRoutes } from '../../../adapters/submarine/routes/logs.js';
import { serviceRoutes } from '../../../adapters/submarine/routes/services.js';
import { templateRoutes } from '../../../adapters/submarine/routes/templates.js';
import { trackingRoutes } from '../../../adapters/submarine/routes/tracking.js';
import { errorResponse } from '../../../adapters/submarine/wire/envelope.js';
import type { Flags } from '../../../src/config.js';
import type { RawAnswer } from '../../support/raw-http.js';
import {
  type AnyRoute,
  createDialectClient,
  type DialectClient,
  objectOf,
  routeOf,
} from '../dialect-client.js';

export { objectOf, type RequestOptions } from '../dialect-client.js';

/** Every route, in the order in which they are served. */
export const routes: readonly AnyRoute[] = [
  ...Object.values(serviceRoutes),
  ...Object.values(artifactRoutes),
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
export interface Answer extends RawAnswer, z.output<typeof envelope> {}

/**
 * Checks what holds for every answer of this dialect: the content type, the six keys, and that body and
 * documented schema are the same, without a key that the document does not name.
 */
export function checkAnswer(method: string, path: string, raw: RawAnswer): Answer {
  const { http, headers, text } = raw;
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
  expect((routeOf(routes, method, path)?.answers[http]?.schema ?? errorResponse).parse(body)).toEqual(body);
  const parsed = envelope.parse(body);
  expect(parsed.code).toBe(http);
  return { ...raw, ...parsed };
}

export type Client = DialectClient<Answer>;

/** The dialect over a real store in a folder of its own, called without a socket. */
export function createClient(flags: Flags = {}): Promise<Client> {
  return createDialectClient(createSubmarineAdapter, checkAnswer, flags);
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
