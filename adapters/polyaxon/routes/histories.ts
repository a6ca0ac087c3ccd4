import { invalid } from '../../../src/core/errors.js';
import type { AdapterDeps } from '../../../src/http/adapter.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { Context } from '../../../src/services/context.js';
import { logMetricBatches } from '../../../src/services/metrics/log.js';
import { readMetricRows } from '../../../src/services/metrics/rows.js';
import type { RunRef } from '../../../src/services/runs/find.js';
import { reportStatus } from '../../../src/services/runs/report-status.js';
import { readStatuses, statusNumber } from '../../../src/services/runs/statuses.js';
import { fromMetricRow, toPoints } from '../translate/metrics.js';
import { fromStatusEvent, shownStatuses, toReport } from '../translate/status.js';
import { type MetricInput, metricInputs, metricList, metricRow } from '../wire/metric.js';
import { pageQuery } from '../wire/paging.js';
import { statusInput, statusList, statusRow } from '../wire/status.js';
import { atExperiment, experimentParams, experimentPath, listAnswer, mediaTypes, pageOf } from './common.js';

const shared = { tag: 'experiments', params: experimentParams } as const;

/** Documented and served: the statuses and metrics of experiments. */
export const historyRoutes = {
  statuses: {
    ...shared,
    method: 'get',
    path: `${experimentPath}/statuses`,
    operationId: 'listStatuses',
    summary: 'List the statuses of an experiment',
    query: pageQuery,
    answers: { 200: { description: 'Oldest first.', schema: statusList } },
  },
  report: {
    ...shared,
    method: 'post',
    path: `${experimentPath}/statuses`,
    operationId: 'createStatus',
    summary: 'Report a status',
    description: 'What may not follow the current status is kept and moves nothing.',
    body: { schema: statusInput, mediaTypes },
    answers: { 201: { description: 'The row.', schema: statusRow } },
  },
  metrics: {
    ...shared,
    method: 'get',
    path: `${experimentPath}/metrics`,
    operationId: 'listMetrics',
    summary: 'List the metrics of an experiment',
    description: 'Without a limit all of them, streamed.',
    query: pageQuery,
    answers: { 200: { description: 'Oldest first.', schema: metricList } },
  },
  log: {
    ...shared,
    method: 'post',
    path: `${experimentPath}/metrics`,
    operationId: 'createMetric',
    summary: 'Log metrics',
    description: 'One row is answered with the row, a list of rows without a body.',
    body: { schema: metricInputs.optional(), mediaTypes, required: false },
    answers: { 201: { description: 'The row, where one was sent.', schema: metricRow } },
  },
} as const;

/** The stored row of one that was sent alone. */
async function logOne(ctx: Context, ref: RunRef, input: MetricInput) {
  const points = toPoints(input, ctx.ports.clock.now());
  if (points.length === 0) throw invalid('values', 'at least one value is needed');
  const { run, points: stored } = await logMetricBatches(ctx, ref, [points]);
  return fromMetricRow(run, { row: stored[0]?.row ?? 0, points: stored });
}

async function* mapped<T, U>(items: AsyncIterable<T>, show: (item: T) => U): AsyncGenerator<U> {
  for await (const item of items) yield show(item);
}

/** Adds the routes of statuses and metrics. */
export function addHistoryRoutes({ add, answer, stream }: DialectApp, { settings }: AdapterDeps): void {
  add(historyRoutes.statuses, async ({ params, query }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    const page = pageOf(query);
    const { run, events, total } = await readStatuses(ctx, ref, { ...page, statuses: shownStatuses });
    const results = events.map((event, index) => fromStatusEvent(run, event, page.offset + index + 1));
    return answer(c, listAnswer(c, settings.url, page, { count: total, results }));
  });

  add(historyRoutes.report, async ({ params, body }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    const { run, event } = await reportStatus(ctx, ref, toReport(body));
    return answer(c, fromStatusEvent(run, event, await statusNumber(ctx, event, shownStatuses)), 201);
  });

  add(historyRoutes.metrics, async ({ params, query }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    const isWhole = query.limit === undefined && query.offset === undefined;
    const page = isWhole ? { limit: Number.MAX_SAFE_INTEGER, offset: 0 } : pageOf(query);
    const { run, total, rows } = await readMetricRows(ctx, ref, isWhole ? { offset: 0 } : page);
    const results = mapped(rows, (row) => fromMetricRow(run, row));
    return stream(c, listAnswer(c, settings.url, page, { count: total, results }));
  });

  add(historyRoutes.log, async ({ params, body }, request, c) => {
    const { ctx, ref } = await atExperiment(request, params);
    if (body !== undefined && !Array.isArray(body)) return answer(c, await logOne(ctx, ref, body), 201);
    const now = ctx.ports.clock.now();
    // After a full batch the tracking client may send another without a body.
    const batches = (body ?? []).map((input) => toPoints(input, now)).filter((points) => points.length > 0);
    await logMetricBatches(ctx, ref, batches);
    return c.body(null, 201);
  });
}
