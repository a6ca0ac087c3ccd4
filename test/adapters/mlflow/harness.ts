import { expect } from 'vitest';
import { createMlflowAdapter } from '../../../adapters/mlflow/index.js';
import { artifactRoutes, directRoutes, uploadRoutes } from '../../../adapters/mlflow/routes/artifacts.js';
import { datasetRoutes } from '../../../adapters/mlflow/routes/datasets.js';
import { experimentRoutes } from '../../../adapters/mlflow/routes/experiments.js';
import { modelRoutes } from '../../../adapters/mlflow/routes/logged-models.js';
import { loggingRoutes } from '../../../adapters/mlflow/routes/logging.js';
import { metricRoutes } from '../../../adapters/mlflow/routes/metrics.js';
import { runRoutes } from '../../../adapters/mlflow/routes/runs.js';
import { systemRoutes } from '../../../adapters/mlflow/routes/system.js';
import { seedRoutes, seedUpload } from '../../../adapters/mlflow/seed/routes.js';
import { errorResponse as seedError } from '../../../adapters/mlflow/seed/wire.js';
import { errorResponse } from '../../../adapters/mlflow/wire/errors.js';
import type { Flags } from '../../../src/config.js';
import { parseJson } from '../../../src/http/parse-json.js';
import type { RawAnswer } from '../../support/raw-http.js';
import { type AnyRoute, createDialectClient, type DialectClient, routeOf } from '../dialect-client.js';

export { objectOf, type RequestOptions } from '../dialect-client.js';

/** Every route of both faces, in the order in which they are served. */
export const routes: readonly AnyRoute[] = [
  ...Object.values(experimentRoutes),
  ...Object.values(runRoutes),
  ...Object.values(loggingRoutes),
  ...Object.values(metricRoutes),
  ...Object.values(datasetRoutes),
  ...Object.values(modelRoutes),
  ...Object.values(artifactRoutes),
  ...Object.values(uploadRoutes),
  ...Object.values(directRoutes),
  ...Object.values(systemRoutes),
  ...Object.values(seedRoutes),
  seedUpload,
];

/** An answer, parsed where it is JSON. */
export interface Answer extends RawAnswer {
  readonly body: unknown;
}

const doubles: ReadonlySet<string> = new Set(['value', 'min', 'max', 'last']);

/** Exact integers, but where the wire has doubles: of those JSON writes the whole ones without a point. */
function withDoubles(value: unknown, isDouble = false, areDoubles = false): unknown {
  if (typeof value === 'bigint') return isDouble ? Number(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((member) => withDoubles(member));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      // The seed has the last values of all metrics in one object.
      withDoubles(member, areDoubles || doubles.has(name), name === 'metrics'),
    ]),
  );
}

/**
 * Checks what holds for every answer of this dialect: an error has the envelope of its face, and a body is what
 * the document says, without a key that the document does not name.
 */
export function checkAnswer(method: string, path: string, raw: RawAnswer): Answer {
  const { http, headers, text } = raw;
  if (http >= 400) {
    expect(headers.get('content-type')).toBe('application/json');
    const body: unknown = JSON.parse(text);
    expect((path.startsWith('/api/v1/') ? seedError : errorResponse).parse(body)).toEqual(body);
    return { ...raw, body };
  }
  const plain = path.replace(/^\/ajax-api\//, '/api/');
  const answer = (routeOf(routes, method, plain) ?? routeOf(routes, method, path))?.answers[http];
  expect(answer, `${method} ${path} documents ${http}`).toBeDefined();
  if (answer?.schema === undefined) return { ...raw, body: undefined };
  expect(headers.get('content-type')).toBe('application/json');
  const body = withDoubles(parseJson(text, 'exact'));
  expect(answer.schema.parse(body)).toEqual(body);
  return { ...raw, body };
}

export type Client = DialectClient<Answer>;

/** The dialect over a real store in a folder of its own, called without a socket. */
export function createClient(flags: Flags = {}): Promise<Client> {
  return createDialectClient(createMlflowAdapter, checkAnswer, flags);
}
