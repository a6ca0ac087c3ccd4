import { pointNumber, type StoredPoint } from '../../../src/core/metrics.js';
import { stepOf } from '../translate/series.js';
import { type ParquetColumn, type RowGroup, writeParquet } from './write.js';

/** As the points of JSON: the value, its time in milliseconds since 1970-01-01 UTC, its step. */
const columns: readonly ParquetColumn[] = [
  { name: 'value', type: 'DOUBLE', nullable: false, encoding: 'PLAIN' },
  { name: 'timestamp', type: 'INT64', nullable: false, encoding: 'DELTA_BINARY_PACKED' },
  { name: 'step', type: 'INT64', nullable: false, encoding: 'DELTA_BINARY_PACKED' },
];

/** Points of a group of rows. */
const groupSize = 16_384;

/** The whole of a series as a Parquet file: every point, NaN and the infinities too. */
export function seriesParquet(points: AsyncIterable<readonly StoredPoint[]>): AsyncIterable<Uint8Array> {
  return writeParquet(columns, groupsOf(points));
}

async function* groupsOf(pages: AsyncIterable<readonly StoredPoint[]>): AsyncGenerator<RowGroup> {
  const values = new Float64Array(groupSize);
  const [timestamps, steps] = [new BigInt64Array(groupSize), new BigInt64Array(groupSize)];
  let [length, ordinal] = [0, 0];
  const group = () => [values, timestamps, steps].map((column) => column.slice(0, length)) as RowGroup;
  for await (const points of pages) {
    for (const point of points) {
      values[length] = pointNumber(point) ?? Number.NaN;
      timestamps[length] = point.timestampMs;
      steps[length] = stepOf(point, ordinal);
      ordinal += 1;
      length += 1;
      if (length < groupSize) continue;
      yield group();
      length = 0;
    }
  }
  yield group();
}
