import { describe, expect, it } from 'vitest';
import type { JobPlace } from '../../../src/core/ports/index.js';
import type { Cluster } from '../../../src/core/topology.js';
import { aRole } from '../../support/builders.js';
import { treeOf } from '../artifacts/fixtures.js';
import { exec, firstJob, inspectJob, linesOf, onePlan, planOf, shell, untilPrinted } from './plans.js';
import type { SuiteContext } from './suite.js';

/** What a job prints, and what it finds around it. */
export function describeOutput({ run, fixture }: SuiteContext): void {
  describe('the output of a job', () => {
    it('is kept by stream, line for line', async () => {
      const plan = onePlan(shell('echo one; echo oops >&2; echo; printf "last, without newline"'));
      await run(plan);
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['one', '', 'last, without newline']);
      expect(await linesOf(fixture().logs, firstJob(plan), 'stderr')).toEqual(['oops']);
    });

    it('is whole when the job fails at once', async () => {
      const plan = onePlan(shell('echo 1; echo 2; echo 3; exit 1'));
      expect(await run(plan)).toMatchObject({ status: 'failed', exitCode: 1 });
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual(['1', '2', '3']);
    });

    it('can be read while it runs', async () => {
      const plan = onePlan(shell('echo early; sleep 60'));
      await fixture().runner.submit(plan);
      await untilPrinted(fixture().logs, firstJob(plan), 'early');
      expect(await inspectJob(fixture().runner, firstJob(plan))).toMatchObject({ status: 'running' });
    });

    it('is that of the command as it was given: words are no script', async () => {
      const words = onePlan(exec('echo', '$HOME', ';', 'echo', '"two  spaces"', ''));
      await run(words);
      expect(await linesOf(fixture().logs, firstJob(words))).toEqual(['$HOME ; echo "two  spaces" ']);
      const script = onePlan(shell('echo "$FRANCA_WORD" | tr a-z A-Z'), {
        env: [{ name: 'FRANCA_WORD', value: 'word' }],
      });
      await run(script);
      expect(await linesOf(fixture().logs, firstJob(script))).toEqual(['WORD']);
    });
  });

  describe('the environment of a job', () => {
    it('has the variables of Franca and of the role, and the role wins', async () => {
      const env = [
        { name: 'A', value: 'role' },
        { name: 'B', value: '$A "quoted" €' },
      ];
      const plan = onePlan(
        shell('echo "$A $B $C $FRANCA_JOB_ID"'),
        { env },
        { environment: () => ({ A: 'franca', C: 'c' }) },
      );
      await run(plan);
      expect(await linesOf(fixture().logs, firstJob(plan))).toEqual([
        `role $A "quoted" € c ${firstJob(plan).jobId}`,
      ]);
    });

    it('may depend on what is known only where it runs: its outputs and its fellows', async () => {
      const environment = ({ outputs, cluster }: JobPlace) => ({
        OUTPUTS: outputs,
        CLUSTER: JSON.stringify(cluster),
      });
      const command = shell('echo "$CLUSTER" && cd "$OUTPUTS" && pwd > "$FRANCA_JOB_ID"');
      const roles = [aRole({ name: 'Master', kind: 'master', command }), aRole({ replicas: 2, command })];
      const plan = planOf({ roles, environment });
      await run(plan);
      const [master, ...workers] = await Promise.all(
        plan.jobs.map(async ({ id }) => {
          const [line] = await linesOf(fixture().logs, { runId: plan.runId, jobId: id });
          return JSON.parse(line ?? '') as Cluster;
        }),
      );
      expect(master?.task).toEqual({ role: 'master', index: 0 });
      expect(workers.map(({ task }) => task)).toEqual([0, 1].map((index) => ({ role: 'worker', index })));
      const addresses = Object.values(master?.addresses ?? {}).flat();
      expect(new Set(addresses).size).toBe(3);
      expect(addresses.every((address) => /^127\.0\.0\.1:[1-9]\d+$/.test(address))).toBe(true);
      expect(workers.map((worker) => worker.addresses)).toEqual([master?.addresses, master?.addresses]);
      const outputs = await treeOf(fixture().artifacts, plan.artifactRoot);
      expect(Object.keys(outputs).sort()).toEqual(plan.jobs.map(({ id }) => id).sort());
      for (const folder of Object.values(outputs)) expect(folder).toMatch(/^\//);
    });

    it('tells replicas where the others are', async () => {
      const print = { command: shell('echo "$TF_CONFIG"') };
      const roles = [
        aRole({ name: 'Ps', kind: 'ps', ...print }),
        aRole({ name: 'Worker', replicas: 2, ...print }),
      ];
      const plan = planOf({ framework: 'tensorflow', roles });
      await run(plan);
      const configs = await Promise.all(
        plan.jobs.map(async ({ id }) => {
          const [line] = await linesOf(fixture().logs, { runId: plan.runId, jobId: id });
          return JSON.parse(line ?? '') as { cluster: { ps: string[]; worker: string[] }; task: unknown };
        }),
      );
      const [cluster] = configs.map((config) => config.cluster);
      expect(configs.map((config) => config.cluster)).toEqual([cluster, cluster, cluster]);
      expect(new Set([...(cluster?.ps ?? []), ...(cluster?.worker ?? [])]).size).toBe(3);
      expect(configs.map(({ task }) => task)).toEqual([
        { type: 'ps', index: 0 },
        { type: 'worker', index: 0 },
        { type: 'worker', index: 1 },
      ]);
    });
  });
}
