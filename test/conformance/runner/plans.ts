import { v7 as uuid } from 'uuid';
import { expect, vi } from 'vitest';
import { runRoot } from '../../../src/core/artifact-path.js';
import type { JobId, RunId } from '../../../src/core/ids.js';
import { joinLines } from '../../../src/core/log-lines.js';
import type { LogRef, LogStore, Observation, Runner, RunPlan } from '../../../src/core/ports/index.js';
import type { Command, Framework, Role } from '../../../src/core/spec.js';
import { isTerminal } from '../../../src/core/status.js';
import { aRole, aSpec } from '../../support/builders.js';

export interface PlanOptions {
  readonly runId?: RunId;
  readonly attempt?: number;
  readonly revision?: number;
  readonly framework?: Framework;
  readonly roles: readonly Role[];
  /** What Franca adds for each job. */
  readonly environment?: RunPlan['jobs'][number]['environment'];
  /** Jobs of an earlier plan that go on in this one. */
  readonly keep?: RunPlan['jobs'];
  readonly code?: RunPlan['code'];
}

/** A plan with a job for every replica of every role. */
export function planOf(options: PlanOptions): RunPlan {
  const {
    runId = uuid() as RunId,
    attempt = 1,
    revision = 1,
    framework = null,
    roles,
    environment = () => ({}),
  } = options;
  const jobs = roles.flatMap((role) =>
    Array.from({ length: role.replicas }, (_, index) => {
      const kept = options.keep?.find((job) => job.role === role.name && job.index === index);
      const name = `run-${role.name.toLowerCase()}-${index}`;
      return kept ?? { id: uuid() as JobId, name, role: role.name, index, environment };
    }),
  );
  const spec = aSpec({ revision, framework, roles });
  return { runId, attempt, spec, jobs, artifactRoot: runRoot(runId), code: options.code ?? null };
}

export function shell(script: string): Command {
  return { kind: 'shell', script };
}

export function exec(...argv: string[]): Command {
  return { kind: 'exec', argv };
}

/** A plan of one job. */
export function onePlan(
  command: Command,
  fields: Partial<Role> = {},
  more: Partial<PlanOptions> = {},
): RunPlan {
  return planOf({ roles: [aRole({ command, ...fields })], ...more });
}

/** The first job of a plan. */
export function firstJob(plan: RunPlan): LogRef {
  const [job] = plan.jobs;
  if (job === undefined) throw new Error('the plan has no job');
  return { runId: plan.runId, jobId: job.id };
}

/** What the runner knows of one job. */
export async function inspectJob(runner: Runner, { runId, jobId }: LogRef): Promise<Observation> {
  const found = (await runner.inspect(runId)).find((observation) => observation.jobId === jobId);
  if (found === undefined) throw new Error(`job ${jobId} is not known`);
  return found;
}

/** Waits for a status of one job. */
export async function untilStatus(
  runner: Runner,
  ref: LogRef,
  status: Observation['status'],
  seconds = 15,
): Promise<Observation> {
  return vi.waitFor(
    async () => {
      const observation = await inspectJob(runner, ref);
      expect(observation.status).toBe(status);
      return observation;
    },
    { timeout: seconds * 1000, interval: 20 },
  );
}

/** Waits for the end of all jobs of a run. */
export async function untilEnded(
  runner: Runner,
  runId: RunId,
  seconds = 15,
): Promise<readonly Observation[]> {
  return vi.waitFor(
    async () => {
      const observations = await runner.inspect(runId);
      expect(observations.filter(({ status }) => !isTerminal(status))).toEqual([]);
      return observations;
    },
    { timeout: seconds * 1000, interval: 20 },
  );
}

/** The lines that a job has printed so far, on one stream. */
export async function linesOf(
  logs: LogStore,
  ref: LogRef,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<string[]> {
  const joiner = joinLines();
  const lines = [];
  for await (const records of logs.read(ref)) lines.push(...joiner.push(records));
  lines.push(...joiner.end());
  return lines.filter((line) => line.stream === stream).map(({ text }) => text);
}

/** Waits until a job has printed a line, and gives it. */
export async function untilPrinted(logs: LogStore, ref: LogRef, line: string | RegExp): Promise<string> {
  return vi.waitFor(
    async () => {
      const found = (await linesOf(logs, ref)).find((text) =>
        line instanceof RegExp ? line.test(text) : text === line,
      );
      expect(found, `a line like ${line}`).toBeDefined();
      return found ?? '';
    },
    { timeout: 15_000, interval: 20 },
  );
}
