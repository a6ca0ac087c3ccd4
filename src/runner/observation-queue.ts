import type { JobId } from '../core/ids.js';
import type { Observation } from '../core/ports/runner.js';

/** Snapshots on their way to one consumer. Of each job only the newest waits, so it stays small. */
export interface ObservationQueue {
  /** Kept only while somebody consumes. */
  push(observation: Observation): void;
  consume(signal: AbortSignal): AsyncGenerator<Observation>;
  /** Ends the consumption. */
  close(): void;
}

/** A queue without a consumer yet. */
export function createObservationQueue(): ObservationQueue {
  const waiting = new Map<JobId, Observation>();
  let isConsumed = false;
  let isClosed = false;
  let wake = () => {};

  async function* deliver(signal: AbortSignal): AsyncGenerator<Observation> {
    const onAbort = () => wake();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted && !isClosed) {
        const [next] = waiting.values();
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        waiting.delete(next.jobId);
        yield next;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      isConsumed = false;
      waiting.clear();
    }
  }

  return {
    push(observation) {
      if (!isConsumed) return;
      // Deleted first, so that a newer snapshot waits behind those of other jobs.
      waiting.delete(observation.jobId);
      waiting.set(observation.jobId, observation);
      wake();
    },
    consume(signal) {
      if (isConsumed) throw new Error('the observations already have a consumer');
      isConsumed = true;
      return deliver(signal);
    },
    close() {
      isClosed = true;
      wake();
    },
  };
}
