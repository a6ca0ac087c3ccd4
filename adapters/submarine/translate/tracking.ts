import type { StoredPoint } from '../../../src/core/metrics.js';
import type { Param } from '../../../src/core/params.js';
import { exactInteger } from '../../../src/http/to-json.js';
import type { MetricWire, ParamWire } from '../wire/tracking.js';

/** The worker that the SDK names outside of distributed training: of what is logged through other dialects, too. */
export const defaultWorker = 'worker-0';

/** The ends of the years that four digits can write, in milliseconds. */
const earliestMs = -62_135_596_800_000n;
const latestMs = 253_402_300_799_999n;

function timeOf(ms: bigint): string {
  const shown = ms > latestMs ? latestMs : ms < earliestMs ? earliestMs : ms;
  return new Date(Number(shown)).toISOString().replace('Z', '+00:00');
}

/**
 * A point as Submarine's table shows it: NaN is 0 with a mark, infinities are the greatest finite
 * numbers (as its tracking store has them). Points without a value are not shown.
 */
export function fromPoint(id: string, point: StoredPoint): MetricWire | null {
  if (point.kind === 'null') return null;
  const infinite = point.kind === 'pinf' ? Number.MAX_VALUE : -Number.MAX_VALUE;
  return {
    id,
    key: point.key,
    value: point.kind === 'nan' ? 0 : (point.value ?? infinite),
    workerIndex: point.worker ?? defaultWorker,
    timestamp: timeOf(point.timestampMs),
    step: exactInteger(point.step ?? 0n),
    isNan: point.kind === 'nan',
  };
}

/** A param as Submarine's table shows it. */
export function fromParam(id: string, param: Param): ParamWire {
  return { id, key: param.key, value: param.text, workerIndex: defaultWorker };
}
