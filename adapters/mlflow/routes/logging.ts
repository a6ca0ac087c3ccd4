import type { DialectApp } from '../../../src/http/dialect-app.js';
import { logBatch } from '../../../src/services/runs/log-batch.js';
import { updateRun } from '../../../src/services/runs/update.js';
import { toBatch, toTagRemoval } from '../translate/batch.js';
import { toModelHistory } from '../translate/model-history.js';
import {
  batch,
  metricLogged,
  modelLogged,
  paramLogged,
  runIdOf,
  runTagInput,
  runTagKey,
} from '../wire/run.js';
import { nothing } from '../wire/values.js';
import { at, jsonBody, runRefOf } from './common.js';

const tag = 'runs';
const done = { 200: { description: 'It is stored.', schema: nothing } } as const;

/** Documented and served: what clients log. */
export const loggingRoutes = {
  metric: {
    method: 'post',
    ...at('/runs/log-metric'),
    operationId: 'logMetric',
    tag,
    summary: 'Log a value of a metric',
    body: jsonBody(metricLogged),
    answers: done,
  },
  param: {
    method: 'post',
    ...at('/runs/log-parameter'),
    operationId: 'logParam',
    tag,
    summary: 'Log a param; it can be set once',
    body: jsonBody(paramLogged),
    answers: done,
  },
  batch: {
    method: 'post',
    ...at('/runs/log-batch'),
    operationId: 'logBatch',
    tag,
    summary: 'Log metrics, params and tags, all or none of them',
    body: jsonBody(batch),
    answers: done,
  },
  model: {
    method: 'post',
    ...at('/runs/log-model'),
    operationId: 'logModel',
    tag,
    summary: 'Log a model, as clients of before 3 do',
    body: jsonBody(modelLogged),
    answers: done,
  },
  setTag: {
    method: 'post',
    ...at('/runs/set-tag'),
    operationId: 'setTag',
    tag,
    summary: 'Set a tag of a run',
    body: jsonBody(runTagInput),
    answers: done,
  },
  deleteTag: {
    method: 'post',
    ...at('/runs/delete-tag'),
    operationId: 'deleteTag',
    tag,
    summary: 'Take a tag of a run away',
    body: jsonBody(runTagKey),
    answers: { ...done, 200: { ...done[200], description: 'It is gone.' } },
  },
} as const;

const none = { metrics: [], params: [], tags: [] } as const;

/** Adds the routes by which clients log. */
export function addLoggingRoutes({ add, answer }: DialectApp): void {
  add(loggingRoutes.metric, async ({ body }, ctx, c) => {
    await logBatch(ctx, runRefOf(runIdOf(body)), toBatch({ ...none, metrics: [body] }));
    return answer(c, {});
  });

  add(loggingRoutes.param, async ({ body }, ctx, c) => {
    await logBatch(ctx, runRefOf(runIdOf(body)), toBatch({ ...none, params: [body] }));
    return answer(c, {});
  });

  add(loggingRoutes.batch, async ({ body }, ctx, c) => {
    await logBatch(ctx, runRefOf(body.run_id), toBatch(body));
    return answer(c, {});
  });

  add(loggingRoutes.model, async ({ body }, ctx, c) => {
    await updateRun(ctx, runRefOf(body.run_id), { retag: toModelHistory(body.model_json) });
    return answer(c, {});
  });

  add(loggingRoutes.setTag, async ({ body }, ctx, c) => {
    await logBatch(ctx, runRefOf(runIdOf(body)), toBatch({ ...none, tags: [body] }));
    return answer(c, {});
  });

  add(loggingRoutes.deleteTag, async ({ body }, ctx, c) => {
    await updateRun(ctx, runRefOf(runIdOf(body)), toTagRemoval(body.key));
    return answer(c, {});
  });
}
