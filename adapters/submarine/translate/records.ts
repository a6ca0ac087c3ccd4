import { classify, type MetricPoint } from '../../../src/core/metrics.js';
import type { Run } from '../../../src/core/model.js';
import { paramOf } from '../../../src/core/params.js';
import { type JobRecord, type RecordDatabase, recordTable } from '../../../src/services/intake/take-in.js';
import { parseExperimentId } from './ids.js';
import { defaultWorker } from './tracking.js';

/** The name of the database in each job's inbox. */
export const recordFile = 'submarine.db';

/** What no database holds. */
const unstorable = /\0|\p{Surrogate}/u;

/** The greatest finite numbers are what the SDK writes for the infinities. */
function loggedValue(value: number): number {
  if (value === Number.MAX_VALUE) return Number.POSITIVE_INFINITY;
  return value === -Number.MAX_VALUE ? Number.NEGATIVE_INFINITY : value;
}

function timeOf(micros: bigint): Pick<MetricPoint, 'timestampMs' | 'timestampUs'> {
  const us = ((micros % 1000n) + 1000n) % 1000n;
  return { timestampMs: (micros - us) / 1000n, timestampUs: Number(us) };
}

/**
 * The tables that the SDK 0.8.0 makes for its functions log_metric and log_param (submarine/store/database/models.py).
 * What it writes of another experiment, and what it would not write, says nothing of the run.
 */
export function recordDatabase(storeCreatedAtMs: number): RecordDatabase {
  const isOwn = (id: string | null, run: Run) =>
    id !== null && parseExperimentId(id, storeCreatedAtMs) === run.key;
  return {
    file: recordFile,
    tables: [
      recordTable({
        name: 'metric',
        columns: {
          id: 'text',
          key: 'text',
          value: 'real',
          worker_index: 'text',
          timestamp: 'localTime',
          step: 'integer',
          is_nan: 'integer',
        },
        read({ id, key, value, worker_index: worker, timestamp, step, is_nan }, run): JobRecord | null {
          if (!isOwn(id, run) || key === null || unstorable.test(key)) return null;
          if (value === null || timestamp === null || unstorable.test(worker ?? '')) return null;
          const isNan = is_nan !== null && is_nan !== 0n;
          const point = {
            key,
            ...classify(isNan ? Number.NaN : loggedValue(value)),
            step: step ?? 0n,
            ...timeOf(timestamp),
            ...(worker === null || worker === defaultWorker ? {} : { worker }),
          };
          return { kind: 'point', point };
        },
      }),
      recordTable({
        name: 'param',
        columns: { id: 'text', key: 'text', value: 'text' },
        read({ id, key, value }, run): JobRecord | null {
          if (!isOwn(id, run) || key === null || value === null) return null;
          if (unstorable.test(key) || unstorable.test(value)) return null;
          return { kind: 'param', param: paramOf(key, value) };
        },
      }),
    ],
  };
}
