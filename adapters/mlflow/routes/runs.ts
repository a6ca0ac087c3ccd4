import type { Run } from '../../../src/core/model.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { idempotencyKey } from '../../../src/http/idempotency-key.js';
import type { Context } from '../../../src/services/context.js';
import { findProjectKeys } from '../../../src/services/projects/find-several.js';
import { createTrackedRun } from '../../../src/services/runs/create.js';
import { accessRun } from '../../../src/services/runs/find.js';
import { findRuns } from '../../../src/services/runs/search.js';
import { stopRun } from '../../../src/services/runs/stop.js';
import { restoreRun, trashRun } from '../../../src/services/runs/trash.js';
import { updateRun } from '../../../src/services/runs/update.js';
import { projectNumberOf } from '../translate/experiment.js';
import { toNewRun } from '../translate/new-run.js';
import { randomRunName } from '../translate/run-name.js';
import { toRunQuery } from '../translate/search.js';
import { toRunChange } from '../translate/update.js';
import {
  type RunWire,
  runAnswer,
  runById,
  runChange,
  runIdOf,
  runInfoAnswer,
  runInput,
  runList,
  runSearch,
} from '../wire/run.js';
import { nothing } from '../wire/values.js';
import { at, jsonBody, runRefOf } from './common.js';
import { showRun, showRuns } from './shown-run.js';

const tag = 'runs';
const done = { 200: { description: 'It is done.', schema: nothing } } as const;
const shown = { 200: { description: 'The run.', schema: runAnswer } } as const;

/** Documented and served: runs themselves. */
export const runRoutes = {
  create: {
    method: 'post',
    ...at('/runs/create'),
    operationId: 'createRun',
    tag,
    summary: 'Create a run',
    description: 'One that reports here. Without a name it gets a random one.',
    body: jsonBody(runInput),
    answers: shown,
  },
  get: {
    method: 'get',
    ...at('/runs/get'),
    operationId: 'getRun',
    tag,
    summary: 'Get a run, also a deleted one',
    query: runById,
    answers: shown,
  },
  update: {
    method: 'post',
    ...at('/runs/update'),
    operationId: 'updateRun',
    tag,
    summary: 'Report the status of a run, or rename it',
    body: jsonBody(runChange),
    answers: { 200: { description: 'The run, without what was logged.', schema: runInfoAnswer } },
  },
  delete: {
    method: 'post',
    ...at('/runs/delete'),
    operationId: 'deleteRun',
    tag,
    summary: 'Delete a run; it can be restored',
    body: jsonBody(runById),
    answers: done,
  },
  restore: {
    method: 'post',
    ...at('/runs/restore'),
    operationId: 'restoreRun',
    tag,
    summary: 'Restore a deleted run',
    body: jsonBody(runById),
    answers: done,
  },
  search: {
    method: 'post',
    ...at('/runs/search'),
    operationId: 'searchRuns',
    tag,
    summary: 'Search runs',
    body: jsonBody(runSearch),
    answers: { 200: { description: 'One page.', schema: runList } },
  },
} as const;

/** How many runs of a page are read at once. */
const piece = 500;

/** Runs as they are shown, a part of them after another, so that a large page takes little memory. */
async function* shownRuns(ctx: Context, runs: readonly Run[]): AsyncGenerator<RunWire> {
  for (let start = 0; start < runs.length; start += piece)
    yield* await showRuns(ctx, runs.slice(start, start + piece));
}

/** Adds the routes of runs. */
export function addRunRoutes({ add, answer, stream }: DialectApp): void {
  add(runRoutes.create, async ({ body }, ctx, c) => {
    const number = projectNumberOf(body.experiment_id);
    const key = idempotencyKey(c);
    const view = await createTrackedRun(
      ctx,
      toNewRun(body, number, { name: randomRunName(), idempotencyKey: key }),
    );
    return answer(c, { run: await showRun(ctx, view.run) });
  });

  add(runRoutes.get, async ({ query }, ctx, c) => {
    const run = await accessRun(ctx, runRefOf(runIdOf(query)), 'read');
    return answer(c, { run: await showRun(ctx, run) });
  });

  add(runRoutes.update, async ({ body }, ctx, c) => {
    const ref = runRefOf(runIdOf(body));
    const run = await accessRun(ctx, ref, 'write');
    // A user ends a run that Franca started by having it stopped; the run's own client only says what it sees.
    if (run.managed && body.status === 'KILLED' && ctx.actor.runKey === null) await stopRun(ctx, ref);
    const view = await updateRun(ctx, ref, toRunChange(run, body));
    return answer(c, { run_info: (await showRun(ctx, view.run)).info });
  });

  add(runRoutes.delete, async ({ body }, ctx, c) => {
    await trashRun(ctx, runRefOf(runIdOf(body)));
    return answer(c, {});
  });

  add(runRoutes.restore, async ({ body }, ctx, c) => {
    await restoreRun(ctx, runRefOf(runIdOf(body)));
    return answer(c, {});
  });

  add(runRoutes.search, async ({ body }, ctx, c) => {
    const { runs, next } = await findRuns(
      ctx,
      toRunQuery(
        body,
        await findProjectKeys(
          ctx,
          body.experiment_ids.map((id) => projectNumberOf(id, 'experiment_ids')),
        ),
      ),
    );
    return stream(c, { runs: shownRuns(ctx, runs), ...(next === null ? {} : { next_page_token: next }) });
  });
}
