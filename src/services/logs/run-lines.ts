import { joinLines, type LineJoiner, type LogLine } from '../../core/log-lines.js';
import type { Job, Run } from '../../core/model.js';
import type { LogBatch, LogPosition, LogStore, OutputRef } from '../../core/ports/index.js';

/** A line of a run's output. */
export interface RunLine extends LogLine {
  /** Who printed it; null for a line that the run's own client sent. */
  readonly job: Job | null;
}

/** One output of a run, and how far it has been made into lines. */
export interface Output {
  readonly job: Job | null;
  readonly ref: OutputRef;
  readonly joiner: LineJoiner;
  /** Behind the last record that the joiner has got. */
  position: LogPosition | undefined;
}

/** The output of a job, or with null the lines that the run's client sent, from the beginning. */
export function outputOf(run: Run, job: Job | null): Output {
  const ref = { runId: run.id, jobId: job?.id ?? null };
  return { job, ref, joiner: joinLines(), position: undefined };
}

/** Gives the batch to the joiner, and gives the lines that it completes. */
export function takeBatch(output: Output, { records, next }: LogBatch): readonly RunLine[] {
  const lines = linesOf(output, output.joiner.push(records));
  output.position = next;
  return lines;
}

/** What is left of unterminated lines. */
export function takeRest(output: Output): readonly RunLine[] {
  return linesOf(output, output.joiner.end());
}

function linesOf({ job }: Output, lines: readonly LogLine[]): readonly RunLine[] {
  return lines.map((line) => ({ ...line, job }));
}

const nothingMore = AbortSignal.abort();

/** The lines that are stored now, without an unterminated last one, which stays with the joiner. */
export async function* storedLines(
  logs: LogStore,
  output: Output,
  signal: AbortSignal,
): AsyncGenerator<readonly RunLine[], undefined> {
  const from = output.position === undefined ? {} : { from: output.position };
  for await (const batch of logs.follow(output.ref, { ...from, signal, ended: nothingMore })) {
    const lines = takeBatch(output, batch);
    if (lines.length > 0) yield lines;
  }
}
