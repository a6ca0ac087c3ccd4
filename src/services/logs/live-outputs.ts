import type { LogBatch, LogStore } from '../../core/ports/index.js';
import { type Output, type RunLine, takeBatch } from './run-lines.js';

/** Outputs that are followed side by side. Of each at most one batch waits to be taken. */
export interface LiveOutputs {
  /** Follows an output from where it was read to. */
  start(output: Output): void;
  /** Nothing more will be printed: what is stored is given, and then the output is followed no more. */
  end(output: Output): void;
  endAll(): void;
  /** The lines that have come. Each output is read on when its last ones were taken. Throws what a read threw. */
  take(): Generator<readonly RunLine[], void>;
  /** True when no output is followed. */
  readonly isEmpty: boolean;
}

interface Live {
  readonly output: Output;
  readonly batches: AsyncIterator<LogBatch>;
  readonly ended: AbortController;
}

type Arrival = { readonly live: Live } & (
  | { readonly result: IteratorResult<LogBatch> }
  | { readonly error: unknown }
);

/** Rings when there is something to take, or when an output has come to its end. */
export function createLiveOutputs(logs: LogStore, ring: () => void, signal: AbortSignal): LiveOutputs {
  const lives = new Map<Output, Live>();
  const arrivals: Arrival[] = [];

  function readOn(live: Live): void {
    live.batches.next().then(
      (result) => arrive({ live, result }),
      (error: unknown) => arrive({ live, error }),
    );
  }

  function arrive(arrival: Arrival): void {
    arrivals.push(arrival);
    ring();
  }

  return {
    start(output) {
      const ended = new AbortController();
      const from = output.position === undefined ? {} : { from: output.position };
      const batches = logs.follow(output.ref, { ...from, signal, ended: ended.signal });
      const live: Live = { output, batches: batches[Symbol.asyncIterator](), ended };
      lives.set(output, live);
      readOn(live);
    },
    end: (output) => lives.get(output)?.ended.abort(),
    endAll() {
      for (const { ended } of lives.values()) ended.abort();
    },
    *take() {
      for (const arrival of arrivals.splice(0)) {
        const { live } = arrival;
        if ('error' in arrival) throw arrival.error;
        if (arrival.result.done === true) {
          lives.delete(live.output);
          continue;
        }
        const lines = takeBatch(live.output, arrival.result.value);
        if (lines.length > 0) yield lines;
        readOn(live);
      }
    },
    get isEmpty() {
      return lives.size === 0;
    },
  };
}
