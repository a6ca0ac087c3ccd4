import type { Job, Project, Run, Workspace } from '../../core/model.js';
import type { Param } from '../../core/params.js';
import type { JobPlace } from '../../core/ports/index.js';
import type { RunSpec } from '../../core/spec.js';
import type { Ports } from '../context.js';

/** What every job of a run is told about it. */
export interface RunTold {
  readonly run: Run;
  /** The revision that is about to run. */
  readonly spec: RunSpec;
  readonly project: Project;
  /** The project's. */
  readonly workspace: Workspace;
  readonly params: readonly Param[];
}

/** All that a job can be told, from which each dialect makes the variables of its clients. */
export interface JobTold extends RunTold, JobPlace {
  readonly job: Job;
  /** Worth this run only; it ends with the run. */
  readonly token: string;
}

/** Reads what the jobs of a run are told about it, as it is now. */
export async function describeToJobs(ports: Ports, run: Run, spec: RunSpec): Promise<RunTold> {
  const { read } = ports.store;
  const [project, params] = await Promise.all([
    read.projects.find(run.projectKey),
    read.params.list([run.key]),
  ]);
  if (project === null) throw new Error('every run has a project');
  const workspace = (await read.accounts.findWorkspaces([project.workspaceKey])).get(project.workspaceKey);
  if (workspace === undefined) throw new Error('every project has a workspace');
  return { run, spec, project, workspace, params: params.get(run.key) ?? [] };
}
