import { Mutex } from 'async-mutex';
import type { RunId } from '../../core/ids.js';

/** Looks at runs: one thing at a time for each, again when it is woken meanwhile, and later after a fault. */
export interface RunLoops {
  /** Looks at the run soon. */
  wake(runId: RunId): void;
  /** Looks at the run at a time, in milliseconds from now, unless it is looked at before. */
  wakeIn(runId: RunId, millis: number): void;
  /** Does something with the run while nothing else is done with it. */
  exclusively<T>(runId: RunId, work: () => Promise<T>): Promise<T>;
  /** Takes no more, and resolves when what is under way has ended. */
  close(): Promise<void>;
}

export interface RunLoopsOptions {
  readonly look: (runId: RunId) => Promise<void>;
  readonly onError: (runId: RunId, error: unknown) => void;
}

const firstWaitMillis = 250;
const longestWaitMillis = 15_000;
/** A timer of Node takes no more. */
const longestTimerMillis = 2 ** 31 - 1;

export function createRunLoops({ look, onError }: RunLoopsOptions): RunLoops {
  const locks = new Map<RunId, Mutex>();
  const waiting = new Set<RunId>();
  const timers = new Map<RunId, { readonly timer: NodeJS.Timeout; readonly at: number }>();
  const failures = new Map<RunId, number>();
  let isClosed = false;

  async function exclusively<T>(runId: RunId, work: () => Promise<T>): Promise<T> {
    const mutex = locks.get(runId) ?? new Mutex();
    locks.set(runId, mutex);
    try {
      return await mutex.runExclusive(work);
    } finally {
      if (!mutex.isLocked()) locks.delete(runId);
    }
  }

  async function lookOnce(runId: RunId): Promise<void> {
    // What comes from now on is news for the next look.
    waiting.delete(runId);
    if (isClosed) return;
    const { timer } = timers.get(runId) ?? {};
    clearTimeout(timer);
    timers.delete(runId);
    try {
      await look(runId);
      failures.delete(runId);
    } catch (error) {
      const count = failures.get(runId) ?? 0;
      failures.set(runId, count + 1);
      onError(runId, error);
      wakeIn(runId, Math.min(longestWaitMillis, firstWaitMillis * 2 ** count) * (0.5 + Math.random() / 2));
    }
  }

  function wake(runId: RunId): void {
    if (isClosed || waiting.has(runId)) return;
    waiting.add(runId);
    void exclusively(runId, () => lookOnce(runId));
  }

  function wakeIn(runId: RunId, millis: number): void {
    if (isClosed) return;
    const at = performance.now() + millis;
    const before = timers.get(runId);
    if (before !== undefined && before.at <= at) return;
    clearTimeout(before?.timer);
    const timer = setTimeout(() => wake(runId), Math.min(Math.max(0, millis), longestTimerMillis)).unref();
    timers.set(runId, { timer, at });
  }

  return {
    wake,
    wakeIn,
    exclusively,
    async close() {
      isClosed = true;
      for (const { timer } of timers.values()) clearTimeout(timer);
      await Promise.all([...locks.values()].map((mutex) => mutex.waitForUnlock()));
    },
  };
}
