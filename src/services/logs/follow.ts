import { type Bell, createBell } from '../../core/bell.js';
import type { JobId } from '../../core/ids.js';
import type { Job, Run, StatusEvent } from '../../core/model.js';
import { isTerminal } from '../../core/status.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';
import { type RunView, viewRun } from '../runs/view.js';
import { createFollowedHistory } from './followed-history.js';
import { createLiveOutputs } from './live-outputs.js';
import { type LogScope, printersOf, sourceOf } from './merge.js';
import { mergeByTime } from './merge-by-time.js';
import { type Output, outputOf, type RunLine, storedLines, takeRest } from './run-lines.js';

/** What a follower of a run is told. */
export type RunEvent =
  | { readonly kind: 'lines'; readonly lines: readonly RunLine[] }
  /** The run, or the job that is followed alone, is in another status. */
  | { readonly kind: 'status'; readonly event: StatusEvent };

/** What is followed, and until when. */
export interface FollowLogsOptions extends LogScope {
  /** Ends the following; leaving the iteration alone does not while nothing comes. */
  readonly signal: AbortSignal;
}

/**
 * Follows a run, or one of its jobs: the status in which it is, what is printed already, in the order of
 * time, and then lines and statuses as they come, those of new attempts too. The status that ends it
 * comes last, when every line has been given, and ends the iteration; so does deletion. While nothing
 * happens nothing is asked of the database.
 *
 * @throws CoreError `not_found` for the run or the job; `forbidden`.
 */
export async function followLogs(
  ctx: Context,
  ref: RunRef,
  options: FollowLogsOptions,
): Promise<{ view: RunView; events: AsyncIterable<RunEvent> }> {
  const view = await viewRun(ctx.ports.store.read, await accessRun(ctx, ref, 'read'));
  printersOf(view, options);
  return { view, events: follow(ctx, view, options) };
}

async function* follow(ctx: Context, view: RunView, options: FollowLogsOptions): AsyncGenerator<RunEvent> {
  const following = createFollowing(ctx, view.run, options);
  try {
    yield* following.look();
    for await (const lines of following.stored()) yield { kind: 'lines', lines };
    following.goLive();
    while (!options.signal.aborted) {
      following.bell.clear();
      yield* following.look();
      for (const lines of following.arrived()) yield { kind: 'lines', lines };
      if (following.isComplete()) {
        yield* following.last();
        return;
      }
      await following.bell.rung();
    }
  } finally {
    following.close();
  }
}

interface Following {
  readonly bell: Bell;
  /** Asks what has changed since the last look, if anything has; gives new statuses. */
  look(): AsyncGenerator<RunEvent>;
  /** What is stored of all outputs known now. */
  stored(): AsyncIterable<readonly RunLine[]>;
  /** From now on outputs are followed from where they were read to, new ones from their beginning. */
  goLive(): void;
  arrived(): Iterable<readonly RunLine[]>;
  /** True when it has ended and all its lines were given. */
  isComplete(): boolean;
  /** Unterminated last lines, and the status that ended it. */
  last(): Generator<RunEvent>;
  close(): void;
}

function createFollowing(ctx: Context, run: Run, options: FollowLogsOptions): Following {
  const { store, logs, changes } = ctx.ports;
  const bell = createBell();
  const stop = new AbortController();
  const history = createFollowedHistory(store.read, run, options);
  const outputs = new Map<JobId | null, Output>();
  const live = createLiveOutputs(logs, bell.ring, stop.signal);
  let isLive = false;
  let isChanged = true;

  const unlisten = changes.listen(run.key, () => {
    isChanged = true;
    bell.ring();
  });
  const onAbort = () => {
    stop.abort();
    bell.ring();
  };
  options.signal.addEventListener('abort', onAbort);

  /** Follows what is new, and leaves what prints no more. */
  function adopt(job: Job | null): void {
    const known = outputs.get(job?.id ?? null);
    const output = known ?? outputOf(run, job);
    outputs.set(job?.id ?? null, output);
    if (known === undefined && isLive) live.start(output);
    if (job !== null && isTerminal(job.status)) live.end(output);
  }

  return {
    bell,
    async *look() {
      if (!isChanged) return;
      isChanged = false;
      for (const job of await history.look()) adopt(job);
      if (history.isOver) live.endAll();
      for (const event of history.take()) yield { kind: 'status', event };
    },
    stored: () =>
      mergeByTime(
        [...outputs.values()].map((output) => sourceOf(output, storedLines(logs, output, stop.signal))),
      ),
    goLive() {
      isLive = true;
      for (const output of outputs.values()) live.start(output);
      // Those that have ended already are told so by the next look.
      isChanged = true;
    },
    arrived: () => live.take(),
    isComplete: () => history.isOver && live.isEmpty,
    last: () => lastEvents(outputs.values(), history.end),
    close() {
      unlisten();
      options.signal.removeEventListener('abort', onAbort);
      stop.abort();
    },
  };
}

function* lastEvents(outputs: Iterable<Output>, end: StatusEvent | null): Generator<RunEvent> {
  for (const output of outputs) {
    const lines = takeRest(output);
    if (lines.length > 0) yield { kind: 'lines', lines };
  }
  if (end !== null) yield { kind: 'status', event: end };
}
