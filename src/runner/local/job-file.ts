/** What a supervisor is told. Supervisors load this module, so it needs nothing but Node. */
import * as fs from 'node:fs';
import type { Command } from '../../core/spec.js';

/** The content of a job's `job.json`. It holds the job's secrets: mode 0600. */
export interface JobFile {
  readonly runId: string;
  readonly jobId: string;
  /** The boot in which the job's folder was filled; absent from versions that put nothing into it. */
  readonly bootId?: string;
  /** A script that is done before the command; null or, from versions that knew none, absent for none. */
  readonly setup?: string | null;
  readonly command: Command;
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The file by which the job is claimed and its state is told. */
  readonly state: string;
  /** The folder of its log segments. */
  readonly logs: string;
}

/** Reads a job file that this runner wrote; throws if it is not there or not whole. */
export function readJobFile(file: string): JobFile {
  return JSON.parse(fs.readFileSync(file, 'utf8')) as JobFile;
}
