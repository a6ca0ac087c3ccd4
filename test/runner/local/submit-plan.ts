/**
 * A server of its own for tests: submits the plan in the file that is its first word, in the folder that is
 * its second, and dies of SIGKILL at the crash point that is its third. Prints `ready`, then waits for a line
 * before it submits, so that several can do so at once; prints `submitted` after that.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RunPlan } from '../../../src/core/ports/index.js';
import { createLocalRunner } from '../../../src/runner/local/local-runner.js';
import { optionsFor } from './harness.js';

const [, , planFile = '', folder = '', crashPoint] = process.argv;
const runner = createLocalRunner(
  optionsFor(folder, {
    crash(point) {
      if (point === crashPoint) process.kill(process.pid, 'SIGKILL');
    },
  }),
);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as RunPlan;
// Functions are not stored with the rest.
await runner.submit({ ...plan, jobs: plan.jobs.map((job) => ({ ...job, environment: () => ({}) })) });
process.stdout.write('submitted\n');
process.exit(0);
