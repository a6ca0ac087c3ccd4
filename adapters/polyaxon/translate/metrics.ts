import { classify, type MetricPoint, type MetricSummary, pointNumber } from '../../../src/core/metrics.js';
import type { Run } from '../../../src/core/model.js';
import { type Micros, millisFromMicros } from '../../../src/core/time.js';
import type { MetricRow } from '../../../src/services/metrics/rows.js';
import type { MetricInput, MetricRowWire } from '../wire/metric.js';
import { rowUuid } from './row-uuid.js';
import { toWireTimeOf } from './time.js';

type WireValue = MetricRowWire['values'][string];

/** A point's value as JSON has it; what JSON has no number for is a text. */
function toWireValue(point: MetricPoint): WireValue {
  const value = pointNumber(point);
  if (value === null || Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** The points of a row that a client posts; they have no step. */
export function toPoints({ values, created_at }: MetricInput, now: Micros): readonly MetricPoint[] {
  const at = created_at ?? now;
  const millis = millisFromMicros(at);
  const timestamp = { timestampMs: BigInt(millis), timestampUs: at - millis * 1000 };
  return Object.entries(values).map(([key, value]) => ({
    key,
    ...classify(value === null ? null : Number(value)),
    step: null,
    ...timestamp,
  }));
}

/** Times beyond these cannot be written as ISO 8601 with a year of four digits: the nearest is shown. */
const earliest = -62_135_596_800_000n;
const latest = 253_402_300_799_999n;

function timeOf({ timestampMs, timestampUs }: MetricPoint): string {
  const ms = timestampMs < earliest ? earliest : timestampMs > latest ? latest : timestampMs;
  return toWireTimeOf(Number(ms), timestampUs);
}

/** Values that came together, of whatever dialect. */
export function fromMetricRow(run: Run, { row, points }: MetricRow): MetricRowWire {
  const [first] = points;
  if (first === undefined) throw new Error('a row has points');
  return {
    id: row,
    uuid: rowUuid(run.id, row),
    created_at: timeOf(first),
    values: Object.fromEntries(points.map((point) => [point.key, toWireValue(point)])),
    experiment: run.number,
  };
}

/** The last value of each metric; null when there is none. */
export function lastMetricOf(summaries: readonly MetricSummary[]): Record<string, WireValue> | null {
  if (summaries.length === 0) return null;
  return Object.fromEntries(summaries.map(({ key, last }) => [key, toWireValue(last)]));
}
