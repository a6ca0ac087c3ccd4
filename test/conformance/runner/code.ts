import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ArtifactRoot, codeRoot } from '../../../src/core/artifact-path.js';
import type { JobPlace } from '../../../src/core/ports/index.js';
import { aRole } from '../../support/builders.js';
import { writeTexts } from '../artifacts/fixtures.js';
import { inPieces, tarOf } from '../artifacts/tar.js';
import { exec, firstJob, linesOf, onePlan, planOf, shell, untilEnded, untilPrinted } from './plans.js';
import type { SuiteContext } from './suite.js';

/** What every runner promises of code that was uploaded. */
export function describeCode({ run, fixture }: SuiteContext): void {
  describe('uploaded code', () => {
    let code: ArtifactRoot;

    beforeEach(async () => {
      code = codeRoot(uuid());
      const archive = await tarOf([
        { name: 'run.sh', text: '#!/bin/sh\necho "run with $(cat data/input.txt)"\n', mode: 0o755 },
        { name: 'data/input.txt', text: 'input' },
      ]);
      const limits = { maxEntries: 10, maxBytes: 10_000, maxRatio: 100 };
      await fixture().artifacts.unpack(code, inPieces(archive), limits);
    });
    afterEach(async () => {
      await fixture().artifacts.remove(code, null);
    });

    it('lies in the working folder of setup and command, and programs in it may be executed', async () => {
      const plan = onePlan(
        exec('./run.sh'),
        { setup: 'cat data/input.txt; echo; echo new > data/input.txt' },
        { code },
      );
      expect(await run(plan)).toMatchObject({ status: 'succeeded' });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['input', 'run with new']);
    });

    it('is a copy of its own for each job', async () => {
      const command = shell('cat data/input.txt; echo; echo mine >> data/input.txt; wc -l < data/input.txt');
      const plan = planOf({ roles: [aRole({ replicas: 2, command })], code });
      await fixture().runner.submit(plan);
      await untilEnded(fixture().runner, plan.runId);
      for (const { id } of plan.jobs) {
        expect(await linesOf(fixture().logs, { runId: plan.runId, jobId: id })).toEqual(['input', '1']);
      }
    });

    it('is not put over what a job has done when its submission is repeated', async () => {
      const script = 'rm run.sh; echo up; while [ ! -e "$OUTPUTS/go" ]; do sleep 0.05; done; ls';
      const environment = ({ outputs }: JobPlace) => ({ OUTPUTS: outputs });
      const plan = onePlan(shell(script), {}, { code, environment });
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'up');
      await fixture().restart();
      await fixture().runner.submit(plan);
      await writeTexts(fixture().artifacts, plan.artifactRoot, { go: '' });
      await untilEnded(fixture().runner, plan.runId);
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['up', 'data']);
    });

    it('that is gone lets no job start', async () => {
      const plan = onePlan(shell('echo started'), {}, { code: codeRoot(uuid()) });
      await expect(fixture().runner.submit(plan)).rejects.toThrow('not there any more');
      expect(await fixture().runner.inspect(plan.runId)).toEqual([]);
    });
  });
}
