import { joinLines } from '../../../src/core/log-lines.js';
import type { LogRecord } from '../../../src/core/ports/index.js';

/** The log of a replica; an async iterable stands for the list of its lines, for streaming. */
export interface PodLog {
  readonly podName: string;
  readonly podLog: AsyncIterable<string> | readonly string[];
}

/**
 * The lines of a replica's output. Empty lines at the end are dropped, as by the `split("\n")` of
 * Submarine's own server. A line beyond 1 MiB comes in pieces.
 */
export async function* linesOf(batches: AsyncIterable<readonly LogRecord[]>): AsyncGenerator<string> {
  const joiner = joinLines();
  let empty = 0;
  function* shown(texts: readonly { readonly text: string }[]): Generator<string> {
    for (const { text } of texts) {
      if (text === '') {
        empty += 1;
        continue;
      }
      for (; empty > 0; empty -= 1) yield '';
      yield text;
    }
  }
  for await (const records of batches) {
    // One by one: text is made of no more than is asked for, since a slow reader may stay here for long.
    for (const record of records) yield* shown(joiner.push([record]));
  }
  yield* shown(joiner.end());
}
