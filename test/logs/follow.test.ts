import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobId, RunId } from '../../src/core/ids.js';
import type { FollowOptions, LogPosition, OutputRef } from '../../src/core/ports/logs.js';
import { createFileLogStore, type FileLogStore } from '../../src/logs/file-log-store.js';
import { createFolderWatches } from '../../src/logs/folder-watches.js';
import { openSegmentWriter, type SegmentWriter } from '../../src/logs/segments.js';

let folder: string;
let store: FileLogStore;
let ref: { runId: RunId; jobId: JobId };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'franca-follow-'));
  store = createFileLogStore(join(folder, 'logs'));
  ref = { runId: uuid() as RunId, jobId: uuid() as JobId };
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function line(text: string) {
  return { at: 1, stream: 'stdout', bytes: Buffer.from(text), endsLine: true } as const;
}

interface Follower {
  readonly texts: string[];
  position: LogPosition | undefined;
  readonly ended: AbortController;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Follows in the background, as slowly as `pause` says. */
function follow(
  of: OutputRef,
  options: Partial<FollowOptions> = {},
  pause: () => Promise<void> = async () => {},
): Follower {
  const ended = new AbortController();
  const stop = new AbortController();
  const texts: string[] = [];
  const follower: { position: LogPosition | undefined } = { position: undefined };
  const run = async () => {
    for await (const { records, next } of store.follow(of, {
      signal: stop.signal,
      ended: ended.signal,
      ...options,
    })) {
      for (const { bytes } of records) texts.push(Buffer.from(bytes).toString());
      follower.position = next;
      await pause();
    }
  };
  return Object.assign(follower, { texts, ended, stop, done: run() });
}

function write(writer: SegmentWriter, texts: readonly string[]): void {
  for (const text of texts) writer.add('stdout', 1, Buffer.from(text), 0, Buffer.byteLength(text), true);
  writer.flush();
}

describe('follow', () => {
  it('gives what is stored and then what comes, by whoever writes it', async () => {
    await store.append(ref, [line('a')]);
    const follower = follow(ref);
    await vi.waitFor(() => expect(follower.texts).toEqual(['a']));
    await store.append(ref, [line('b')]);
    await vi.waitFor(() => expect(follower.texts).toEqual(['a', 'b']));
    await store.close();
    const other = openSegmentWriter(store.folderOf(ref));
    write(other, ['c']);
    follower.ended.abort();
    await follower.done;
    expect(follower.texts).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['a job', () => ref],
    ['what a run sent itself', () => ({ runId: ref.runId, jobId: null })],
  ])('sees the first output of %s whose folder does not exist yet', async (_name, which) => {
    const follower = follow(which());
    const writer = openSegmentWriter(store.folderOf(which()), 1);
    write(writer, ['first']);
    await vi.waitFor(() => expect(follower.texts).toEqual(['first']), { timeout: 2_000 });
    write(writer, ['second']);
    await vi.waitFor(() => expect(follower.texts).toEqual(['first', 'second']), { timeout: 2_000 });
    follower.stop.abort();
    await follower.done;
  });

  it('sees what another process prints', async () => {
    const follower = follow(ref);
    const module = JSON.stringify(new URL('../../src/logs/segments.ts', import.meta.url).href);
    const script = `import { openSegmentWriter } from ${module};
      const writer = openSegmentWriter(${JSON.stringify(store.folderOf(ref))}, 100_000);
      for (let n = 0; n < 20_000; n += 1) {
        const bytes = Buffer.from(\`line \${n}\`);
        writer.add('stdout', 1, bytes, 0, bytes.length, true);
        if (n % 7 === 0) writer.flush();
      }
      writer.close();`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    expect(await once(child, 'exit')).toEqual([0, null]);
    follower.ended.abort();
    await follower.done;
    expect(follower.texts).toEqual(Array.from({ length: 20_000 }, (_, n) => `line ${n}`));
  });

  it('goes on where an earlier batch ended', async () => {
    const writer = openSegmentWriter(store.folderOf(ref), 30);
    write(writer, ['a', 'b']);
    write(writer, ['c']);
    const first = follow(ref);
    first.ended.abort();
    await first.done;
    write(writer, ['d']);
    const second = follow(ref, first.position === undefined ? {} : { from: first.position });
    second.ended.abort();
    await second.done;
    expect([first.texts, second.texts]).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('ends at once when it is told to stop, and gives nothing to one who came too late', async () => {
    const follower = follow(ref);
    follower.stop.abort();
    await follower.done;
    await store.append(ref, [line('a')]);
    const late = follow(ref, { signal: AbortSignal.abort() });
    await late.done;
    expect([follower.texts, late.texts]).toEqual([[], []]);
  });

  it('leaves out what its writer did not finish, and goes on behind it', async () => {
    await store.append(ref, [line('whole'), line('wreck')]);
    await store.close();
    const file = join(store.folderOf(ref), readdirSync(store.folderOf(ref))[0] ?? '');
    truncateSync(file, statSync(file).size - 3);
    const follower = follow(ref);
    await vi.waitFor(() => expect(follower.texts).toEqual(['whole']));
    await store.append(ref, [line('later')]);
    await vi.waitFor(() => expect(follower.texts).toEqual(['whole', 'later']));
    follower.stop.abort();
    await follower.done;
  });

  it('makes no folder for a job that prints nothing, and keeps no watch when nobody follows', async () => {
    const follower = follow(ref);
    follower.stop.abort();
    await follower.done;
    expect(readdirSync(join(folder, 'logs'))).toEqual([]);
  });

  it('gives exactly the log, whatever the order of writing, rotating, following and pausing', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), lines: fc.nat(40) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), millis: fc.nat(8) }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'follow' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'resume' as const }) },
    );
    const input = fc.record({
      steps: fc.array(step, { maxLength: 40 }),
      limit: fc.integer({ min: 1, max: 3_000 }),
      slow: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ steps, limit, slow }) => {
        const of = { runId: uuid() as RunId, jobId: uuid() as JobId };
        const pause = slow === 0 ? undefined : () => new Promise<void>((go) => setTimeout(go, slow));
        const followers = [follow(of, {}, pause)];
        const all: string[] = [];
        const resumed: { before: string[]; after: Follower }[] = [];
        let writer = openSegmentWriter(store.folderOf(of), limit);
        for (const one of steps) {
          if (one.kind === 'write') {
            const lines = Array.from(
              { length: one.lines },
              (_, n) => `${all.length + n} ${'x'.repeat(n * 9)}`,
            );
            all.push(...lines);
            write(writer, lines);
          } else if (one.kind === 'wait') {
            await new Promise((go) => setTimeout(go, one.millis));
          } else if (one.kind === 'follow') {
            followers.push(follow(of, {}, pause));
          } else if (one.kind === 'reopen') {
            writer.close();
            writer = openSegmentWriter(store.folderOf(of), limit);
          } else {
            const early = follow(of, {}, pause);
            await new Promise((go) => setTimeout(go, 2));
            early.stop.abort();
            await early.done;
            const from = early.position === undefined ? {} : { from: early.position };
            resumed.push({ before: early.texts, after: follow(of, from, pause) });
          }
        }
        writer.close();
        for (const { ended, done } of [...followers, ...resumed.map(({ after }) => after)]) {
          ended.abort();
          await done;
        }
        for (const { texts } of followers) expect(texts).toEqual(all);
        for (const { before, after } of resumed) expect([...before, ...after.texts]).toEqual(all);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('createFolderWatches', () => {
  it('finds by its regular look what the system did not tell', async () => {
    const root = join(folder, 'root');
    const watches = createFolderWatches({ root, gatherMillis: 1, lookMillis: 20 });
    const deep = join(root, 'a', 'b');
    let told = 0;
    const unlisten = watches.listen(deep, () => {
      told += 1;
    });
    const writer = openSegmentWriter(deep, 1);
    write(writer, ['x']);
    await vi.waitFor(() => expect(told).toBeGreaterThan(0));
    rmSync(join(root, 'a'), { recursive: true });
    writer.close();
    // A new folder of the same name: the old watch cannot see it.
    const again = openSegmentWriter(deep, 1);
    await new Promise((go) => setTimeout(go, 60));
    told = 0;
    write(again, ['y']);
    await vi.waitFor(() => expect(told).toBeGreaterThan(0));
    unlisten();
    const before = told;
    write(again, ['z']);
    again.close();
    await new Promise((go) => setTimeout(go, 60));
    expect(told).toBe(before);
  });
});
