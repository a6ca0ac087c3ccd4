import { z } from '@hono/zod-openapi';
import type { DialectApp } from '../../../src/http/dialect-app.js';
import { readSeriesPage, streamHistory } from '../../../src/services/metrics/history.js';
import type { NamedError } from '../errors.js';
import { seriesParquet } from '../parquet/series.js';
import { fromPoint } from '../translate/series.js';
import { previewQuery } from '../wire/preview.js';
import { partQuery, seriesPage, seriesPageSize } from '../wire/series.js';
import {
  denied,
  experimentMissing,
  experimentParams,
  experimentPath,
  missing,
  partOf,
  retelling,
  runAt,
  tag,
} from './common.js';

const params = experimentParams.extend({
  experimentSeriesName: z.string().openapi({ description: 'Every `/` in it as `%2F`.', example: 'loss' }),
});
const path = `${experimentPath}/series/{experimentSeriesName}`;

/** Documented and served: the points of series. */
export const seriesRoutes = {
  json: {
    method: 'get',
    path: `${path}/json`,
    operationId: 'getExperimentSeriesJson',
    tag,
    summary: 'Get a part of a series',
    description:
      'In the order of their times; without NaN and the infinities, which JSON has no numbers for.',
    params,
    query: partQuery(seriesPageSize),
    answers: { 200: { description: 'Points.', schema: seriesPage } },
  },
  parquet: {
    method: 'get',
    path: `${path}/parquet`,
    operationId: 'getExperimentSeriesParquet',
    tag,
    summary: 'Get the whole of a series',
    description:
      'Columns `value` (double), `timestamp` (milliseconds since 1970-01-01 UTC) and `step` (64 bits).',
    params,
    query: previewQuery,
    answers: { 200: { description: 'A Parquet file.', mediaType: 'application/octet-stream' } },
  },
} as const;

type SeriesParams = z.output<typeof params>;

function seriesMissing({ modelRid, experimentRid, experimentSeriesName }: SeriesParams): NamedError {
  return missing(
    'ExperimentSeriesNotFound',
    { modelRid, experimentRid, seriesName: experimentSeriesName },
    'there is no such series of the experiment',
  );
}

/** Adds the routes of series. */
export function addSeriesRoutes({ add, answer, bytes }: DialectApp): void {
  add(seriesRoutes.json, async ({ params, query }, ctx, c) => {
    const forbidden = denied('JsonExperimentSeriesPermissionDenied', params);
    const ref = await runAt(ctx, params, forbidden);
    const part = partOf(query, seriesPageSize);
    return retelling({ not_found: experimentMissing(params), forbidden }, async () => {
      const { summary, points, ordinals } = await readSeriesPage(ctx, ref, params.experimentSeriesName, part);
      if (summary === null) throw seriesMissing(params);
      const series = points.map((point, place) => fromPoint(point, ordinals[place] ?? 0));
      return answer(c, { type: 'doubleV1', series });
    });
  });

  add(seriesRoutes.parquet, async ({ params }, ctx, c) => {
    const forbidden = denied('ParquetExperimentSeriesPermissionDenied', params);
    const ref = await runAt(ctx, params, forbidden);
    return retelling({ not_found: experimentMissing(params), forbidden }, async () => {
      const { summary, points } = await streamHistory(ctx, ref, params.experimentSeriesName);
      if (summary === null) throw seriesMissing(params);
      return bytes(c, seriesParquet(points), {
        contentType: 'application/octet-stream',
        fileName: `${params.experimentSeriesName}.parquet`,
      });
    });
  });
}
