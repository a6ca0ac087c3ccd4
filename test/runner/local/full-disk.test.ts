import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  exec,
  firstJob,
  linesOf,
  onePlan,
  shell,
  untilPrinted,
  untilStatus,
} from '../../conformance/runner/plans.js';
import { createLocalFixture, type LocalFixture } from './harness.js';

/** A disk of 4 MB, if this user may mount one. */
function mountSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'franca-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
}

const disk = mountSmallDisk();

describe.skipIf(disk === null)('on a full disk (skipped where this user may not mount one)', () => {
  let fixture: LocalFixture;
  const ballast = join(disk ?? '', 'ballast');

  beforeAll(() => mkdirSync(join(disk ?? '', 'data')));
  afterAll(() => {
    execFileSync('umount', [disk ?? '']);
    rmSync(disk ?? '', { recursive: true });
  });
  beforeEach(async () => {
    fixture = await createLocalFixture({}, join(disk ?? '', 'data'));
  });
  afterEach(async () => {
    rmSync(ballast, { force: true });
    await fixture.dispose();
  });

  function fill(): void {
    const file = openSync(ballast, 'w');
    try {
      for (;;) writeSync(file, Buffer.alloc(4096));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    } finally {
      closeSync(file);
    }
  }

  it('a submission is refused with words and leaves nothing', async () => {
    const plan = onePlan(exec('true'));
    fill();
    await expect(fixture.runner.submit(plan)).rejects.toMatchObject({
      name: 'Rejected',
      reason: 'disk_full',
      message: 'the disk of the server is full',
    });
    expect(await fixture.runner.inspect(plan.runId)).toEqual([]);
    rmSync(ballast);
    await fixture.runner.submit(plan);
    await untilStatus(fixture.runner, firstJob(plan), 'succeeded');
  });

  it('a job whose output has no room ends, and says why', async () => {
    const plan = onePlan(shell('trap "" TERM; echo first; yes | head -c 20000000; exec sleep 300'));
    await fixture.runner.submit(plan);
    const end = await untilStatus(fixture.runner, firstJob(plan), 'failed');
    expect(end).toMatchObject({
      reason: 'disk_full',
      message: 'the disk is full: the output of the job could not be stored',
    });
    const lines = await linesOf(fixture.logs, firstJob(plan));
    expect(lines[0]).toBe('first');
    expect(new Set(lines.slice(1, -1))).toEqual(new Set(['y']));
  });

  it('a job that runs still ends as what it is, and can be stopped', async () => {
    const quiet = onePlan(shell('echo up; sleep 0.5; exit 3'));
    const endless = onePlan(shell('echo up; exec sleep 300'));
    for (const plan of [quiet, endless]) {
      await fixture.runner.submit(plan);
      await untilPrinted(fixture.logs, firstJob(plan), 'up');
    }
    fill();
    expect(await untilStatus(fixture.runner, firstJob(quiet), 'failed')).toMatchObject({ exitCode: 3 });
    await fixture.runner.stop(endless.runId, 5);
    expect(await untilStatus(fixture.runner, firstJob(endless), 'stopped')).toMatchObject({
      reason: 'user_stop',
    });
    await fixture.runner.remove(quiet.runId);
  });
});
