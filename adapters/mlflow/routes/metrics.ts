import { z } from '@hono/zod-openapi';
import { CoreError } from '../../../src/core/errors.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import type { Context } from '../../../src/services/context.js';
import { readHistory } from '../../../src/services/metrics/history.js';
import { historiesOf, type RunHistory, sampleHistories } from '../../../src/services/metrics/sample.js';
import { fromPoint } from '../translate/metrics.js';
import { fromRunId, toRunId } from '../translate/run.js';
import { placeOf } from '../translate/search.js';
import { metricHistory, metricsOfRuns } from '../wire/metric.js';
import { runIdOf } from '../wire/run.js';
import {
  missing,
  optionalCount,
  optionalInt64,
  optionalText,
  requiredText,
  textsInQuery,
} from '../wire/values.js';
import { at } from './common.js';

const tag = 'metrics';

/** How many points one page of a history may have. */
const longestPage = 25_000;
/** Of which so many are read and shown at once. */
const pieceSize = 1_000;
/** How many runs a chart may have, and how many points each of them (`mlflow.server.handlers`). */
const chart = { runs: 100, points: 2500 } as const;

const runIds = textsInQuery
  .refine((ids) => ids.length > 0, missing)
  .refine((ids) => ids.length <= chart.runs, `must not name more than ${chart.runs} runs`);

const history = z.object({
  run_id: optionalText,
  run_uuid: optionalText,
  metric_key: requiredText,
  max_results: optionalCount.refine((count) => count === undefined || count > 0, 'must be greater than 0'),
  page_token: optionalText,
});

const interval = z
  .object({
    run_ids: runIds,
    metric_key: requiredText,
    start_step: optionalInt64,
    end_step: optionalInt64,
    max_results: optionalCount.refine(
      (count) => count === undefined || (count > 0 && count <= chart.points),
      `must be a whole number from 1 to ${chart.points}`,
    ),
  })
  .refine(({ start_step, end_step }) => (start_step === undefined) === (end_step === undefined), {
    path: ['end_step'],
    message: 'must come with start_step, or not at all',
  })
  .refine(({ start_step = 0n, end_step = start_step }) => start_step <= end_step, {
    path: ['end_step'],
    message: 'must not be less than start_step',
  });

const bulk = z.object({ run_id: runIds, metric_key: requiredText, max_results: optionalCount });

/** Documented and served: histories of metrics. */
export const metricRoutes = {
  history: {
    method: 'get',
    ...at('/metrics/get-history'),
    operationId: 'getMetricHistory',
    tag,
    summary: 'Get the history of a metric of a run',
    description: `In pages of at most ${longestPage} points with max_results, whole without it.`,
    query: history,
    answers: { 200: { description: 'By timestamp, step and value.', schema: metricHistory } },
  },
  interval: {
    method: 'get',
    ...at('/metrics/get-history-bulk-interval'),
    operationId: 'sampleMetricHistories',
    tag,
    summary: 'Get points of a metric of several runs, spread evenly',
    query: interval,
    answers: { 200: { description: 'By run and step.', schema: metricsOfRuns } },
  },
  bulk: {
    method: 'get',
    ...at('/metrics/get-history-bulk'),
    operationId: 'getMetricHistories',
    tag,
    summary: 'Get the histories of a metric of several runs',
    query: bulk,
    answers: { 200: { description: `At most ${longestPage} points together.`, schema: metricsOfRuns } },
  },
} as const;

/** Ids that can name no run name none. */
function refsOf(ids: readonly string[]) {
  return [...new Set(ids)]
    .map(toRunId)
    .filter((id) => id !== null)
    .map((id) => ({ id }));
}

function fromHistories(histories: readonly RunHistory[]) {
  return histories.flatMap(({ run, points }) =>
    points
      .map(fromPoint)
      .filter((point) => point !== null)
      .map((point) => ({ ...point, run_id: fromRunId(run.id) })),
  );
}

/** A part of a history: all behind `after`, or `limit` points of it. `end.next` tells afterwards where it goes on. */
interface Part {
  readonly after?: string;
  readonly limit: number;
  readonly end: { next: string | null };
}

/**
 * Points of a history, piece by piece: a page has so many that it would cost megabytes at once. Of a run that is
 * not there they are none, as for the real server.
 */
async function* pointsOf(ctx: Context, id: string, key: string, { limit, end, ...place }: Part) {
  const runId = toRunId(id);
  if (runId === null) return;
  let left = limit;
  let from: { readonly after?: string } = place;
  while (left > 0) {
    const piece = { ...from, limit: Math.min(left, pieceSize), distinct: true };
    const { points, next } = await readHistory(ctx, { id: runId }, key, piece).catch(noneWhereNoRunIs);
    yield* points.map(fromPoint).filter((point) => point !== null);
    end.next = next;
    if (next === null) return;
    from = { after: next };
    left -= points.length;
  }
}

const noPoints = { points: [], next: null } as const;

function noneWhereNoRunIs(error: unknown): typeof noPoints {
  if (error instanceof CoreError && error.code === 'not_found') return noPoints;
  throw error;
}

/** Adds the routes of metrics. */
export function addMetricRoutes({ add, answer, stream }: DialectApp): void {
  add(metricRoutes.history, async ({ query }, ctx, c) => {
    const { metric_key: key, max_results: limit, page_token: token = '' } = query;
    const isWhole = limit === undefined && token === '';
    const end: Part['end'] = { next: null };
    const metrics = pointsOf(ctx, runIdOf(query), key, {
      ...placeOf(token),
      limit: isWhole ? Number.POSITIVE_INFINITY : Math.min(limit ?? longestPage, longestPage),
      end,
    });
    return stream(c, { metrics, next_page_token: () => end.next ?? undefined });
  });

  add(metricRoutes.interval, async ({ query }, ctx, c) => {
    const { start_step: startStep, end_step: endStep, max_results: maxPoints = chart.points } = query;
    const sampling = {
      maxPoints,
      ...(startStep === undefined ? {} : { startStep }),
      ...(endStep === undefined ? {} : { endStep }),
    };
    const histories = await sampleHistories(ctx, refsOf(query.run_ids), query.metric_key, sampling);
    return answer(c, { metrics: fromHistories(histories) });
  });

  add(metricRoutes.bulk, async ({ query }, ctx, c) => {
    const most = Math.min(query.max_results ?? longestPage, longestPage);
    const histories = await historiesOf(ctx, refsOf(query.run_id), query.metric_key, Math.max(most, 0));
    return answer(c, { metrics: fromHistories(histories) });
  });
}
