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
import type { RawAnswer } from '../../support/raw-http.js';
import { type AnyRoute, createDialectClient, type DialectClient, routeOf } from '../dialect-client.js';

export { objectOf, type RequestOptions } from '../dialect-client.js';

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

/** An answer, parsed where it is JSON. */
export interface Answer extends RawAnswer {
  readonly body: unknown;
}

/**
 * Checks what holds for every answer of this dialect: an error has `detail` or the faults of fields; a body
 * is what the document says, without a key that the document does not name; and where it promises none
 * there is none.
 */
export function checkAnswer(method: string, path: string, raw: RawAnswer): Answer {
  const { http, headers, text } = raw;
  const answer = routeOf(routes, method, path)?.answers[http];
  if (http >= 400) {
    expect(headers.get('content-type')).toBe('application/json');
    const body: unknown = JSON.parse(text);
    expect(errorResponse.parse(body)).toEqual(body);
    expect(Object.keys(body as object)).not.toEqual([]);
    return { ...raw, body };
  }
  expect(answer, `${method} ${path} documents ${http}`).toBeDefined();
  if (answer?.mediaType !== undefined) {
    expect(headers.get('content-type')).toMatch(new RegExp(`^${answer.mediaType}(;|$)`));
    return { ...raw, body: undefined };
  }
  if (answer?.schema === undefined || text === '') {
    expect(text).toBe('');
    return { ...raw, body: undefined };
  }
  expect(headers.get('content-type')).toBe('application/json');
  const body: unknown = JSON.parse(text);
  expect(answer.schema.parse(body)).toEqual(body);
  return { ...raw, body };
}

export type Client = DialectClient<Answer>;

/** The dialect over a real store in a folder of its own, called without a socket. */
export function createClient(flags: Flags = {}): Promise<Client> {
  return createDialectClient(createPolyaxonAdapter, checkAnswer, flags);
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
