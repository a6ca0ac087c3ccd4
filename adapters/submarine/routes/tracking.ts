import { CoreError } from '../../../src/core/errors.js';
import type { StoredPoint } from '../../../src/core/metrics.js';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { readMetrics } from '../../../src/services/metrics/read.js';
import { readParams } from '../../../src/services/params/read.js';
import { fromParam, fromPoint } from '../translate/tracking.js';
import { succeeded } from '../wire/envelope.js';
import { type MetricWire, metricListResponse, paramListResponse, trackingQuery } from '../wire/tracking.js';
import { mediaTypes, runRefOf } from './common.js';

const body = { schema: trackingQuery, mediaTypes };

/** Documented and served: what Submarine's workbench asks for on an experiment's page. */
export const trackingRoutes = {
  metrics: {
    method: 'post',
    path: '/api/metric/selective',
    operationId: 'listMetrics',
    tag: 'metric',
    summary: 'List the metrics of an experiment',
    body,
    answers: { 200: { description: 'All points; none for an unknown id.', schema: metricListResponse } },
  },
  params: {
    method: 'post',
    path: '/api/param/selective',
    operationId: 'listParams',
    tag: 'param',
    summary: 'List the params of an experiment',
    body,
    answers: { 200: { description: 'All params; none for an unknown id.', schema: paramListResponse } },
  },
} as const;

/** In Submarine these are rows of a table, selected by id: an id that names nothing selects none. */
async function orNone<T>(read: () => Promise<T>): Promise<T | readonly never[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CoreError && error.code === 'not_found') return [];
    throw error;
  }
}

async function* metricsOf(
  id: string,
  pages: AsyncIterable<readonly StoredPoint[]> | readonly never[],
): AsyncGenerator<MetricWire> {
  for await (const points of pages) {
    for (const point of points) {
      const shown = fromPoint(id, point);
      if (shown !== null) yield shown;
    }
  }
}

/** Adds the routes of metrics and params. */
export function addTrackingRoutes({ add, answer, stream }: DialectApp): void {
  add(trackingRoutes.metrics, async ({ body: { id } }, ctx, c) => {
    const pages = await orNone(async () => readMetrics(ctx, runRefOf(ctx, id)));
    return stream(c, succeeded(metricsOf(id, pages)));
  });

  add(trackingRoutes.params, async ({ body: { id } }, ctx, c) => {
    const params = await orNone(async () => readParams(ctx, runRefOf(ctx, id)));
    return answer(c, succeeded(params.map((param) => fromParam(id, param))));
  });
}
