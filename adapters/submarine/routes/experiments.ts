import type { DialectApp } from '../../../src/http/dialect-app.js';
import { idempotencyKey } from '../../../src/http/idempotency-key.js';
import type { Context } from '../../../src/services/context.js';
import { environments, templates } from '../../../src/services/documents/documents.js';
import { createRun } from '../../../src/services/runs/create.js';
import { deleteRun } from '../../../src/services/runs/delete.js';
import { getRun } from '../../../src/services/runs/get.js';
import { listRuns } from '../../../src/services/runs/list.js';
import { replaceSpec } from '../../../src/services/runs/replace-spec.js';
import {
  fromDeletedRun,
  fromRun,
  type SentSpec,
  toNewRun,
  toRespecification,
} from '../translate/experiment.js';
import { type SentBody, sourceOf, toSource } from '../translate/source.js';
import { parseFilled } from '../translate/template.js';
import { fillTemplate } from '../translate/template-parameters.js';
import { emptyExperiment, succeeded } from '../wire/envelope.js';
import { experimentListResponse, experimentResponse, respecifiedResponse } from '../wire/experiment.js';
import { type ExperimentSpecInput, experimentSpecInput } from '../wire/experiment-spec.js';
import { templateSubmission } from '../wire/template.js';
import { experimentParams, filterOf, itemsOf, listQuery, mediaTypes, runRefOf } from './common.js';

const path = '/api/v1/experiment';
const tag = 'experiment';

/** Documented and served: the experiments themselves. */
export const experimentRoutes = {
  create: {
    method: 'post',
    path,
    operationId: 'createExperiment',
    tag,
    summary: 'Create an experiment',
    description: 'An empty body gets an answer without a result, as from Submarine itself.',
    body: { schema: experimentSpecInput.optional(), mediaTypes },
    answers: { 200: { description: 'The accepted experiment.', schema: respecifiedResponse } },
  },
  submitTemplate: {
    method: 'post',
    path: `${path}/{id}`,
    operationId: 'submitExperimentTemplate',
    tag,
    summary: 'Create an experiment from a template',
    description: 'Here `id` is the name of a template.',
    params: experimentParams,
    body: { schema: templateSubmission.optional(), mediaTypes, required: false },
    answers: { 200: { description: 'The accepted experiment.', schema: experimentResponse } },
  },
  list: {
    method: 'get',
    path,
    operationId: 'listExperiments',
    tag,
    summary: 'List experiments',
    query: listQuery,
    answers: {
      200: { description: 'In the order in which they were created.', schema: experimentListResponse },
    },
  },
  get: {
    method: 'get',
    path: `${path}/{id}`,
    operationId: 'getExperiment',
    tag,
    summary: 'Get an experiment',
    params: experimentParams,
    answers: { 200: { description: 'The experiment.', schema: experimentResponse } },
  },
  patch: {
    method: 'patch',
    path: `${path}/{id}`,
    operationId: 'patchExperiment',
    tag,
    summary: 'Replace the spec of an experiment',
    description:
      'Other numbers of replicas alone rescale a running experiment; any other change, or one of a finished experiment, starts it anew.',
    params: experimentParams,
    body: { schema: experimentSpecInput.optional(), mediaTypes },
    answers: { 200: { description: 'The experiment with its new spec.', schema: respecifiedResponse } },
  },
  delete: {
    method: 'delete',
    path: `${path}/{id}`,
    operationId: 'deleteExperiment',
    tag,
    summary: 'Delete an experiment',
    params: experimentParams,
    answers: { 200: { description: 'The experiment as it was.', schema: experimentResponse } },
  },
} as const;

async function sentSpec(
  ctx: Context,
  body: ExperimentSpecInput,
  source: SentSpec['source'],
): Promise<SentSpec> {
  const name = body.environment?.name ?? '';
  return { body, source, environment: name === '' ? null : await environments.get(ctx, name) };
}

function sent(ctx: Context, body: ExperimentSpecInput, source: SentBody): Promise<SentSpec> {
  return sentSpec(ctx, body, toSource(source));
}

/** Adds the routes of experiments. */
export function addExperimentRoutes({ add, answer, stream }: DialectApp): void {
  const shown = (ctx: Context) => ctx.ports.store.createdAtMs;

  add(experimentRoutes.create, async ({ body, source }, ctx, c) => {
    if (body === undefined) return answer(c, emptyExperiment);
    const view = await createRun(ctx, toNewRun(await sent(ctx, body, source), idempotencyKey(c)));
    return answer(c, succeeded(fromRun(view, shown(ctx))));
  });

  add(experimentRoutes.submitTemplate, async ({ params, body }, ctx, c) => {
    const template = await templates.get(ctx, params.id);
    const filled = fillTemplate(template.document, body?.params ?? {});
    const spec = await sentSpec(ctx, parseFilled(filled), sourceOf(filled, 'application/json'));
    return answer(c, succeeded(fromRun(await createRun(ctx, toNewRun(spec, idempotencyKey(c))), shown(ctx))));
  });

  add(experimentRoutes.list, async ({ query }, ctx, c) => {
    const runs = await listRuns(ctx, filterOf(query));
    return stream(c, succeeded(itemsOf(runs, query, (view) => fromRun(view, shown(ctx)))));
  });

  add(experimentRoutes.get, async ({ params }, ctx, c) => {
    const view = await getRun(ctx, runRefOf(ctx, params.id));
    return answer(c, succeeded(fromRun(view, shown(ctx))));
  });

  add(experimentRoutes.patch, async ({ params, body, source }, ctx, c) => {
    const ref = runRefOf(ctx, params.id);
    await getRun(ctx, ref);
    if (body === undefined) return answer(c, emptyExperiment);
    const view = await replaceSpec(ctx, ref, toRespecification(await sent(ctx, body, source)));
    return answer(c, succeeded(fromRun(view, shown(ctx))));
  });

  add(experimentRoutes.delete, async ({ params }, ctx, c) => {
    const view = await deleteRun(ctx, runRefOf(ctx, params.id));
    return answer(c, succeeded(fromDeletedRun(view, shown(ctx))));
  });
}
