import type { ArtifactRoot } from '../artifact-path.js';
import type { JobId, RunId } from '../ids.js';
import type { RunSpec } from '../spec.js';
import type { Reason, Status } from '../status.js';
import type { Micros } from '../time.js';
import type { Cluster } from '../topology.js';

/** What is known of a job only where it is about to run. */
export interface JobPlace {
  /** The absolute path of the folder of the run's outputs, as the job sees it; it is there. */
  readonly outputs: string;
  readonly cluster: Cluster;
  /** The absolute path of a folder of this job alone, as the job sees it; it is there. What clients leave in it is taken in. */
  readonly inbox: string;
}

/** One replica that shall run. */
export interface JobPlan {
  readonly id: JobId;
  readonly name: string;
  readonly role: string;
  readonly index: number;
  /** Everything that Franca itself adds to the job's environment; the spec's own variables win over it. */
  readonly environment: (place: JobPlace) => Readonly<Record<string, string>>;
}

/** What shall run of one run. */
export interface RunPlan {
  readonly runId: RunId;
  readonly attempt: number;
  readonly spec: RunSpec;
  /** Exactly the jobs that shall exist in this attempt: others of the run are stopped. */
  readonly jobs: readonly JobPlan[];
  /** Where the run's outputs are; the jobs write there. */
  readonly artifactRoot: ArtifactRoot;
  /** What each job finds a copy of in its working folder; null for nothing. */
  readonly code: ArtifactRoot | null;
}

/** What a runner sees of one job: a snapshot, complete in itself. */
export interface Observation {
  readonly runId: RunId;
  readonly jobId: JobId;
  /**
   * `building` (its setup is to be done), `scheduled` or `unschedulable` (it waits for its place), `starting` (it has
   * one), `running`, `unknown` (its place does not answer), or an end: `succeeded`, `failed`, `stopped`. The message says
   * what it waits for.
   */
  readonly status: Status;
  readonly reason: Reason | null;
  readonly message: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly node: string | null;
  /** When its setup was done; null for a job that has none, or whose setup failed. */
  readonly builtAt: Micros | null;
  /** When its command was started. */
  readonly startedAt: Micros | null;
  readonly finishedAt: Micros | null;
}

/** A submission that can never succeed. */
export class Rejected extends Error {
  constructor(
    readonly reason: Reason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Rejected';
  }
}

/** Where jobs run cannot be reached now, or has no room for the request: worth any number of tries. */
export class RunnerUnavailable extends Error {
  override readonly name = 'RunnerUnavailable';
}

/**
 * Where jobs run. Everything is idempotent and told by level: a repeat finds the first, and a missed
 * observation is made good by the next. A runner writes its jobs' output into the LogStore itself, so
 * that it outlives process and pod.
 */
export interface Runner {
  /** How many jobs may run at once; null without a limit of its own. */
  readonly slots: number | null;
  /** False while the place where jobs run cannot be asked: what is known of them is still told, and told again. */
  reachable(): boolean;
  /** Finds again what an earlier process left running; resolves when that is complete. */
  recover(): Promise<void>;
  /**
   * Makes the run's jobs what the plan says: starts those that are missing, stops those that it does
   * not name (other attempts' too), leaves alone those that run. Throws Rejected when that can never
   * be, RunnerUnavailable while it cannot be asked; any other error is worth a few more tries.
   *
   * @returns what the spec wishes and does not get here, in words for whoever submitted it.
   */
  submit(plan: RunPlan): Promise<readonly string[]>;
  /**
   * Begins to end all jobs of the run: SIGTERM, and SIGKILL after the grace period. Their ends come as
   * observations. Jobs that never started are observed as `stopped`.
   */
  stop(runId: RunId, graceSeconds: number): Promise<void>;
  /** What is known of each job of a run now: the level behind the observations. */
  inspect(runId: RunId): Promise<readonly Observation[]>;
  /**
   * The port of the loopback interface at which a job may listen: its own from its submission until it is removed,
   * after a restart too. null for a job that is not known, or cannot be reached from this machine.
   */
  portOf(runId: RunId, jobId: JobId): Promise<number | null>;
  /** The absolute path of a job's inbox as the server sees it, until the job is removed; null where it cannot. */
  inboxOf(runId: RunId, jobId: JobId): Promise<string | null>;
  /** Snapshots of jobs as they change, from now on, until the signal aborts. One consumer. */
  observe(signal: AbortSignal): AsyncIterable<Observation>;
  /** Removes what is left of a run whose jobs have ended; nothing if there is nothing. */
  remove(runId: RunId): Promise<void>;
  /** Lets go of everything without ending any job. */
  close(): Promise<void>;
}
