import { invalid } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { templates } from '../../../src/services/documents/documents.js';
import { fromTemplate, toTemplate } from '../translate/template.js';
import { succeeded } from '../wire/envelope.js';
import { templateListResponse, templateResponse, templateSpecInput } from '../wire/template.js';
import { mediaTypes, nameParams } from './common.js';

const path = '/api/v1/template';
const tag = 'experiment-template';
const body = { schema: templateSpecInput.optional(), mediaTypes };
const answers = { 200: { description: 'The template.', schema: templateResponse } };

/** Documented and served: stored templates, by name. */
export const templateRoutes = {
  create: {
    method: 'post',
    path,
    operationId: 'createExperimentTemplate',
    tag,
    summary: 'Store a template',
    body,
    answers,
  },
  list: {
    method: 'get',
    path,
    operationId: 'listExperimentTemplate',
    tag,
    summary: 'List templates',
    answers: {
      200: { description: 'In the order in which they were stored.', schema: templateListResponse },
    },
  },
  get: {
    method: 'get',
    path: `${path}/{name}`,
    operationId: 'getExperimentTemplate',
    tag,
    summary: 'Get a template',
    params: nameParams,
    answers,
  },
  patch: {
    method: 'patch',
    path: `${path}/{name}`,
    operationId: 'patchExperimentTemplate',
    tag,
    summary: 'Replace a template',
    params: nameParams,
    body,
    answers,
  },
  delete: {
    method: 'delete',
    path: `${path}/{name}`,
    operationId: 'deleteExperimentTemplate',
    tag,
    summary: 'Delete a template',
    params: nameParams,
    answers,
  },
} as const;

function emptySpec() {
  return invalid('', 'Invalid experimentTemplate spec.');
}

/** Adds the routes of templates. */
export function addTemplateRoutes({ add, answer }: DialectApp): void {
  add(templateRoutes.create, async ({ body: sent }, ctx, c) => {
    if (sent === undefined) throw emptySpec();
    return answer(c, succeeded(fromTemplate(await templates.create(ctx, toTemplate(sent)))));
  });

  add(templateRoutes.list, async (_input, ctx, c) => {
    return answer(c, succeeded((await templates.list(ctx)).map(fromTemplate)));
  });

  add(templateRoutes.get, async ({ params }, ctx, c) => {
    return answer(c, succeeded(fromTemplate(await templates.get(ctx, params.name))));
  });

  add(templateRoutes.patch, async ({ params, body: sent }, ctx, c) => {
    await templates.get(ctx, params.name);
    if (sent === undefined) throw emptySpec();
    return answer(c, succeeded(fromTemplate(await templates.replace(ctx, params.name, toTemplate(sent)))));
  });

  add(templateRoutes.delete, async ({ params }, ctx, c) => {
    return answer(c, succeeded(fromTemplate(await templates.delete(ctx, params.name))));
  });
}
