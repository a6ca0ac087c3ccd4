import { notFound } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { listArtifacts } from '../../../src/services/artifacts/list.js';
import { createLoggedModel } from '../../../src/services/logged-models/create.js';
import { finalizeLoggedModel } from '../../../src/services/logged-models/finalize.js';
import { getLoggedModel } from '../../../src/services/logged-models/get.js';
import { linkModels } from '../../../src/services/logged-models/link.js';
import { logModelParams } from '../../../src/services/logged-models/log-params.js';
import { searchLoggedModels } from '../../../src/services/logged-models/search.js';
import { removeModelTag, setModelTags } from '../../../src/services/logged-models/set-tags.js';
import { trashLoggedModel } from '../../../src/services/logged-models/trash.js';
import { findProjectKeys } from '../../../src/services/projects/find-several.js';
import { fromEntries } from '../translate/artifact-entries.js';
import { toFolder } from '../translate/artifact-path.js';
import { projectNumberOf } from '../translate/experiment.js';
import { fromModel, modelArtifactUri, modelIdOf, toNewModel } from '../translate/logged-model.js';
import { toModelStatus } from '../translate/model-status.js';
import { randomRunName } from '../translate/run-name.js';
import { toModelQuery } from '../translate/search.js';
import { artifactList } from '../wire/artifact.js';
import {
  modelAnswer,
  modelArtifactsAsked,
  modelAsked,
  modelFinalization,
  modelInput,
  modelList,
  modelParams,
  modelParamsLogged,
  modelSearch,
  modelTagParams,
  modelTags,
  outputs,
} from '../wire/logged-model.js';
import { nothing } from '../wire/values.js';
import { at, jsonBody, runRefOf } from './common.js';

const tag = 'logged-models';
const path = '/logged-models';
const done = { 200: { description: 'It is done.', schema: nothing } } as const;
const shown = { 200: { description: 'The model.', schema: modelAnswer } } as const;

/** Documented and served: models that were logged. */
export const modelRoutes = {
  search: {
    method: 'post',
    ...at(`${path}/search`),
    operationId: 'searchLoggedModels',
    tag,
    summary: 'Search the logged models of experiments',
    body: jsonBody(modelSearch),
    answers: { 200: { description: 'One page.', schema: modelList } },
  },
  create: {
    method: 'post',
    ...at(path),
    operationId: 'createLoggedModel',
    tag,
    summary: 'Create a logged model, whose files are still to come',
    body: jsonBody(modelInput),
    answers: shown,
  },
  get: {
    method: 'get',
    ...at(`${path}/{model_id}`),
    operationId: 'getLoggedModel',
    tag,
    summary: 'Get a logged model',
    params: modelParams,
    query: modelAsked,
    answers: shown,
  },
  finalize: {
    method: 'patch',
    ...at(`${path}/{model_id}`),
    operationId: 'finalizeLoggedModel',
    tag,
    summary: 'Say whether the files of a logged model are there',
    params: modelParams,
    body: jsonBody(modelFinalization),
    answers: shown,
  },
  delete: {
    method: 'delete',
    ...at(`${path}/{model_id}`),
    operationId: 'deleteLoggedModel',
    tag,
    summary: 'Delete a logged model',
    params: modelParams,
    answers: done,
  },
  setTags: {
    method: 'patch',
    ...at(`${path}/{model_id}/tags`),
    operationId: 'setLoggedModelTags',
    tag,
    summary: 'Set tags of a logged model',
    params: modelParams,
    body: jsonBody(modelTags),
    answers: done,
  },
  deleteTag: {
    method: 'delete',
    ...at(`${path}/{model_id}/tags/{tag_key}`),
    operationId: 'deleteLoggedModelTag',
    tag,
    summary: 'Take a tag of a logged model away',
    params: modelTagParams,
    answers: done,
  },
  logParams: {
    method: 'post',
    ...at(`${path}/{model_id}/params`),
    operationId: 'logLoggedModelParams',
    tag,
    summary: 'Log params of a logged model; each can be set once',
    params: modelParams,
    body: jsonBody(modelParamsLogged),
    answers: done,
  },
  artifacts: {
    method: 'get',
    ...at(`${path}/{model_id}/artifacts/directories`),
    operationId: 'listLoggedModelArtifacts',
    tag,
    summary: 'List a folder of the files of a logged model',
    params: modelParams,
    query: modelArtifactsAsked,
    answers: { 200: { description: 'What lies in the folder.', schema: artifactList } },
  },
  outputs: {
    method: 'post',
    ...at('/runs/outputs'),
    operationId: 'logOutputs',
    tag,
    summary: 'Log the models that a run made',
    body: jsonBody(outputs),
    answers: done,
  },
} as const;

/** Adds the routes of logged models. */
export function addModelRoutes({ add, answer, stream }: DialectApp): void {
  add(modelRoutes.search, async ({ body }, ctx, c) => {
    const numbers = body.experiment_ids.map((id) => projectNumberOf(id, 'experiment_ids'));
    const { views, next } = await searchLoggedModels(
      ctx,
      toModelQuery(body, await findProjectKeys(ctx, numbers)),
    );
    return answer(c, { models: views.map(fromModel), ...(next === null ? {} : { next_page_token: next }) });
  });

  add(modelRoutes.create, async ({ body }, ctx, c) => {
    const ref = { number: projectNumberOf(body.experiment_id) };
    return answer(c, {
      model: fromModel(await createLoggedModel(ctx, ref, toNewModel(body, randomRunName()))),
    });
  });

  add(modelRoutes.get, async ({ params, query }, ctx, c) => {
    const trashed = query.allow_deleted?.toLowerCase() === 'true';
    return answer(c, {
      model: fromModel(await getLoggedModel(ctx, modelIdOf(params.model_id), { trashed })),
    });
  });

  add(modelRoutes.finalize, async ({ params, body }, ctx, c) => {
    const id = modelIdOf(params.model_id);
    return answer(c, { model: fromModel(await finalizeLoggedModel(ctx, id, toModelStatus(body.status))) });
  });

  add(modelRoutes.delete, async ({ params }, ctx, c) => {
    await trashLoggedModel(ctx, modelIdOf(params.model_id));
    return answer(c, {});
  });

  add(modelRoutes.setTags, async ({ params, body }, ctx, c) => {
    await setModelTags(ctx, modelIdOf(params.model_id), body.tags);
    return answer(c, {});
  });

  add(modelRoutes.deleteTag, async ({ params }, ctx, c) => {
    const { model_id, tag_key } = params;
    if (!(await removeModelTag(ctx, modelIdOf(model_id), tag_key)))
      throw notFound('tag', `the model has no tag ${JSON.stringify(tag_key)}`);
    return answer(c, {});
  });

  add(modelRoutes.logParams, async ({ params, body }, ctx, c) => {
    const list = body.params.map(({ key, value }) => ({ key, text: value }));
    await logModelParams(ctx, modelIdOf(params.model_id), list);
    return answer(c, {});
  });

  add(modelRoutes.artifacts, async ({ params, query }, ctx, c) => {
    const model = modelIdOf(params.model_id);
    const view = await getLoggedModel(ctx, model);
    const entries = await listArtifacts(
      ctx,
      { model },
      toFolder(query.artifact_directory_path, 'artifact_directory_path'),
    );
    return stream(c, { root_uri: modelArtifactUri(view), files: fromEntries(entries, (path) => path) });
  });

  add(modelRoutes.outputs, async ({ body }, ctx, c) => {
    const uses = body.models.map(({ model_id, step }) => ({
      id: modelIdOf(model_id),
      ...(step === undefined ? {} : { step }),
    }));
    await linkModels(ctx, runRefOf(body.run_id), 'output', uses);
    return answer(c, {});
  });
}
