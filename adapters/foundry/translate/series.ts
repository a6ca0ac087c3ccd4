import { type MetricSummary, pointNumber, type StoredPoint } from '../../../src/core/metrics.js';
import { exactInteger } from '../../../src/http/to-json.js';
import type { SeriesWire, SummaryMetricWire } from '../wire/experiment.js';
import type { PointWire } from '../wire/series.js';

/** What there is of a series as a whole, in the order in which it is shown, without what JSON has no number for. */
function aggregationsOf({
  last,
  min,
  max,
}: MetricSummary): readonly (readonly ['LAST' | 'MIN' | 'MAX', number])[] {
  const values = [
    ['LAST', pointNumber(last)],
    ['MIN', min],
    ['MAX', max],
  ] as const;
  return values.flatMap(([name, value]) =>
    value !== null && Number.isFinite(value) ? [[name, value] as const] : [],
  );
}

/** A metric as it stands with its run: its length counts the points that JSON shows. */
export function fromSummary(summary: MetricSummary): SeriesWire {
  const values = Object.fromEntries(
    aggregationsOf(summary).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { name: summary.key, length: exactInteger(summary.finite), value: { type: 'double', ...values } };
}

/** The same, each number by itself. */
export function toSummaryMetrics(summary: MetricSummary): readonly SummaryMetricWire[] {
  return aggregationsOf(summary).map(([aggregation, value]) => ({
    seriesName: summary.key,
    aggregation,
    value,
  }));
}

/** The step of a point; one without a step has its place in the history. */
export function stepOf({ step }: Pick<StoredPoint, 'step'>, ordinal: number): bigint {
  return step ?? BigInt(ordinal);
}

/** A finite point. */
export function fromPoint(point: StoredPoint, ordinal: number): PointWire {
  return {
    value: point.value ?? 0,
    timestamp: exactInteger(point.timestampMs),
    step: exactInteger(stepOf(point, ordinal)),
  };
}
