/**
 * Works through keys: one at a time for each key, several keys side by side; a key that is added
 * while it is worked on is worked on once more. Failed work is repeated, each time after a longer wait.
 */
export interface WorkQueue<K> {
  add(key: K): void;
  /** Takes no more, and resolves when what is under way has ended. */
  close(): Promise<void>;
}

export interface WorkQueueOptions<K> {
  readonly concurrency: number;
  /** @param failures how often in a row this key has failed before. */
  readonly work: (key: K, failures: number) => Promise<void>;
  readonly onError: (key: K, error: unknown, failures: number) => void;
  readonly firstWaitMillis: number;
  readonly longestWaitMillis: number;
}

export function createWorkQueue<K>(options: WorkQueueOptions<K>): WorkQueue<K> {
  const ready = new Set<K>();
  const busy = new Map<K, Promise<void>>();
  const failures = new Map<K, number>();
  const timers = new Map<K, NodeJS.Timeout>();
  let closed = false;

  function pump(): void {
    for (const key of ready) {
      if (closed || busy.size >= options.concurrency) return;
      if (busy.has(key)) continue;
      ready.delete(key);
      busy.set(key, run(key));
    }
  }

  async function run(key: K): Promise<void> {
    const before = failures.get(key) ?? 0;
    try {
      await options.work(key, before);
      failures.delete(key);
    } catch (error) {
      failures.set(key, before + 1);
      options.onError(key, error, before + 1);
      repeatLater(key, before);
    } finally {
      busy.delete(key);
      pump();
    }
  }

  function repeatLater(key: K, before: number): void {
    if (closed) return;
    const wait = Math.min(options.firstWaitMillis * 2 ** before, options.longestWaitMillis);
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => {
        timers.delete(key);
        add(key);
      }, wait),
    );
  }

  function add(key: K): void {
    if (closed) return;
    ready.add(key);
    queueMicrotask(pump);
  }

  return {
    add,
    async close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(busy.values());
    },
  };
}
