import type { JobId, RunId } from '../ids.js';

/** A machine that jobs run on. */
export interface ComputeNode {
  /** Its host name. */
  readonly name: string;
  /** How many cores its jobs may use. */
  readonly cores: number;
  /** How much memory all its jobs may have together. */
  readonly memoryBytes: number;
}

/** What all processes of one job use together. */
export interface JobUsage {
  readonly jobId: JobId;
  readonly node: ComputeNode;
  /** Over the last second or so, in percent of one core: 250 are two cores and a half. */
  readonly cpuPercent: number;
  /** Resident memory. What processes of the job share may count once for each of them. */
  readonly memoryBytes: number;
}

/**
 * What jobs use now. A meter looks when it is asked and never of itself, and whoever asks at the same time shares a
 * look: so it costs nothing while nobody watches, and no more for many watchers than for one.
 */
export interface JobMeter {
  /** Of these jobs of a run, those that have processes now; none where nothing can be measured. */
  usageOf(runId: RunId, jobIds: readonly JobId[]): Promise<readonly JobUsage[]>;
  /** Where jobs may run. */
  nodes(): Promise<readonly ComputeNode[]>;
}
