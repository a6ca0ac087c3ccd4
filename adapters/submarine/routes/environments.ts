import { invalid } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { environments } from '../../../src/services/documents/documents.js';
import { fromEnvironment, toEnvironment } from '../translate/environment.js';
import { succeeded } from '../wire/envelope.js';
import { environmentListResponse, environmentResponse, environmentSpecInput } from '../wire/environment.js';
import { mediaTypes, nameParams } from './common.js';

const path = '/api/v1/environment';
const tag = 'environment';
const body = { schema: environmentSpecInput.optional(), mediaTypes };
const answers = { 200: { description: 'The environment.', schema: environmentResponse } };

/** Documented and served: stored environments, by name. */
export const environmentRoutes = {
  create: {
    method: 'post',
    path,
    operationId: 'createEnvironment',
    tag,
    summary: 'Store an environment',
    body,
    answers,
  },
  list: {
    method: 'get',
    path,
    operationId: 'listEnvironment',
    tag,
    summary: 'List environments',
    answers: {
      200: { description: 'In the order in which they were stored.', schema: environmentListResponse },
    },
  },
  get: {
    method: 'get',
    path: `${path}/{name}`,
    operationId: 'getEnvironment',
    tag,
    summary: 'Get an environment',
    params: nameParams,
    answers,
  },
  patch: {
    method: 'patch',
    path: `${path}/{name}`,
    operationId: 'updateEnvironment',
    tag,
    summary: 'Replace an environment',
    params: nameParams,
    body,
    answers,
  },
  delete: {
    method: 'delete',
    path: `${path}/{name}`,
    operationId: 'deleteEnvironment',
    tag,
    summary: 'Delete an environment',
    params: nameParams,
    answers,
  },
} as const;

function emptySpec() {
  return invalid('', 'Invalid environment spec.');
}

/** Adds the routes of environments. */
export function addEnvironmentRoutes({ add, answer }: DialectApp): void {
  add(environmentRoutes.create, async ({ body: sent }, ctx, c) => {
    if (sent === undefined) throw emptySpec();
    const stored = await environments.create(ctx, toEnvironment(sent));
    return answer(c, succeeded(fromEnvironment(stored, ctx.ports.store.createdAtMs)));
  });

  add(environmentRoutes.list, async (_input, ctx, c) => {
    const stored = await environments.list(ctx);
    return answer(c, succeeded(stored.map((one) => fromEnvironment(one, ctx.ports.store.createdAtMs))));
  });

  add(environmentRoutes.get, async ({ params }, ctx, c) => {
    const stored = await environments.get(ctx, params.name);
    return answer(c, succeeded(fromEnvironment(stored, ctx.ports.store.createdAtMs)));
  });

  add(environmentRoutes.patch, async ({ params, body: sent }, ctx, c) => {
    await environments.get(ctx, params.name);
    if (sent === undefined) throw emptySpec();
    const stored = await environments.replace(ctx, params.name, toEnvironment(sent));
    return answer(c, succeeded(fromEnvironment(stored, ctx.ports.store.createdAtMs)));
  });

  add(environmentRoutes.delete, async ({ params }, ctx, c) => {
    const deleted = await environments.delete(ctx, params.name);
    return answer(c, succeeded(fromEnvironment(deleted, ctx.ports.store.createdAtMs)));
  });
}
