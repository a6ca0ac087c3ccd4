import { classify, type MetricPoint, pointNumber } from '../../../src/core/metrics.js';
import { exactInteger } from '../../../src/http/to-json.js';
import type { MetricInput, MetricWire } from '../wire/metric.js';

/** A value that a client logs. Without a step it is logged at step 0, as for the real server. */
export function toPoint({ key, value, timestamp, step }: MetricInput): MetricPoint {
  return { key, ...classify(value), step: step ?? 0n, timestampMs: timestamp, timestampUs: 0 };
}

/** A number as JSON has it, or as the word for it. */
export function toWireNumber(value: number): MetricWire['value'] {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** A point as it is shown; null for one without a value, which only other dialects know. */
export function fromPoint(point: MetricPoint): MetricWire | null {
  const number = pointNumber(point);
  if (number === null) return null;
  return {
    key: point.key,
    value: toWireNumber(number),
    timestamp: exactInteger(point.timestampMs),
    step: exactInteger(point.step ?? 0n),
  };
}
