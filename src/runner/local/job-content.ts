import { expandReferences } from '../../core/command.js';
import { type JobPlan, Rejected, type RunPlan } from '../../core/ports/runner.js';
import { type Command, findRole, type Role } from '../../core/spec.js';
import { type AddressOf, clusterOf, topologyEnvironment } from '../../core/topology.js';
import { type EnvironmentParts, givenVariables, jobEnvironment } from './job-environment.js';
import type { JobPaths } from './layout.js';
import type { JobContent } from './live-jobs.js';
import type { StoredPlan } from './plan-store.js';

/** A job of a plan with what it executes. */
export interface RunnableJob {
  readonly job: JobPlan;
  readonly role: Role;
  readonly command: Command;
}

/** Where a job will run, and beside whom. */
export interface JobSetting {
  readonly plan: RunPlan;
  /** The same plan as it is stored, with the ports of all jobs. */
  readonly stored: StoredPlan;
  /** The folder of the run's outputs. */
  readonly outputs: string;
  readonly paths: JobPaths;
  /** The folder of the job's log segments. */
  readonly logs: string;
  /** The server's own environment. */
  readonly server: EnvironmentParts['server'];
}

/** The jobs of a plan. Throws Rejected where a role, or the command of one, is missing. */
export function rolesOf({ jobs, spec }: RunPlan): RunnableJob[] {
  return jobs.map((job) => {
    const role = findRole(spec, job.role);
    if (role === undefined) throw new Rejected('config_error', `the run has no role ${job.role}`);
    const { command } = role;
    if (command === null) {
      const message = `role ${role.name} names no command; the local runner does not know the image's own`;
      throw new Rejected('config_error', message);
    }
    return { job, role, command };
  });
}

/** What a job's supervisor is told of it. */
export function contentOf({ job, role, command }: RunnableJob, setting: JobSetting): JobContent {
  const { plan, stored, outputs, paths, logs, server } = setting;
  const address = addressesIn(stored);
  const cluster = clusterOf(plan.spec, address, role.name, job.index);
  const parts = {
    server,
    paths,
    jobId: job.id,
    given: job.environment({ outputs, cluster, inbox: paths.inbox }),
    topology: topologyEnvironment(plan.spec, address)(role.name, job.index),
    role,
  };
  return {
    setup: role.setup,
    command: withReferences(command, givenVariables(parts)),
    environment: jobEnvironment(parts),
    logs,
  };
}

/** Fellows that have ended are still a part of the cluster that the others were told. */
function addressesIn({ jobs, attempt }: StoredPlan): AddressOf {
  const fellows = jobs.filter((job) => job.attempt === attempt);
  return (role, index) => {
    const wanted = role.toLowerCase();
    const fellow = fellows.findLast((other) => other.role.toLowerCase() === wanted && other.index === index);
    return { host: '127.0.0.1', port: fellow?.port ?? 0 };
  };
}

/** Words may refer to variables; a script has a shell for that. */
function withReferences(command: Command, variables: Readonly<Record<string, string>>): Command {
  if (command.kind === 'shell') return command;
  return { kind: 'exec', argv: expandReferences(command.argv, variables) };
}
