import type { DialectApp } from '../../../src/http/dialect-app.js';
import { readLogs, replicaNames } from '../../../src/services/logs/read.js';
import { listRuns } from '../../../src/services/runs/list.js';
import { experimentIdOf } from '../translate/ids.js';
import { linesOf } from '../translate/log.js';
import { succeeded } from '../wire/envelope.js';
import { experimentLogListResponse, experimentLogResponse } from '../wire/experiment.js';
import { experimentParams, filterOf, itemsOf, listQuery, runRefOf } from './common.js';

const tag = 'experiment';

/** Documented and served: what experiments printed. */
export const logRoutes = {
  list: {
    method: 'get',
    path: '/api/v1/experiment/logs',
    operationId: 'listLogs',
    tag,
    summary: 'List the pods that have logs',
    query: listQuery,
    answers: { 200: { description: 'Names alone, without lines.', schema: experimentLogListResponse } },
  },
  get: {
    method: 'get',
    path: '/api/v1/experiment/logs/{id}',
    operationId: 'getLog',
    tag,
    summary: 'Get the log of an experiment',
    params: experimentParams,
    answers: { 200: { description: 'The lines of every pod.', schema: experimentLogResponse } },
  },
} as const;

/** Adds the routes of logs. */
export function addLogRoutes({ add, stream }: DialectApp): void {
  add(logRoutes.list, async ({ query }, ctx, c) => {
    const { createdAtMs } = ctx.ports.store;
    const runs = await listRuns(ctx, filterOf(query));
    const logs = itemsOf(runs, query, (view) => ({
      experimentId: experimentIdOf(view.run.key, createdAtMs),
      logContent: replicaNames(view).map((podName) => ({ podName, podLog: [] })),
    }));
    return stream(c, succeeded(logs));
  });

  add(logRoutes.get, async ({ params }, ctx, c) => {
    const { view, replicas } = await readLogs(ctx, runRefOf(ctx, params.id));
    const log = {
      experimentId: experimentIdOf(view.run.key, ctx.ports.store.createdAtMs),
      logContent: replicas.map(({ name, records }) => ({ podName: name, podLog: linesOf(records()) })),
    };
    return stream(c, succeeded(log));
  });
}
