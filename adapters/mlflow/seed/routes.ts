import { z } from '@hono/zod-openapi';
import { artifactPath } from '../../../src/core/artifact-path.js';
import { CoreError, invalid } from '../../../src/core/errors.js';
import type { Run } from '../../../src/core/model.js';
import { paramOf } from '../../../src/core/params.js';
import {
  attribute,
  contains,
  everyProject,
  everyRun,
  projectAttribute,
  statusIn,
} from '../../../src/core/query.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { idempotencyKey } from '../../../src/http/idempotency-key.js';
import { writeArtifact } from '../../../src/services/artifacts/write.js';
import type { Context } from '../../../src/services/context.js';
import { createProject } from '../../../src/services/projects/create.js';
import { accessProject } from '../../../src/services/projects/find.js';
import { findProjects } from '../../../src/services/projects/search.js';
import { restoreProject, trashProject } from '../../../src/services/projects/trash.js';
import { updateProject } from '../../../src/services/projects/update.js';
import { createTrackedRun } from '../../../src/services/runs/create.js';
import { accessRun, type RunRef } from '../../../src/services/runs/find.js';
import { logBatch } from '../../../src/services/runs/log-batch.js';
import { type RecordedRun, recordedRuns } from '../../../src/services/runs/recorded.js';
import { findRuns } from '../../../src/services/runs/search.js';
import { updateRun } from '../../../src/services/runs/update.js';
import { runRefOf } from '../routes/common.js';
import { toLogged } from '../translate/batch.js';
import { projectNumberOf } from '../translate/experiment.js';
import { toRunId } from '../translate/run.js';
import { randomRunName } from '../translate/run-name.js';
import { statusesOf } from '../translate/status.js';
import { toRunChange } from '../translate/update.js';
import {
  compare,
  fromProject,
  fromRecorded,
  toNewProject,
  toNewRun,
  toPoint,
  toProjectChange,
} from './translate.js';
import * as wire from './wire.js';

const base = '/api/v1/experiments';
const experimentPath = `${base}/{id}`;
const runsPath = `${base}/runs`;
const runPath = `${runsPath}/{id}`;
const tag = 'experiment-tracking';
const params = z.object({ id: z.string().openapi({ example: '1' }) });

function body<S extends z.ZodType>(schema: S) {
  return { schema, mediaTypes: ['application/json'], integers: 'exact' } as const;
}

const anExperiment = { 200: { description: 'The experiment.', schema: wire.experiment } } as const;
const aRun = { 200: { description: 'The run.', schema: wire.run } } as const;
const logged = { 200: { description: 'How many were logged.', schema: wire.counts } } as const;

/** Documented and served: the small API of seed 003. Those with fixed names come before those with an id. */
export const seedRoutes = {
  createRun: {
    method: 'post',
    path: runsPath,
    operationId: 'createTrackedRun',
    tag,
    summary: 'Create a new run',
    body: body(wire.runInput),
    answers: { 201: { description: 'The run.', schema: wire.run } },
  },
  listRuns: {
    method: 'get',
    path: runsPath,
    operationId: 'listTrackedRuns',
    tag,
    summary: 'List runs in an experiment, newest first',
    query: wire.runsQuery,
    answers: { 200: { description: 'One page.', schema: wire.runList } },
  },
  compare: {
    method: 'post',
    path: `${runsPath}/compare`,
    operationId: 'compareTrackedRuns',
    tag,
    summary: 'Compare 2 to 10 runs',
    body: body(wire.compareInput),
    answers: { 200: { description: 'Side by side.', schema: wire.comparison } },
  },
  getRun: {
    method: 'get',
    path: runPath,
    operationId: 'getTrackedRun',
    tag,
    summary: 'Get run by ID',
    params,
    answers: aRun,
  },
  logMetrics: {
    method: 'post',
    path: `${runPath}/log-metrics`,
    operationId: 'logTrackedMetrics',
    tag,
    summary: 'Log metrics to run',
    params,
    body: body(wire.metricsInput),
    answers: logged,
  },
  logParams: {
    method: 'post',
    path: `${runPath}/log-params`,
    operationId: 'logTrackedParams',
    tag,
    summary: 'Log parameters to run; each can be set once',
    params,
    body: body(wire.paramsInput),
    answers: logged,
  },
  logBatch: {
    method: 'post',
    path: `${runPath}/log-batch`,
    operationId: 'logTrackedBatch',
    tag,
    summary: 'Batch log metrics/params/tags, all or none of them',
    params,
    body: body(wire.batchInput),
    answers: logged,
  },
  end: {
    method: 'post',
    path: `${runPath}/end`,
    operationId: 'endTrackedRun',
    tag,
    summary: 'End a run',
    params,
    body: { ...body(wire.endInput), whenEmpty: {}, required: false },
    answers: aRun,
  },
  create: {
    method: 'post',
    path: base,
    operationId: 'createTrackedExperiment',
    tag,
    summary: 'Create a new experiment',
    body: body(wire.experimentInput),
    answers: { 201: { description: 'The experiment.', schema: wire.experiment } },
  },
  list: {
    method: 'get',
    path: base,
    operationId: 'listTrackedExperiments',
    tag,
    summary: 'List experiments with filtering, newest first',
    query: wire.experimentsQuery,
    answers: { 200: { description: 'One page.', schema: wire.experimentList } },
  },
  get: {
    method: 'get',
    path: experimentPath,
    operationId: 'getTrackedExperiment',
    tag,
    summary: 'Get experiment by ID',
    params,
    answers: anExperiment,
  },
  patch: {
    method: 'patch',
    path: experimentPath,
    operationId: 'updateTrackedExperiment',
    tag,
    summary: 'Update experiment metadata',
    description: 'Tags that are not named stay; a tag of null goes.',
    params,
    body: body(wire.experimentPatch),
    answers: anExperiment,
  },
  delete: {
    method: 'delete',
    path: experimentPath,
    operationId: 'deleteTrackedExperiment',
    tag,
    summary: 'Soft-delete (archive) experiment',
    params,
    answers: anExperiment,
  },
  restore: {
    method: 'post',
    path: `${experimentPath}/restore`,
    operationId: 'restoreTrackedExperiment',
    tag,
    summary: 'Restore archived experiment',
    params,
    answers: anExperiment,
  },
} as const;

/** Documented and served: the upload of an artifact. */
export const seedUpload = {
  method: 'post',
  path: `${runPath}/log-artifact`,
  operationId: 'logTrackedArtifact',
  tag,
  summary: 'Upload artifact file',
  params,
  query: z.object({ artifact_path: z.string().optional().openapi({ description: 'A folder.' }) }),
  upload: { file: 'file', maxBytes: 1024 ** 4 },
  answers: { 200: { description: 'What was stored.', schema: wire.artifactStored } },
} as const;

/**
 * The run of an id. One of another workspace is refused as another tenant's, as the seed has it.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
async function accessed(ctx: Context, id: string, access: 'read' | 'write'): Promise<Run> {
  const ref = runRefOf(id);
  return accessRun(ctx, ref, access).catch(async (error: unknown) => {
    const runId = toRunId(id);
    const elsewhere = runId === null ? null : await ctx.ports.store.read.runs.find(runId);
    const project =
      elsewhere === null ? null : await ctx.ports.store.read.projects.find(elsewhere.projectKey);
    if (project === null || project.workspaceKey === ctx.workspace.key) throw error;
    throw new CoreError({ code: 'forbidden' }, 'the run belongs to another tenant');
  });
}

async function shownRun(ctx: Context, run: Run): Promise<RecordedRun> {
  const [recorded] = await recordedRuns(ctx.ports.store.read, [run]);
  if (recorded === undefined)
    throw new CoreError({ code: 'not_found', entity: 'project' }, 'project not found');
  return recorded;
}

const newestFirst = [{ field: attribute('createdAt'), direction: 'desc' }] as const;

/** Adds the routes of experiments and of their runs. */
export function addSeedRoutes({ add, addUpload, answer }: DialectApp): void {
  const none = { metrics: 0, params: 0, tags: 0 };
  const named = async (ctx: Context, id: string): Promise<RunRef> => ({
    key: (await accessed(ctx, id, 'write')).key,
  });

  add(seedRoutes.createRun, async ({ body: input }, ctx, c) => {
    const number = projectNumberOf(input.experiment_id);
    const names = { name: randomRunName(), idempotencyKey: idempotencyKey(c) };
    const { run } = await createTrackedRun(ctx, toNewRun(input, number, names));
    return answer(c, fromRecorded(await shownRun(ctx, run)), 201);
  });

  add(seedRoutes.listRuns, async ({ query: { experiment_id, status, limit, offset } }, ctx, c) => {
    const project = await accessProject(ctx, { number: projectNumberOf(experiment_id) }, 'read');
    const filter = status === undefined ? everyRun : statusIn(statusesOf(status));
    const page = { projectKeys: [project.key], filter, order: newestFirst, limit, offset };
    const { runs, total } = await findRuns(ctx, page, { total: true });
    const recorded = await recordedRuns(ctx.ports.store.read, runs);
    return answer(c, { runs: recorded.map(fromRecorded), total, limit, offset });
  });

  add(seedRoutes.compare, async ({ body: { run_ids, metrics } }, ctx, c) => {
    if (new Set(run_ids).size < run_ids.length) throw invalid('run_ids', 'must not name a run twice');
    const runs = [];
    for (const id of run_ids) runs.push(await accessed(ctx, id, 'read'));
    return answer(c, compare(await recordedRuns(ctx.ports.store.read, runs), metrics));
  });

  add(seedRoutes.getRun, async ({ params: { id } }, ctx, c) =>
    answer(c, fromRecorded(await shownRun(ctx, await accessed(ctx, id, 'read')))),
  );

  add(seedRoutes.logMetrics, async ({ params: { id }, body: { metrics, ...at } }, ctx, c) => {
    const now = ctx.ports.clock.now();
    const points = Object.entries(metrics).map(([key, value]) => toPoint(key, value, at, now));
    await logBatch(ctx, await named(ctx, id), toLogged({ points }));
    return answer(c, { ...none, metrics: points.length });
  });

  add(seedRoutes.logParams, async ({ params: { id }, body: sent }, ctx, c) => {
    const list = Object.entries(sent.params).map(([key, value]) => paramOf(key, value));
    await logBatch(ctx, await named(ctx, id), toLogged({ params: list }));
    return answer(c, { ...none, params: list.length });
  });

  add(seedRoutes.logBatch, async ({ params: { id }, body: sent }, ctx, c) => {
    const now = ctx.ports.clock.now();
    const points = sent.metrics.map(({ key, value, ...at }) => toPoint(key, value, at, now));
    const list = sent.params.map(({ key, value }) => paramOf(key, value));
    await logBatch(ctx, await named(ctx, id), toLogged({ points, params: list, tags: sent.tags }));
    return answer(c, { metrics: points.length, params: list.length, tags: sent.tags.length });
  });

  addUpload(seedUpload, async ({ params: { id }, query, file, fileName }, ctx, c) => {
    if (fileName === null || fileName === '') throw invalid('file', 'needs a name');
    const folder = query.artifact_path?.replace(/\/+$/, '') ?? '';
    const path =
      folder === '' ? artifactPath(fileName, 'file') : artifactPath(`${folder}/${fileName}`, 'artifact_path');
    const { size, sha256 } = await writeArtifact(ctx, await named(ctx, id), path, file);
    return answer(c, { path, size, sha256 });
  });

  add(seedRoutes.end, async ({ params: { id }, body: { status, end_time } }, ctx, c) => {
    const run = await accessed(ctx, id, 'write');
    const view = await updateRun(ctx, { key: run.key }, toRunChange(run, { status, end_time, run_name: '' }));
    return answer(c, fromRecorded(await shownRun(ctx, view.run)));
  });

  add(seedRoutes.create, async ({ body: input }, ctx, c) => {
    const { project } = await createProject(ctx, toNewProject(input));
    return answer(c, fromProject(project), 201);
  });

  add(seedRoutes.list, async ({ query: { search, lifecycle_stage, limit, offset } }, ctx, c) => {
    const filter =
      search === undefined || search === ''
        ? everyProject
        : contains(projectAttribute('name'), search, { ignoreCase: true });
    const order = [{ field: projectAttribute('createdAt'), direction: 'desc' }] as const;
    const page = { filter, order, lifecycle: lifecycle_stage, limit, offset };
    const { projects, total } = await findProjects(ctx, page, { total: true });
    return answer(c, { experiments: projects.map(fromProject), total, limit, offset });
  });

  const refOf = (id: string) => ({ number: projectNumberOf(id, 'id') });

  add(seedRoutes.get, async ({ params: { id } }, ctx, c) =>
    answer(c, fromProject(await accessProject(ctx, refOf(id), 'read'))),
  );

  add(seedRoutes.patch, async ({ params: { id }, body: change }, ctx, c) =>
    answer(c, fromProject((await updateProject(ctx, refOf(id), toProjectChange(change))).project)),
  );

  add(seedRoutes.delete, async ({ params: { id } }, ctx, c) =>
    answer(c, fromProject((await trashProject(ctx, refOf(id))).project)),
  );

  add(seedRoutes.restore, async ({ params: { id } }, ctx, c) =>
    answer(c, fromProject((await restoreProject(ctx, refOf(id))).project)),
  );
}
