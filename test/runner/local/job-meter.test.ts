import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobUsage, RunPlan } from '../../../src/core/ports/index.js';
import { createLocalJobMeter } from '../../../src/runner/local/job-meter.js';
import { onePlan, shell } from '../../conformance/runner/plans.js';
import { createLocalFixture, type LocalFixture } from './harness.js';

const isLinux = process.platform === 'linux';

let fixture: LocalFixture;

beforeEach(async () => {
  fixture = await createLocalFixture();
});

afterEach(() => fixture.dispose());

async function started(
  script: string,
): Promise<{ plan: RunPlan; usage: () => Promise<JobUsage | undefined> }> {
  const plan = onePlan(shell(script));
  await fixture.runner.submit(plan);
  const meter = createLocalJobMeter(fixture.runnerFolder);
  const jobIds = plan.jobs.map(({ id }) => id);
  return { plan, usage: async () => (await meter.usageOf(plan.runId, jobIds))[0] };
}

describe.runIf(isLinux)('what a job uses', () => {
  it('counts its processes, those that left its session too', async () => {
    const { usage } = await started('setsid sh -c "while :; do :; done" & exec sleep 60');
    await vi.waitFor(async () => expect((await usage())?.cpuPercent).toBeGreaterThan(20), {
      timeout: 15_000,
    });
  });

  it('counts children that end too soon to be seen', async () => {
    const { usage } = await started(
      'while :; do sh -c "i=0; while [ \\$i -lt 2000 ]; do i=\\$((i+1)); done"; done',
    );
    await vi.waitFor(async () => expect((await usage())?.cpuPercent).toBeGreaterThan(20), {
      timeout: 15_000,
    });
  });

  it.each([
    ['in its session', 'env -i sh -c "while :; do :; done; :" & exec sleep 60'],
    ['below it', 'env -i setsid sh -c "while :; do :; done; :" & exec sleep 60'],
  ])('counts processes without its environment %s', async (_where, script) => {
    const { usage } = await started(script);
    await vi.waitFor(async () => expect((await usage())?.cpuPercent).toBeGreaterThan(20), {
      timeout: 15_000,
    });
  });

  it('keeps jobs apart', async () => {
    const busy = await started('while :; do :; done');
    const idle = await started('exec sleep 60');
    await vi.waitFor(async () => expect((await busy.usage())?.cpuPercent).toBeGreaterThan(20), {
      timeout: 15_000,
    });
    await vi.waitFor(async () => expect((await idle.usage())?.cpuPercent).toBeLessThan(5), {
      timeout: 15_000,
    });
  });

  it('has the memory that they hold', async () => {
    const program = 'globalThis.held = Buffer.alloc(150e6, 1); setInterval(() => {}, 1000)';
    const { usage } = await started(`exec ${process.execPath} -e '${program}'`);
    await vi.waitFor(async () => expect((await usage())?.memoryBytes).toBeGreaterThan(150e6), {
      timeout: 15_000,
    });
  });

  it('is told of no job that has ended, and of none that never was', async () => {
    const { plan, usage } = await started('true');
    await vi.waitFor(
      async () => expect((await fixture.runner.inspect(plan.runId))[0]?.status).toBe('succeeded'),
      { timeout: 15_000 },
    );
    expect(await usage()).toBeUndefined();
    const meter = createLocalJobMeter(fixture.runnerFolder);
    expect(await meter.usageOf(plan.runId, [])).toEqual([]);
  });
});

describe('the machine', () => {
  it('has cores and memory', async () => {
    const [node] = await createLocalJobMeter(fixture.runnerFolder).nodes();
    expect(node?.cores).toBeGreaterThan(0);
    expect(node?.memoryBytes).toBeGreaterThan(1e6);
  });
});
