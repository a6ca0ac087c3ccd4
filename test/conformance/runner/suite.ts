import { afterEach, beforeEach, describe } from 'vitest';
import type { ArtifactStore, LogStore, Observation, Runner, RunPlan } from '../../../src/core/ports/index.js';
import { describeCode } from './code.js';
import { describeEnds } from './ends.js';
import { describeOutput } from './output.js';
import { firstJob, inspectJob, untilEnded } from './plans.js';
import { describeRemoval } from './removal.js';
import { describeRestarts } from './restarts.js';
import { describeSetup } from './setup.js';
import { describeStops } from './stops.js';
import { describeSubmission } from './submission.js';

/** A runner under test, with what a test needs around it. */
export interface RunnerFixture {
  /** The runner; another one after `restart`. */
  readonly runner: Runner;
  readonly logs: LogStore;
  /** Where outputs go and code comes from. */
  readonly artifacts: ArtifactStore;
  /** Lets go of the runner and makes another over the same jobs, recovered, as after a restart of the server. */
  restart(): Promise<void>;
  /** Ends everything, and fails if something was left behind. */
  dispose(): Promise<void>;
}

/** What every runner promises. */
export function describeRunner(name: string, create: () => Promise<RunnerFixture>): void {
  describe(`${name} keeps the contract of runners`, () => {
    let fixture: RunnerFixture;

    beforeEach(async () => {
      fixture = await create();
    });
    afterEach(() => fixture.dispose());

    async function run(plan: RunPlan): Promise<Observation> {
      await fixture.runner.submit(plan);
      await untilEnded(fixture.runner, plan.runId);
      return inspectJob(fixture.runner, firstJob(plan));
    }

    const context = { run, fixture: () => fixture };
    describeEnds(context);
    describeOutput(context);
    describeSetup(context);
    describeCode(context);
    describeSubmission(context);
    describeStops(context);
    describeRestarts(context);
    describeRemoval(context);
  });
}

/** What the tests of each part work with. */
export interface SuiteContext {
  run(plan: RunPlan): Promise<Observation>;
  fixture(): RunnerFixture;
}
