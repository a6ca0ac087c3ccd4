import type { ProjectKey } from '../../../src/core/ids.js';
import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { idempotencyKey } from '../../../src/http/idempotency-key.js';
import type { Context } from '../../../src/services/context.js';
import { createRun, createTrackedRun } from '../../../src/services/runs/create.js';
import { deleteRun } from '../../../src/services/runs/delete.js';
import { getRun } from '../../../src/services/runs/get.js';
import { relatedTo } from '../../../src/services/runs/related.js';
import { searchRuns } from '../../../src/services/runs/search.js';
import { updateRun } from '../../../src/services/runs/update.js';
import type { RunView } from '../../../src/services/runs/view.js';
import { toChange } from '../translate/change.js';
import { fromRun, toDetail, toRow } from '../translate/experiment.js';
import { toRunQuery } from '../translate/list-query.js';
import { toNewExperiment } from '../translate/new-experiment.js';
import {
  type ExperimentListQuery,
  experimentAnswer,
  experimentDetail,
  experimentInput,
  experimentList,
  experimentListQuery,
  experimentPatch,
} from '../wire/experiment.js';
import {
  atExperiment,
  experimentParams,
  experimentPath,
  experimentsPath,
  inProject,
  listAnswer,
  mediaTypes,
  pageOf,
  projectParams,
  unlogged,
} from './common.js';

const tag = 'experiments';
const list = {
  method: 'get',
  tag,
  query: experimentListQuery,
  answers: { 200: { description: 'Newest first, unless sorted.', schema: experimentList } },
} as const;

/** Documented and served: experiments themselves. */
export const experimentRoutes = {
  listAll: {
    ...list,
    path: '/api/v1/experiments',
    operationId: 'listAllExperiments',
    summary: 'List the experiments of all projects',
  },
  list: {
    ...list,
    path: experimentsPath,
    operationId: 'listExperiments',
    summary: 'List experiments',
    params: projectParams,
  },
  create: {
    method: 'post',
    path: experimentsPath,
    operationId: 'createExperiment',
    tag,
    summary: 'Create an experiment',
    description:
      'With a file that says what to run, it is run; without one it is tracked, and reports its own status.',
    params: projectParams,
    body: { schema: experimentInput, mediaTypes },
    answers: { 201: { description: 'The new experiment.', schema: experimentAnswer } },
  },
  get: {
    method: 'get',
    path: experimentPath,
    operationId: 'getExperiment',
    tag,
    summary: 'Get an experiment',
    params: experimentParams,
    answers: { 200: { description: 'The experiment.', schema: experimentDetail } },
  },
  patch: {
    method: 'patch',
    path: experimentPath,
    operationId: 'updateExperiment',
    tag,
    summary: 'Update an experiment',
    params: experimentParams,
    body: { schema: experimentPatch, mediaTypes },
    answers: { 200: { description: 'The experiment.', schema: experimentDetail } },
  },
  delete: {
    method: 'delete',
    path: experimentPath,
    operationId: 'deleteExperiment',
    tag,
    summary: 'Delete an experiment',
    description: 'One that runs is stopped first.',
    params: experimentParams,
    answers: { 204: { description: 'It is gone.' } },
  },
} as const;

/** A run in all its detail. */
export async function detailOf(ctx: Context, view: RunView) {
  return toDetail(view, await relatedTo(ctx, [view.run]));
}

/** Adds the routes of experiments. */
export function addExperimentRoutes({ add, answer }: DialectApp, { settings }: AdapterDeps): void {
  async function page(ctx: Context, asked: ExperimentListQuery, projectKeys?: readonly ProjectKey[]) {
    const part = pageOf(asked);
    const query = { ...toRunQuery(asked, { owner: ctx.workspace.name }, projectKeys), ...part };
    const { views, total } = await searchRuns(ctx, query, { total: true });
    const related = await relatedTo(
      ctx,
      views.map(({ run }) => run),
      { params: asked.params === true || asked.declarations === true, summaries: asked.metrics === true },
    );
    return { part, count: total ?? 0, results: views.map((view) => toRow(view, related, asked)) };
  }

  add(experimentRoutes.listAll, async ({ query }, ctx, c) => {
    const { part, ...found } = await page(ctx, query);
    return answer(c, listAnswer(c, settings.url, part, found));
  });

  add(experimentRoutes.list, async ({ params, query }, request, c) => {
    const { ctx, project } = await inProject(request, params);
    const { part, ...found } = await page(ctx, query, [project.key]);
    return answer(c, listAnswer(c, settings.url, part, found));
  });

  add(experimentRoutes.create, async ({ params, body }, request, c) => {
    const { ctx, project } = await inProject(request, params);
    const wanted = toNewExperiment(body, project, idempotencyKey(c));
    const view =
      wanted.kind === 'managed' ? await createRun(ctx, wanted.run) : await createTrackedRun(ctx, wanted.run);
    return answer(c, fromRun(view, await relatedTo(ctx, [view.run], unlogged)), 201);
  });

  add(experimentRoutes.get, async ({ params }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    return answer(c, await detailOf(ctx, await getRun(ctx, ref)));
  });

  add(experimentRoutes.patch, async ({ params, body }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    return answer(c, await detailOf(ctx, await updateRun(ctx, ref, toChange(body))));
  });

  add(experimentRoutes.delete, async ({ params }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    await deleteRun(ctx, ref);
    return c.body(null, 204);
  });
}
