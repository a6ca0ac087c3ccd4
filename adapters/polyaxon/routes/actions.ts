import type { DialectApp } from '../../../src/http/dialect-app.js';
import { setRunBookmark } from '../../../src/services/bookmarks/set.js';
import type { Context } from '../../../src/services/context.js';
import { archiveRun } from '../../../src/services/runs/archive.js';
import { deleteRuns } from '../../../src/services/runs/delete.js';
import type { RunRef } from '../../../src/services/runs/find.js';
import { getRun } from '../../../src/services/runs/get.js';
import { heartbeat } from '../../../src/services/runs/heartbeat.js';
import { stopRun, stopRuns } from '../../../src/services/runs/stop.js';
import { updateRun } from '../../../src/services/runs/update.js';
import { fromCodeRef, toCodeRef } from '../translate/code-ref.js';
import { codeRef, codeRefInput } from '../wire/code-ref.js';
import { idsInput } from '../wire/experiment.js';
import {
  atExperiment,
  experimentParams,
  experimentPath,
  experimentsPath,
  inProject,
  mediaTypes,
  projectParams,
} from './common.js';

const tag = 'experiments';
const one = { tag, params: experimentParams } as const;
const done = (description: string) => ({ 200: { description } });
const several = { tag, params: projectParams, body: { schema: idsInput, mediaTypes } } as const;

/** Documented and served: what is done with experiments. */
export const actionRoutes = {
  stop: {
    ...one,
    method: 'post',
    path: `${experimentPath}/stop`,
    operationId: 'stopExperiment',
    summary: 'Stop an experiment',
    answers: done('It is being stopped, or has ended already.'),
  },
  archive: {
    ...one,
    method: 'post',
    path: `${experimentPath}/archive`,
    operationId: 'archiveExperiment',
    summary: 'Hide an experiment from lists',
    answers: done('It is hidden.'),
  },
  restore: {
    ...one,
    method: 'post',
    path: `${experimentPath}/restore`,
    operationId: 'restoreExperiment',
    summary: 'Show an archived experiment in lists again',
    answers: done('It is shown.'),
  },
  bookmark: {
    ...one,
    method: 'post',
    path: `${experimentPath}/bookmark`,
    operationId: 'bookmarkExperiment',
    summary: 'Bookmark an experiment',
    answers: { 201: { description: 'It is marked, for the caller alone.' } },
  },
  unbookmark: {
    ...one,
    method: 'delete',
    path: `${experimentPath}/unbookmark`,
    operationId: 'unbookmarkExperiment',
    summary: 'Take a bookmark away',
    answers: { 204: { description: 'It is not marked.' } },
  },
  heartbeat: {
    ...one,
    method: 'post',
    path: `${experimentPath}/_heartbeat`,
    operationId: 'sendHeartbeat',
    summary: 'Say that an experiment is alive',
    answers: done('It is known to be alive.'),
  },
  getCodeRef: {
    ...one,
    method: 'get',
    path: `${experimentPath}/coderef`,
    operationId: 'getCodeReference',
    summary: 'Get the state of the code of an experiment',
    answers: { 200: { description: 'Nulls where nothing is known.', schema: codeRef } },
  },
  setCodeRef: {
    ...one,
    method: 'post',
    path: `${experimentPath}/coderef`,
    operationId: 'createCodeReference',
    summary: 'Set the state of the code of an experiment',
    body: { schema: codeRefInput.optional(), mediaTypes, required: false },
    answers: { 201: { description: 'As it is kept.', schema: codeRef } },
  },
  stopSeveral: {
    ...several,
    method: 'post',
    path: `${experimentsPath}/stop`,
    operationId: 'stopExperiments',
    summary: 'Stop experiments',
    answers: done('They are being stopped; ids that name none are passed over.'),
  },
  deleteSeveral: {
    ...several,
    method: 'delete',
    path: `${experimentsPath}/delete`,
    operationId: 'deleteExperiments',
    summary: 'Delete experiments',
    answers: done('They are gone; ids that name none are passed over.'),
  },
} as const;

/** A route that does one thing with a run, and its answer without a body. */
type Action = readonly [
  route: (typeof actionRoutes)['stop' | 'archive' | 'restore' | 'bookmark' | 'unbookmark' | 'heartbeat'],
  work: (ctx: Context, ref: RunRef) => Promise<unknown>,
  status: 200 | 201 | 204,
];

/** Adds the routes of what is done with experiments. */
export function addActionRoutes({ add, answer }: DialectApp): void {
  for (const [route, work, status] of [
    [actionRoutes.stop, stopRun, 200],
    [actionRoutes.archive, (ctx, ref) => archiveRun(ctx, ref, true), 200],
    [actionRoutes.restore, (ctx, ref) => archiveRun(ctx, ref, false), 200],
    [actionRoutes.bookmark, (ctx, ref) => setRunBookmark(ctx, ref, true), 201],
    [actionRoutes.unbookmark, (ctx, ref) => setRunBookmark(ctx, ref, false), 204],
    [actionRoutes.heartbeat, heartbeat, 200],
  ] satisfies readonly Action[]) {
    add(route, async ({ params }, request, c) => {
      const { ctx, ref } = await atExperiment(request, params);
      await work(ctx, ref);
      return c.body(null, status);
    });
  }

  add(actionRoutes.getCodeRef, async ({ params }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    return answer(c, fromCodeRef(await getRun(ctx, ref)));
  });

  add(actionRoutes.setCodeRef, async ({ params, body }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    const view = await updateRun(ctx, ref, { codeRef: toCodeRef(body ?? {}) });
    return answer(c, fromCodeRef(view), 201);
  });

  for (const [route, work] of [
    [actionRoutes.stopSeveral, stopRuns],
    [actionRoutes.deleteSeveral, deleteRuns],
  ] as const) {
    add(route, async ({ params, body }, request, c) => {
      const { ctx, project } = await inProject(request, params);
      await work(
        ctx,
        body.ids.map((number) => ({ projectKey: project.key, number })),
      );
      return c.body(null, 200);
    });
  }
}
