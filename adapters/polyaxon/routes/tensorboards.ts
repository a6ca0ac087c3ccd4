import type { Project } from '../../../src/core/model.js';
import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { Context } from '../../../src/services/context.js';
import { listServices } from '../../../src/services/services/list.js';
import { startService } from '../../../src/services/services/start.js';
import { stopService } from '../../../src/services/services/stop.js';
import type { SubjectRef } from '../../../src/services/services/subject.js';
import { service } from '../extensions.js';
import { ownedNameOf, projectShownName } from '../translate/names.js';
import { fromService } from '../translate/tensorboard.js';
import { tensorboardInput, tensorboardList, tensorboardQuery } from '../wire/tensorboard.js';
import {
  atExperiment,
  atProject,
  experimentParams,
  experimentPath,
  inProject,
  listAnswer,
  mediaTypes,
  pageOf,
  projectParams,
  projectPath,
} from './common.js';

const tag = 'tensorboards';
const start = {
  method: 'post',
  tag,
  description: 'On the outputs. The pages are at `/tensorboard/…`, once the program listens.',
  body: { schema: tensorboardInput.optional(), mediaTypes, required: false },
  answers: { 201: { description: 'It is being started.' }, 200: { description: 'It ran already.' } },
} as const;
const stop = { method: 'post', tag, answers: { 200: { description: 'It is being stopped.' } } } as const;

/** Documented and served: TensorBoards of experiments and of projects. */
export const tensorboardRoutes = {
  start: {
    ...start,
    path: `${experimentPath}/tensorboard/start`,
    operationId: 'startExperimentTensorboard',
    summary: 'Start a TensorBoard for an experiment',
    params: experimentParams,
  },
  stop: {
    ...stop,
    path: `${experimentPath}/tensorboard/stop`,
    operationId: 'stopExperimentTensorboard',
    summary: 'Stop the TensorBoard of an experiment',
    params: experimentParams,
  },
  startOfProject: {
    ...start,
    path: `${projectPath}/tensorboard/start`,
    operationId: 'startProjectTensorboard',
    summary: 'Start a TensorBoard for a project',
    params: projectParams,
  },
  stopOfProject: {
    ...stop,
    path: `${projectPath}/tensorboard/stop`,
    operationId: 'stopProjectTensorboard',
    summary: 'Stop the TensorBoard of a project',
    params: projectParams,
  },
  list: {
    method: 'get',
    tag,
    path: `${projectPath}/tensorboards`,
    operationId: 'listTensorboards',
    summary: 'List the TensorBoards of a project and of its experiments',
    params: projectParams,
    query: tensorboardQuery,
    answers: { 200: { description: 'Newest first.', schema: tensorboardList } },
  },
} as const;

/** The public path of a project's pages. */
function prefixOf(ctx: Context, project: Project): string {
  return `/tensorboard/${ctx.workspace.name}/${projectShownName(project)}`;
}

/** Adds the routes of TensorBoards. */
export function addTensorboardRoutes({ add, answer }: DialectApp, { settings }: AdapterDeps): void {
  const begin = async (
    ctx: Context,
    ref: SubjectRef,
    pathPrefix: string,
    spec: Record<string, unknown> | undefined,
  ) =>
    (await startService(ctx, ref, { kind: service, pathPrefix, spec: spec ?? null })).startedNow ? 201 : 200;

  add(tensorboardRoutes.start, async ({ params, body }, request, c) => {
    const { ctx, ref, project } = await atExperiment(request, params);
    const prefix = `${prefixOf(ctx, project)}/experiments/${params.id}`;
    return c.body(null, await begin(ctx, { run: ref }, prefix, body));
  });

  add(tensorboardRoutes.startOfProject, async ({ params, body }, request, c) => {
    const { ctx, ref, project } = await inProject(request, params);
    return c.body(null, await begin(ctx, { project: ref }, prefixOf(ctx, project), body));
  });

  add(tensorboardRoutes.stop, async ({ params }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    await stopService(ctx, { run: ref }, service);
    return c.body(null, 200);
  });

  add(tensorboardRoutes.stopOfProject, async ({ params }, request, c) => {
    const { ctx, ref } = await atProject(request, params);
    await stopService(ctx, { project: ref }, service);
    return c.body(null, 200);
  });

  add(tensorboardRoutes.list, async ({ params, query }, request, c) => {
    const { ctx, ref, project } = await inProject(request, params);
    const page = pageOf(query);
    const services = await listServices(ctx, ref, service);
    const shown = services.slice(page.offset, page.offset + page.limit);
    const runKeys = shown.flatMap(({ runKey }) => (runKey === null ? [] : [runKey]));
    const runs = await ctx.ports.store.read.runs.findMany(runKeys);
    const results = shown.map((one) => fromService(one, ownedNameOf(ctx.workspace, project), runs));
    return answer(c, listAnswer(c, settings.url, page, { count: services.length, results }));
  });
}
