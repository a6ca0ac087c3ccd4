import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobId } from '../../src/core/ids.js';
import type { Job, Run } from '../../src/core/model.js';
import type { LogRecord, Observation } from '../../src/core/ports/index.js';
import type { Context } from '../../src/services/context.js';
import { retryRun } from '../../src/services/lifecycle/begin-attempt.js';
import { finishRun } from '../../src/services/lifecycle/finish.js';
import { recordObservations } from '../../src/services/lifecycle/record-observations.js';
import { appendLogs } from '../../src/services/logs/append.js';
import { type FollowLogsOptions, followLogs } from '../../src/services/logs/follow.js';
import { mergeLogs } from '../../src/services/logs/merge.js';
import { createRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { aRole, aSpec } from '../support/builders.js';
import { aRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
let run: Run;
let jobs: readonly [Job, Job];
let stop: AbortController;

beforeEach(async () => {
  bench = await createBench();
  const view = await createRun(bench.ctx, aRequest({ spec: aSpec({ roles: [aRole({ replicas: 2 })] }) }));
  run = view.run;
  jobs = pair(view.jobs);
  stop = new AbortController();
  setMaxListeners(0, stop.signal);
});

afterEach(async () => {
  stop.abort();
  await bench.close();
});

function pair(some: readonly Job[]): readonly [Job, Job] {
  const [first, second] = some;
  if (first === undefined || second === undefined) throw new Error('two replicas are two jobs');
  return [first, second];
}

const start = Date.UTC(2026, 5, 1) * 1000;

function record(at: number, text: string, more: Partial<LogRecord> = {}): LogRecord {
  return { at: start + at, stream: 'stdout', bytes: Buffer.from(text), endsLine: true, ...more };
}

function print(job: Job, ...records: LogRecord[]): Promise<void> {
  return bench.logs.append({ runId: run.id, jobId: job.id }, records);
}

const seen = (job: Job, fields: Partial<Observation>): Observation => ({
  runId: run.id,
  jobId: job.id,
  status: 'running',
  reason: null,
  message: null,
  exitCode: null,
  signal: null,
  builtAt: null,
  node: 'here',
  startedAt: start,
  finishedAt: null,
  ...fields,
});

const finish = (attempt = 1) =>
  finishRun(bench.ports, run.key, attempt, { status: 'succeeded', reason: null, message: null, at: null });

interface Follower {
  /** `name: text` of each line, and each status in brackets, in the order of arrival. */
  readonly told: string[];
  readonly done: Promise<void>;
}

async function follow(options: Partial<FollowLogsOptions> = {}, ctx: Context = bench.ctx): Promise<Follower> {
  const { events } = await followLogs(ctx, { key: run.key }, { signal: stop.signal, ...options });
  const told: string[] = [];
  const read = async () => {
    for await (const event of events) {
      if (event.kind === 'status') told.push(`[${event.event.status}]`);
      else told.push(...event.lines.map(({ job, text }) => `${job?.index ?? 'own'}: ${text}`));
    }
  };
  return { told, done: read() };
}

async function merged(jobId?: JobId): Promise<string[]> {
  const { lines } = await mergeLogs(bench.ctx, { key: run.key }, jobId === undefined ? {} : { jobId });
  const all: string[] = [];
  for await (const some of lines) all.push(...some.map(({ job, text }) => `${job?.index ?? 'own'}: ${text}`));
  return all;
}

describe('mergeLogs', () => {
  it('gives the lines of all jobs in the order of time, those of one job in its own order', async () => {
    await print(jobs[0], record(1, 'a'), record(5, 'b'), record(4, 'clock set back'), record(9, 'c'));
    await print(jobs[1], record(2, 'x'), record(5, 'y'), record(7, 'z'));
    await appendLogs(bench.ctx, { key: run.key }, 'sent');
    expect(await merged()).toEqual([
      'own: sent',
      '0: a',
      '1: x',
      '0: b',
      '0: clock set back',
      '1: y',
      '1: z',
      '0: c',
    ]);
  });

  it('gives one job alone, joins parts, and shows an unterminated end', async () => {
    await print(jobs[0], record(1, 'other'));
    await print(jobs[1], record(1, 'one ', { endsLine: false }), record(2, 'line'));
    await print(jobs[1], record(3, 'no end', { endsLine: false }));
    expect(await merged(jobs[1].id)).toEqual(['1: one line', '1: no end']);
  });

  it('streams two large logs', async () => {
    const long = 'x'.repeat(1_000);
    for (let n = 0; n < 20; n += 1) {
      const lines = Array.from({ length: 1_000 }, (_, i) =>
        record(n * 1_000 + i, `${n * 1_000 + i} ${long}`),
      );
      await print(jobs[n % 2 === 0 ? 0 : 1], ...lines);
    }
    let next = 0;
    let longest = 0;
    const { lines } = await mergeLogs(bench.ctx, { key: run.key });
    for await (const some of lines) {
      longest = Math.max(longest, some.length);
      for (const { text } of some) {
        expect(Number.parseInt(text, 10)).toBe(next);
        next += 1;
      }
    }
    expect(next).toBe(20_000);
    expect(longest).toBeLessThan(100);
  });

  it('refuses strangers, unknown jobs and unknown runs', async () => {
    const stranger = await bench.as('stranger', null);
    const jobId = run.id as string as JobId;
    await expect(mergeLogs(stranger, { key: run.key })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(mergeLogs(bench.ctx, { key: run.key }, { jobId })).rejects.toMatchObject({
      code: 'not_found',
    });
    const options = { signal: stop.signal };
    await expect(followLogs(stranger, { key: run.key }, options)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(followLogs(bench.ctx, { key: run.key }, { ...options, jobId })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(appendLogs(stranger, { key: run.key }, 'x')).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('appendLogs', () => {
  it('keeps lines as they came, and takes a newline at the end for the end of a line', async () => {
    await appendLogs(bench.ctx, { key: run.key }, 'a\n\nb\r\n');
    await appendLogs(bench.ctx, { key: run.key }, '');
    await appendLogs(bench.ctx, { key: run.key }, `${'y'.repeat(200_000)}\nä\0`);
    expect(await merged()).toEqual([
      'own: a',
      'own: ',
      'own: b\r',
      `own: ${'y'.repeat(200_000)}`,
      'own: ä\0',
    ]);
  });
});

describe('followLogs', () => {
  it('gives what was printed before, what comes, and the end at last', async () => {
    await print(jobs[0], record(2, 'b'), record(4, 'no end', { endsLine: false }));
    await print(jobs[1], record(1, 'a'), record(3, 'c'));
    const { told, done } = await follow();
    await vi.waitFor(() => expect(told).toEqual(['[created]', '1: a', '0: b', '1: c']));
    await recordObservations(bench.ports, run.key, [seen(jobs[0], {}), seen(jobs[1], {})]);
    await vi.waitFor(() => expect(told.slice(4)).toEqual(['[starting]', '[running]']));
    await print(jobs[1], record(0, 'd'));
    await appendLogs(bench.ctx, { key: run.key }, 'sent');
    await vi.waitFor(() => expect(told.slice(6).sort()).toEqual(['1: d', 'own: sent']));
    await print(jobs[0], record(9, ' yet'), record(9, 'open', { endsLine: false }));
    await finish();
    await done;
    expect(told.slice(8)).toEqual(['0: no end yet', '0: open', '[succeeded]']);
  });

  it('gives the whole of a finished run, in the order of time', async () => {
    await print(jobs[0], record(2, 'b'));
    await print(jobs[1], record(1, 'a'), record(3, 'c'));
    await finish();
    const { told, done } = await follow();
    await done;
    expect(told).toEqual(['1: a', '0: b', '1: c', '[succeeded]']);
  });

  it('goes on with the jobs of the next attempt', async () => {
    const { told, done } = await follow();
    await print(jobs[0], record(1, 'first try'));
    const failed = { status: 'failed', exitCode: 1, finishedAt: start } as const;
    await recordObservations(bench.ports, run.key, [seen(jobs[0], failed), seen(jobs[1], failed)]);
    const spec = await bench.store.read.specs.find(run.key, 1);
    if (spec === null) throw new Error('the run has a spec');
    await retryRun(bench.ports, run.key, 1, spec, { reason: 'retry', message: 'again' });
    const next = (await bench.store.read.jobs.list([run.key])).filter(({ attempt }) => attempt === 2);
    await print(pair(next)[1], record(2, 'second try'));
    await vi.waitFor(() => expect(told).toContain('1: second try'));
    await finish(2);
    await done;
    expect(told.filter((text) => !text.startsWith('['))).toEqual(['0: first try', '1: second try']);
    expect(told.at(-1)).toBe('[succeeded]');
    expect(told).toContain('[resuming]');
  });

  it('of one job: its lines and its statuses, to its end', async () => {
    const { told, done } = await follow({ jobId: jobs[1].id });
    await print(jobs[0], record(1, 'other'));
    await print(jobs[1], record(1, 'mine'));
    const end = { status: 'failed', exitCode: 3, finishedAt: start } as const;
    await recordObservations(bench.ports, run.key, [seen(jobs[1], end)]);
    await done;
    expect(told.filter((text) => !text.startsWith('['))).toEqual(['1: mine']);
    expect(told.at(-1)).toBe('[failed]');
  });

  it('ends when the run is deleted, and at once when told to stop', async () => {
    const first = await follow();
    const stopped = new AbortController();
    const second = await follow({ signal: stopped.signal });
    stopped.abort();
    await second.done;
    await deleteRun(bench.ctx, { key: run.key });
    await first.done;
  });

  it('asks nothing of the database while nothing happens, whatever is printed', async () => {
    const followers = await Promise.all(Array.from({ length: 5 }, () => follow()));
    for (const { told } of followers) await vi.waitFor(() => expect(told).toEqual(['[created]']));
    const asked: string[] = [];
    const { read } = bench.store;
    for (const [name, repository] of Object.entries(read) as [string, Record<string, unknown>][]) {
      for (const [verb, original] of Object.entries(repository)) {
        if (typeof original !== 'function') continue;
        repository[verb] = (...given: unknown[]) => {
          asked.push(`${name}.${verb}`);
          return Reflect.apply(original, repository, given) as unknown;
        };
      }
    }
    // The first look after the stored lines may still come.
    await vi.waitFor(async () => {
      asked.length = 0;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(asked).toEqual([]);
    });
    await print(jobs[0], record(1, 'line'));
    for (const { told } of followers) await vi.waitFor(() => expect(told).toContain('0: line'));
    expect(asked).toEqual([]);
  });

  it('loses and repeats nothing, whenever a follower comes', async () => {
    const followers: Follower[] = [];
    const count = 4_000;
    for (let n = 0; n < count; n += 8) {
      await print(
        jobs[n % 3 === 0 ? 0 : 1],
        ...Array.from({ length: 8 }, (_, i) => record(n + i, `${n + i}`)),
      );
      if (n % 160 === 0) followers.push(await follow());
    }
    await finish();
    const expected = (await merged()).sort();
    expect(expected.length).toBe(count);
    for (const { told, done } of followers) {
      await done;
      expect(told.filter((text) => !text.startsWith('[')).sort()).toEqual(expected);
    }
  });
});
