import { CoreError } from '../../../src/core/errors.js';
import type { Project, Run } from '../../../src/core/model.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { Context } from '../../../src/services/context.js';
import { recordedRuns } from '../../../src/services/runs/recorded.js';
import { findRuns } from '../../../src/services/runs/search.js';
import { listTables } from '../../../src/services/tables/list.js';
import { badToken, orderOf, pageTokenOf, parseWhere, placeOf } from '../query.js';
import { fromRun } from '../translate/experiment.js';
import { modelRidOf } from '../translate/rids.js';
import { type ExperimentWire, experiment, model } from '../wire/experiment.js';
import { previewQuery } from '../wire/preview.js';
import { type SearchRequest, searchPageSize, searchRequest, searchResponse } from '../wire/search.js';
import {
  denied,
  experimentAt,
  experimentMissing,
  experimentParams,
  experimentPath,
  missing,
  modelAt,
  modelParams,
  modelPath,
  pageSizeOf,
  retelling,
  tag,
} from './common.js';

const scope = 'Needs the scope `api:models-read`, which every token has.';

/** Documented and served: models and experiments. */
export const experimentRoutes = {
  getModel: {
    method: 'get',
    path: modelPath,
    operationId: 'getModel',
    tag,
    summary: 'Get a model',
    description: `A project is a model. ${scope}`,
    params: modelParams,
    query: previewQuery,
    answers: { 200: { description: 'The model.', schema: model } },
  },
  get: {
    method: 'get',
    path: experimentPath,
    operationId: 'getExperiment',
    tag,
    summary: 'Get an experiment',
    description: `A run of whatever API is an experiment of its project. ${scope}`,
    params: experimentParams,
    query: previewQuery,
    answers: { 200: { description: 'The experiment.', schema: experiment } },
  },
  search: {
    method: 'post',
    path: `${modelPath}/experiments/search`,
    operationId: 'searchExperiments',
    tag,
    summary: 'Search the experiments of a model',
    description: scope,
    params: modelParams,
    query: previewQuery,
    body: {
      schema: searchRequest,
      mediaTypes: ['application/json'],
      required: false,
      whenEmpty: {},
      integers: 'exact',
    },
    answers: { 200: { description: 'A page of experiments.', schema: searchResponse } },
  },
} as const;

/** Whose params and metrics are read at once: an experiment may have thousands. */
const batchSize = 10;

async function* experimentsOf(ctx: Context, runs: readonly Run[]): AsyncGenerator<ExperimentWire> {
  for (let at = 0; at < runs.length; at += batchSize) {
    for (const recorded of await recordedRuns(ctx.ports.store.read, runs.slice(at, at + batchSize)))
      yield fromRun(recorded, await listTables(ctx, recorded));
  }
}

/** A page of the runs of a model. Throws NamedErrors for what it asks for. */
async function pageOf(
  ctx: Context,
  project: Project,
  request: SearchRequest,
): Promise<{ runs: readonly Run[]; nextPageToken: string | null }> {
  const { where, orderBy, pageSize, pageToken } = request;
  const searched = { modelRid: modelRidOf(project.id), where, orderBy };
  const token = pageToken ?? '';
  const query = {
    filter: parseWhere(where),
    order: orderOf(orderBy),
    projectKeys: [project.key],
    limit: pageSizeOf(pageSize, searchPageSize),
    ...(token === '' ? {} : { after: placeOf(searched, token) }),
  };
  const { runs, next } = await findRuns(ctx, query).catch((error: unknown) => {
    // All else was checked before: only the place within the token can be wrong.
    throw error instanceof CoreError && error.code === 'invalid' ? badToken(token) : error;
  });
  return { runs, nextPageToken: next === null ? null : pageTokenOf(searched, next) };
}

/** Adds the routes of models and experiments. */
export function addExperimentRoutes({ add, answer, stream }: DialectApp): void {
  add(experimentRoutes.getModel, async ({ params }, ctx, c) => {
    const absent = missing('ModelNotFound', params, 'there is no such model');
    const project = await retelling({ not_found: absent, forbidden: absent }, () => modelAt(ctx, params));
    return answer(c, { rid: modelRidOf(project.id) });
  });

  add(experimentRoutes.get, async ({ params }, ctx, c) => {
    const run = await experimentAt(ctx, params);
    for await (const one of experimentsOf(ctx, [run])) return answer(c, one);
    throw experimentMissing(params);
  });

  add(experimentRoutes.search, async ({ params, body }, ctx, c) => {
    const retold = {
      not_found: missing('ModelNotFound', params, 'there is no such model'),
      forbidden: denied('SearchExperimentsPermissionDenied', params),
    };
    return retelling(retold, async () => {
      const project = await modelAt(ctx, params);
      const { runs, nextPageToken } = await pageOf(ctx, project, body);
      const data = experimentsOf(ctx, runs);
      return stream(c, { data, ...(nextPageToken === null ? {} : { nextPageToken }) });
    });
  });
}
