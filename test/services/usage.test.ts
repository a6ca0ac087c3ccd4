import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../src/core/ids.js';
import type { JobMeter } from '../../src/core/ports/index.js';
import type { Context } from '../../src/services/context.js';
import { admitAttempt } from '../../src/services/lifecycle/admit.js';
import { finishRun } from '../../src/services/lifecycle/finish.js';
import { createRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { followUsage, type JobUse } from '../../src/services/usage/follow.js';
import { aRole, aSpec } from '../support/builders.js';
import { codeOf } from '../support/code-of.js';
import { aRequest, type Bench, createBench } from '../support/services.js';

const node = { name: 'here', cores: 2, memoryBytes: 8e9 };

let bench: Bench;
let asked: JobId[][];
let ctx: Context;

beforeEach(async () => {
  bench = await createBench();
  asked = [];
  // How often it is asked, and for what, is what is looked at: the real one is tried with real processes.
  const meter: JobMeter = {
    nodes: async () => [node],
    async usageOf(_runId, jobIds) {
      asked.push([...jobIds]);
      return jobIds.map((jobId) => ({ jobId, node, cpuPercent: 150, memoryBytes: 1e6 }));
    },
  };
  ctx = { ...bench.ctx, ports: { ...bench.ports, meter } };
});

afterEach(() => bench.close());

const spec = aSpec({
  roles: [
    aRole({ name: 'a', resources: { requests: {}, limits: { memory: '64Mi' } } }),
    aRole({ name: 'b' }),
  ],
});

function firstOf(batches: AsyncIterable<readonly JobUse[]>): Promise<IteratorResult<readonly JobUse[]>> {
  return batches[Symbol.asyncIterator]().next();
}

describe('the use of jobs', () => {
  it('is told of all jobs, or of one, with what each may have', async () => {
    const { run, jobs } = await createRun(ctx, aRequest({ spec }));
    await admitAttempt(bench.ports, run.key, 1);
    const stop = new AbortController();
    const all = await followUsage(ctx, { id: run.id }, { signal: stop.signal });
    const { value } = await firstOf(all.batches);
    expect((value ?? []).map((use: JobUse) => [use.job.role, use.memoryLimit, use.usage.cpuPercent])).toEqual(
      [
        ['a', 64 * 1024 ** 2, 150],
        ['b', node.memoryBytes, 150],
      ],
    );
    const [, second] = jobs;
    if (second === undefined) throw new Error('there are two jobs');
    const one = await followUsage(ctx, { id: run.id }, { signal: stop.signal, jobId: second.id });
    expect((await firstOf(one.batches)).value).toHaveLength(1);
    expect(asked).toEqual([jobs.map(({ id }) => id), [second.id]]);
    stop.abort();
  });

  it('ends with the run, with its deletion, and when nobody listens; of a run that waits nothing is measured', async () => {
    const stop = new AbortController();
    const begun = async () => {
      const { run } = await createRun(ctx, aRequest({ spec }));
      const { batches } = await followUsage(ctx, { id: run.id }, { signal: stop.signal });
      return { run, rest: firstOf(batches) };
    };
    const finished = await begun();
    const deleted = await begun();
    const left = await begun();
    await finishRun(bench.ports, finished.run.key, 1, {
      status: 'failed',
      reason: null,
      message: null,
      at: null,
    });
    await deleteRun(ctx, { id: deleted.run.id });
    stop.abort();
    for (const { rest } of [finished, deleted, left]) expect((await rest).done).toBe(true);
    expect(asked).toEqual([]);
    const over = await followUsage(ctx, { id: finished.run.id }, { signal: new AbortController().signal });
    expect((await firstOf(over.batches)).done).toBe(true);
  });

  it('is told to whoever may read the run', async () => {
    const { run } = await createRun(ctx, aRequest({ spec }));
    const { signal } = new AbortController();
    const stranger = await bench.as('stranger', null);
    expect(await codeOf(followUsage(stranger, { id: run.id }, { signal }))).toBe('forbidden');
    const jobId = '01890000-0000-7000-8000-00000000ffff' as JobId;
    expect(await codeOf(followUsage(ctx, { id: run.id }, { signal, jobId }))).toBe('not_found');
  });
});
