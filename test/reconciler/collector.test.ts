import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Run } from '../../src/core/model.js';
import { UnreadableDatabase } from '../../src/core/ports/index.js';
import { isTerminal } from '../../src/core/status.js';
import { createReconciler, type Reconciler } from '../../src/reconciler/index.js';
import { createLocalRunner } from '../../src/runner/local/local-runner.js';
import type { JobInbox } from '../../src/services/intake/take-in.js';
import { createRun } from '../../src/services/runs/create.js';
import { getRun } from '../../src/services/runs/get.js';
import { stopRun } from '../../src/services/runs/stop.js';
import { optionsFor } from '../runner/local/harness.js';
import { aRole, aSpec } from '../support/builders.js';
import { aRequest, type Bench, createBench } from '../support/services.js';

const patience = { timeout: 20_000, interval: 20 };

let bench: Bench;
let folder: string;
let reconciler: Reconciler;
/** What was asked for, in order: the job's number, whether it had ended, whether there was a file, and the run's status. */
let asked: (readonly [number, boolean, boolean, string])[];
/** The same of a run that is there for the time to pass. */
let looks: number;
let clock: Run | null;
let warnings: string[];
let answer: (inbox: JobInbox) => Promise<void>;

beforeEach(async () => {
  bench = await createBench();
  folder = mkdtempSync(join(tmpdir(), 'franca-collector-'));
  asked = [];
  looks = 0;
  clock = null;
  warnings = [];
  answer = async () => undefined;
  reconciler = createReconciler({
    ports: bench.ports,
    runner: createLocalRunner(optionsFor(folder, { logs: bench.logs, artifacts: bench.artifacts })),
    runToken: async () => 'token',
    jobEnvironment: ({ inbox }) => ({ INBOX: inbox }),
    async takeIn(inbox) {
      if (inbox.run.id === clock?.id) {
        looks += 1;
        return;
      }
      const { run } = await getRun(bench.ctx, { id: inbox.run.id });
      const hasFile = existsSync(join(inbox.folder, 'left'));
      asked.push([inbox.job.number, inbox.ended, hasFile, run.status]);
      await answer(inbox);
    },
    collectSeconds: 0.05,
    graceSeconds: 1,
    resyncSeconds: 3600,
    logger: { info() {}, warn: (_about, words) => void warnings.push(words) },
  });
  await reconciler.start();
});

afterEach(async () => {
  if (clock !== null) {
    await stopRun(bench.ctx, { id: clock.id });
    reconciler.wake(clock.key);
    await untilEnded(clock);
  }
  await reconciler.stop();
  await bench.close();
  rmSync(folder, { recursive: true });
});

async function start(script: string, replicas = 1, maxRetries = 0): Promise<Run> {
  const roles = [aRole({ replicas, command: { kind: 'shell', script } })];
  const spec = aSpec({ roles, termination: { completion: { kind: 'all' }, maxRetries } });
  const { run } = await createRun(bench.ctx, aRequest({ spec }));
  reconciler.wake(run.key);
  return run;
}

async function untilEnded(run: Run): Promise<string> {
  return vi.waitFor(async () => {
    const { status } = (await getRun(bench.ctx, { id: run.id })).run;
    expect(isTerminal(status)).toBe(true);
    return status;
  }, patience);
}

/** Waits until what jobs leave was looked at some more times. */
async function untilLookedAgain(): Promise<void> {
  clock ??= await start('exec sleep 60');
  const before = looks;
  await vi.waitFor(() => expect(looks).toBeGreaterThan(before + 3), patience);
}

const ends = () => asked.filter(([, ended]) => ended);

describe('what jobs leave', () => {
  it('is asked for while they run, and of each of them before the end of their run is told', async () => {
    const go = join(folder, 'go');
    const run = await start(`echo x > "$INBOX/left"; while [ ! -e ${go} ]; do sleep 0.02; done`, 2);
    await vi.waitFor(() => {
      for (const number of [1, 2]) expect(asked).toContainEqual([number, false, true, 'running']);
    }, patience);
    expect(ends()).toEqual([]);
    writeFileSync(go, '');
    expect(await untilEnded(run)).toBe('succeeded');
    expect(ends()).toEqual([
      [1, true, true, 'running'],
      [2, true, true, 'running'],
    ]);
    const { length } = asked;
    await untilLookedAgain();
    expect(asked).toHaveLength(length);
  });

  it('is asked for again with each attempt', async () => {
    const run = await start('echo x > "$INBOX/left"; exit 1', 1, 1);
    expect(await untilEnded(run)).toBe('failed');
    expect(ends().map(([number]) => number)).toEqual([1, 1, 2]);
  });

  it('is asked for when a run is stopped', async () => {
    const run = await start('echo x > "$INBOX/left"; exec sleep 60');
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), patience);
    await stopRun(bench.ctx, { id: run.id });
    reconciler.wake(run.key);
    expect(await untilEnded(run)).toBe('stopped');
    expect(ends()).toEqual([[1, true, true, 'stopping']]);
  });

  it('keeps no run from its end if it cannot be read, and is then not asked for while its job runs', async () => {
    answer = async () => {
      throw new UnreadableDatabase('it is a fake');
    };
    const go = join(folder, 'go');
    const run = await start(`while [ ! -e ${go} ]; do sleep 0.02; done`);
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), patience);
    await untilLookedAgain();
    writeFileSync(go, '');
    expect(await untilEnded(run)).toBe('succeeded');
    expect(asked.map(([, ended]) => ended)).toEqual([false, true]);
    expect(warnings).toEqual(['what a job left cannot be read']);
  });

  it('is asked for again after any other failure, before the end is told', async () => {
    let failures = 0;
    answer = async ({ ended }) => {
      if (!ended || failures === 2) return;
      failures += 1;
      throw new Error('not now');
    };
    const run = await start('true');
    expect(await untilEnded(run)).toBe('succeeded');
    expect(ends()).toHaveLength(3);
    expect(warnings).toEqual(['a run will be tried again', 'a run will be tried again']);
  });
});
