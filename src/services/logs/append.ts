import type { LogRecord } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/**
 * Stores lines that a run's own client sends: the output of a run whose processes Franca does not start.
 * They have a place of their own beside the jobs' outputs, since such a run has no job, and one made up
 * for it would be something that the reconciler starts and ends. A newline at the end ends the last line
 * and begins no other.
 *
 * @throws CoreError `not_found`, `forbidden`; `unavailable` when the disk takes no more.
 */
export async function appendLogs(ctx: Context, ref: RunRef, text: string): Promise<void> {
  const { ports } = ctx;
  const run = await accessRun(ctx, ref, 'write');
  if (text === '') return;
  const at = ports.clock.now();
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  const records = lines.map(
    (line): LogRecord => ({ at, stream: 'stdout', bytes: Buffer.from(line), endsLine: true }),
  );
  await ports.logs.append({ runId: run.id, jobId: null }, records);
}
