/** Where the local runner keeps what, below its folder. Supervisors load this module, so it needs nothing but Node. */
import * as path from 'node:path';

/** The folders of one runner. Names below them are ids of runs and jobs, nothing else. */
export interface Layout {
  /** One file a run: what it shall be. */
  readonly plans: string;
  /** One empty file a run that may have living jobs, so that a restart reads no others. */
  readonly active: string;
  /** One folder a job. */
  readonly jobs: string;
  /** One file a claimed job, flat, so that one watch sees every change. */
  readonly states: string;
}

/** The layout below a folder. */
export function layoutOf(folder: string): Layout {
  return {
    plans: path.join(folder, 'plans'),
    active: path.join(folder, 'active'),
    jobs: path.join(folder, 'jobs'),
    states: path.join(folder, 'states'),
  };
}

/** The files of one job's folder. */
export interface JobPaths {
  readonly folder: string;
  /** What is to be executed. */
  readonly job: string;
  /** The job's working folder and HOME. */
  readonly work: string;
  /** Its TMPDIR. */
  readonly temporary: string;
  /** Where its clients leave what Franca takes in. */
  readonly inbox: string;
  /** Exists once the job shall end; see stop-request.ts. */
  readonly stop: string;
}

/** The paths of a job's folder. */
export function jobPaths(folder: string): JobPaths {
  return {
    folder,
    job: path.join(folder, 'job.json'),
    work: path.join(folder, 'work'),
    temporary: path.join(folder, 'tmp'),
    inbox: path.join(folder, 'inbox'),
    stop: path.join(folder, 'stop'),
  };
}
