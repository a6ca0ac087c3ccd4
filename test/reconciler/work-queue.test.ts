import { describe, expect, it, vi } from 'vitest';
import { createWorkQueue } from '../../src/reconciler/work-queue.js';

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const waits = { firstWaitMillis: 1, longestWaitMillis: 4 };

describe('work queue', () => {
  it('never works on one key twice at once, and works again on what was added meanwhile', async () => {
    const first = deferred();
    let active = 0;
    let calls = 0;
    const queue = createWorkQueue<string>({
      ...waits,
      concurrency: 4,
      onError: () => undefined,
      work: async () => {
        expect(++active).toBe(1);
        calls += 1;
        if (calls === 1) await first.promise;
        active -= 1;
      },
    });
    queue.add('a');
    await vi.waitFor(() => expect(calls).toBe(1));
    queue.add('a');
    queue.add('a');
    first.resolve();
    await vi.waitFor(() => expect(calls).toBe(2));
    await queue.close();
    expect(calls).toBe(2);
  });

  it('works on no more keys at once than it may', async () => {
    const gate = deferred();
    let active = 0;
    let most = 0;
    const done: number[] = [];
    const queue = createWorkQueue<number>({
      ...waits,
      concurrency: 2,
      onError: () => undefined,
      work: async (key) => {
        most = Math.max(most, ++active);
        await gate.promise;
        active -= 1;
        done.push(key);
      },
    });
    for (const key of [1, 2, 3, 4, 5]) queue.add(key);
    await vi.waitFor(() => expect(active).toBe(2));
    gate.resolve();
    await vi.waitFor(() => expect(done).toHaveLength(5));
    expect(most).toBe(2);
    await queue.close();
  });

  it('repeats failed work until it succeeds, and tells how often it failed', async () => {
    const seen: number[] = [];
    const errors: number[] = [];
    const queue = createWorkQueue<string>({
      ...waits,
      concurrency: 1,
      onError: (_key, _error, failures) => errors.push(failures),
      work: async (_key, failures) => {
        seen.push(failures);
        if (seen.length < 4) throw new Error('not yet');
      },
    });
    queue.add('a');
    await vi.waitFor(() => expect(seen).toEqual([0, 1, 2, 3]));
    expect(errors).toEqual([1, 2, 3]);
    queue.add('a');
    await vi.waitFor(() => expect(seen).toEqual([0, 1, 2, 3, 0]));
    await queue.close();
  });

  it('takes nothing after it was closed, and waits for what is under way', async () => {
    const gate = deferred();
    let ended = false;
    const queue = createWorkQueue<string>({
      ...waits,
      concurrency: 1,
      onError: () => undefined,
      work: async () => {
        await gate.promise;
        ended = true;
      },
    });
    queue.add('a');
    await vi.waitFor(() => queue.add('b'));
    await Promise.resolve();
    const closed = queue.close();
    gate.resolve();
    await closed;
    expect(ended).toBe(true);
  });
});
