import type { Project } from '../../../src/core/model.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { findOwnRun } from '../../../src/services/accounts/own-run.js';
import type { Context } from '../../../src/services/context.js';
import { createProject } from '../../../src/services/projects/create.js';
import { accessProject } from '../../../src/services/projects/find.js';
import { findProjects } from '../../../src/services/projects/search.js';
import { restoreProject, trashProject } from '../../../src/services/projects/trash.js';
import { updateProject } from '../../../src/services/projects/update.js';
import { logBatch } from '../../../src/services/runs/log-batch.js';
import { parseProjectFilter } from '../query/filter.js';
import { parseProjectOrder } from '../query/order.js';
import { fromProject, projectNumberOf, toNewProject, toTagChange } from '../translate/experiment.js';
import { lifecycleOf } from '../translate/lifecycle.js';
import { placeOf } from '../translate/search.js';
import {
  type ExperimentSearch,
  experimentAnswer,
  experimentById,
  experimentByName,
  experimentChange,
  experimentCreated,
  experimentInput,
  experimentList,
  experimentSearch,
  experimentSearchQuery,
  experimentTagInput,
  experimentTagKey,
} from '../wire/experiment.js';
import { nothing } from '../wire/values.js';
import { at, jsonBody } from './common.js';

const tag = 'experiments';

/** The tag that says which experiment the script of a run asked for. */
const requestedExperiment = 'franca.requestedExperiment';

const done = { 200: { description: 'It is done.', schema: nothing } } as const;
const shown = { 200: { description: 'The experiment.', schema: experimentAnswer } } as const;
const found = {
  tag,
  summary: 'Search experiments',
  answers: { 200: { description: 'One page.', schema: experimentList } },
} as const;

/** Documented and served: experiments, which are folders of runs here. */
export const experimentRoutes = {
  create: {
    method: 'post',
    ...at('/experiments/create'),
    operationId: 'createExperiment',
    tag,
    summary: 'Create an experiment',
    body: jsonBody(experimentInput),
    answers: { 200: { description: 'Its id.', schema: experimentCreated } },
  },
  search: {
    ...found,
    method: 'post',
    ...at('/experiments/search'),
    operationId: 'searchExperiments',
    body: jsonBody(experimentSearch),
  },
  searchByQuery: {
    ...found,
    method: 'get',
    ...at('/experiments/search'),
    operationId: 'searchExperimentsByQuery',
    query: experimentSearchQuery,
  },
  get: {
    method: 'get',
    ...at('/experiments/get'),
    operationId: 'getExperiment',
    tag,
    summary: 'Get an experiment',
    query: experimentById,
    answers: shown,
  },
  getByName: {
    method: 'get',
    ...at('/experiments/get-by-name'),
    operationId: 'getExperimentByName',
    tag,
    summary: 'Get an experiment by its name',
    query: experimentByName,
    answers: shown,
  },
  delete: {
    method: 'post',
    ...at('/experiments/delete'),
    operationId: 'deleteExperiment',
    tag,
    summary: 'Delete an experiment and its runs; they can be restored',
    body: jsonBody(experimentById),
    answers: done,
  },
  restore: {
    method: 'post',
    ...at('/experiments/restore'),
    operationId: 'restoreExperiment',
    tag,
    summary: 'Restore an experiment and the runs that were deleted with it',
    body: jsonBody(experimentById),
    answers: done,
  },
  update: {
    method: 'post',
    ...at('/experiments/update'),
    operationId: 'updateExperiment',
    tag,
    summary: 'Rename an experiment',
    body: jsonBody(experimentChange),
    answers: done,
  },
  setTag: {
    method: 'post',
    ...at('/experiments/set-experiment-tag'),
    operationId: 'setExperimentTag',
    tag,
    summary: 'Set a tag of an experiment',
    body: jsonBody(experimentTagInput),
    answers: done,
  },
  deleteTag: {
    method: 'post',
    ...at('/experiments/delete-experiment-tag'),
    operationId: 'deleteExperimentTag',
    tag,
    summary: 'Take a tag of an experiment away',
    body: jsonBody(experimentTagKey),
    answers: done,
  },
} as const;

/** Adds the routes of experiments. */
export function addExperimentRoutes({ add, answer }: DialectApp): void {
  const refOf = (id: string) => ({ number: projectNumberOf(id) });
  const show = ({ workspace }: Context, project: Project) => fromProject(project, workspace.name);

  /**
   * With the token of a run every name is that of its own experiment, so that a script that begins with
   * `mlflow.set_experiment` goes on in its run; the name is kept as a tag.
   */
  async function ownExperiment(ctx: Context, name: string): Promise<Project | null> {
    const own = await findOwnRun(ctx);
    if (own === null) return null;
    if (name !== own.project.name)
      await logBatch(ctx, { key: own.run.key }, { tags: [{ key: requestedExperiment, value: name }] });
    return own.project;
  }

  async function search(ctx: Context, asked: ExperimentSearch) {
    const { projects, next } = await findProjects(ctx, {
      filter: parseProjectFilter(asked.filter ?? ''),
      order: parseProjectOrder(asked.order_by),
      lifecycle: lifecycleOf(asked.view_type),
      limit: asked.max_results ?? 0,
      ...placeOf(asked.page_token),
    });
    return {
      experiments: projects.map((project) => show(ctx, project)),
      ...(next === null ? {} : { next_page_token: next }),
    };
  }

  add(experimentRoutes.create, async ({ body }, ctx, c) => {
    const own = await ownExperiment(ctx, body.name);
    if (own !== null) return answer(c, { experiment_id: String(own.number) });
    const { project } = await createProject(ctx, toNewProject(body));
    return answer(c, { experiment_id: String(project.number) });
  });

  add(experimentRoutes.search, async ({ body }, ctx, c) => answer(c, await search(ctx, body)));
  add(experimentRoutes.searchByQuery, async ({ query }, ctx, c) => answer(c, await search(ctx, query)));

  add(experimentRoutes.get, async ({ query }, ctx, c) => {
    const project = await accessProject(ctx, refOf(query.experiment_id), 'read');
    return answer(c, { experiment: show(ctx, project) });
  });

  add(experimentRoutes.getByName, async ({ query }, ctx, c) => {
    const project =
      (await ownExperiment(ctx, query.experiment_name)) ??
      (await accessProject(ctx, { name: query.experiment_name }, 'read'));
    return answer(c, { experiment: show(ctx, project) });
  });

  add(experimentRoutes.delete, async ({ body }, ctx, c) => {
    await trashProject(ctx, refOf(body.experiment_id));
    return answer(c, {});
  });

  add(experimentRoutes.restore, async ({ body }, ctx, c) => {
    await restoreProject(ctx, refOf(body.experiment_id));
    return answer(c, {});
  });

  add(experimentRoutes.update, async ({ body }, ctx, c) => {
    await updateProject(ctx, refOf(body.experiment_id), { name: body.new_name });
    return answer(c, {});
  });

  add(experimentRoutes.setTag, async ({ body }, ctx, c) => {
    await updateProject(ctx, refOf(body.experiment_id), toTagChange(body.key, body.value));
    return answer(c, {});
  });

  add(experimentRoutes.deleteTag, async ({ body }, ctx, c) => {
    await updateProject(ctx, refOf(body.experiment_id), toTagChange(body.key, null));
    return answer(c, {});
  });
}
