import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobId, RunId } from '../../core/ids.js';
import { codeOf, writeDurably } from '../durable-files.js';
import { buryJob, isSupervised } from './bury-job.js';
import { type JobFile, readJobFile } from './job-file.js';
import { type JobPaths, jobPaths, type Layout } from './layout.js';
import type { Logger } from './logger.js';
import { bootId, signalProcess } from './processes.js';
import { spawnSupervisor } from './spawn-supervisor.js';
import {
  claimJob,
  failed,
  isClaim,
  type JobEnd,
  type JobState,
  readState,
  reserveClaim,
  type StateReading,
  stoppedEnd,
} from './state-file.js';
import { requestStop, type StopRequest } from './stop-request.js';
import { now } from './wall-clock.js';

/** How long a supervisor may take to claim its job before another one is started. */
const claimMillis = 10_000;
const maxSpawns = 3;
/** A state that cannot be read is given up after so many thorough looks. */
const maxDamagedReadings = 3;

/** A job and its run. */
export interface JobRef {
  readonly runId: RunId;
  readonly jobId: JobId;
}

/** What the live jobs need, and whom they tell. */
export interface LiveJobsOptions {
  readonly layout: Layout;
  readonly supervisorProgram: string;
  /** PATH, for supervisors. */
  readonly path: string | undefined;
  readonly logger: Logger;
  /** Told of each change that is seen of a job's state. */
  readonly onChange: (ref: JobRef, state: JobState) => void;
  /** Told once of the end of a job, after `onChange`. */
  readonly onEnd: (ref: JobRef) => void;
}

/** What `job.json` says of a job that its caller decides. */
export type JobContent = Pick<JobFile, 'setup' | 'command' | 'environment' | 'logs'>;

interface LiveJob {
  readonly ref: JobRef;
  spawns: number;
  /** In milliseconds of `performance.now()`. */
  claimBy: number;
  damagedReadings: number;
  isBeingBuried: boolean;
  seen: string;
}

/** What this process does with jobs until they have ended: starts, stops, looks, and buries what lost its supervisor. */
export class LiveJobs {
  private readonly live = new Map<string, LiveJob>();

  constructor(private readonly options: LiveJobsOptions) {}

  /** What the disk says of a job. */
  reading(jobId: string): StateReading {
    return readState(this.stateFile(jobId));
  }

  /** Where the job's inbox is. */
  inboxOf(jobId: JobId): string {
    return this.pathsOf(jobId).inbox;
  }

  /** True for a job that has been claimed, or that is prepared and so will be. */
  isKnown(jobId: JobId): boolean {
    return this.reading(jobId) !== 'absent' || existsSync(this.pathsOf(jobId).job);
  }

  /** True once this process has started a supervisor for the job, until the job's end was seen. */
  isStarted(jobId: JobId): boolean {
    return (this.live.get(jobId)?.spawns ?? 0) > 0;
  }

  /**
   * Stores all that a job needs to be started, and gives the claim to start it with. Throws ENOSPC if there is no room.
   *
   * @param fill puts what the job shall find into its working folder, which is empty then.
   */
  async prepare(
    ref: JobRef,
    fill: (work: string) => Promise<void>,
    content: (paths: JobPaths) => JobContent,
  ): Promise<string> {
    const paths = this.pathsOf(ref.jobId);
    // A supervisor of this boot may use the folder already; what an earlier boot wrote may be lost in part.
    if (!isFilled(paths)) {
      await rm(paths.work, { recursive: true, force: true });
      await mkdir(paths.work, { recursive: true, mode: 0o700 });
      await fill(paths.work);
    }
    for (const folder of [paths.temporary, paths.inbox])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    const file: JobFile = {
      ...ref,
      bootId: bootId(),
      state: this.stateFile(ref.jobId),
      ...content(paths),
    };
    await writeDurably(paths.job, JSON.stringify(file));
    return reserveClaim(paths.folder);
  }

  /** Starts the supervisor of a prepared job. */
  start(ref: JobRef, claim: string): void {
    const { supervisorProgram: program, path, logger } = this.options;
    const { folder } = this.pathsOf(ref.jobId);
    const job = this.track(ref);
    job.spawns += 1;
    job.claimBy = performance.now() + claimMillis;
    spawnSupervisor({ program, jobFolder: folder, claim, path }, (error) => {
      if (error !== null) logger.warn({ ...ref, error: String(error) }, 'a supervisor could not be started');
      // If it did not claim the job, another one may be started at the next thorough look.
      job.claimBy = 0;
      this.look(ref.jobId, false);
    });
  }

  /** Takes up a job of an earlier process. */
  adopt(ref: JobRef): void {
    this.track(ref);
    this.look(ref.jobId, true);
  }

  /** Begins to end a job; one that nobody has claimed ends here and now. */
  stop(ref: JobRef, request: StopRequest): void {
    const paths = this.pathsOf(ref.jobId);
    this.track(ref);
    mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
    requestStop(paths.stop, request);
    // A supervisor looks for the request after its claim, and we look for its claim after the request.
    if (this.reading(ref.jobId) === 'absent') this.claimEnd(ref, stoppedEnd(request.reason));
    const state = this.reading(ref.jobId);
    if (typeof state !== 'string' && state.end === null && state.supervisor !== null && isSupervised(state)) {
      signalProcess(state.supervisor, 'SIGUSR2');
    }
    this.look(ref.jobId, true);
  }

  /** Looks at a job again; thoroughly: also whether anybody still answers for it. */
  look(jobId: string, isThorough: boolean): void {
    const job = this.live.get(jobId);
    if (job === undefined) return;
    try {
      this.lookAt(job, isThorough);
    } catch (error) {
      this.options.logger.error({ jobId, error: String(error) }, 'a job could not be looked at');
    }
  }

  /** Looks thoroughly at all. */
  lookAtAll(): void {
    for (const jobId of this.live.keys()) this.look(jobId, true);
  }

  /** Keeps a job from ever being claimed if nobody has claimed it yet. */
  forbid(jobId: JobId): void {
    const { folder } = this.pathsOf(jobId);
    for (const name of namesIn(folder)) if (isClaim(name)) rmSync(join(folder, name), { force: true });
  }

  /** Looks at a job no more. */
  forget(jobId: JobId): void {
    this.live.delete(jobId);
  }

  /** Removes all that is left of a job. */
  async remove(jobId: JobId): Promise<void> {
    this.forget(jobId);
    await rm(this.pathsOf(jobId).folder, { recursive: true, force: true });
    await rm(this.stateFile(jobId), { force: true });
  }

  /** Looks at no job any more. */
  close(): void {
    this.live.clear();
  }

  private stateFile(jobId: string): string {
    return join(this.options.layout.states, jobId);
  }

  private pathsOf(jobId: string): JobPaths {
    return jobPaths(join(this.options.layout.jobs, jobId));
  }

  private track(ref: JobRef): LiveJob {
    const known = this.live.get(ref.jobId);
    if (known !== undefined) return known;
    const claimBy = performance.now() + claimMillis;
    const job = { ref, spawns: 0, claimBy, damagedReadings: 0, isBeingBuried: false, seen: '' };
    this.live.set(ref.jobId, job);
    return job;
  }

  private lookAt(job: LiveJob, isThorough: boolean): void {
    const reading = this.reading(job.ref.jobId);
    if (reading === 'absent') {
      if (isThorough) this.awaitClaim(job);
    } else if (reading === 'damaged') {
      if (isThorough) job.damagedReadings += 1;
      if (job.damagedReadings >= maxDamagedReadings) this.bury(job);
    } else {
      this.tell(job, reading);
      if (reading.end === null && isThorough && !isSupervised(reading)) this.bury(job);
    }
  }

  private tell(job: LiveJob, state: JobState): void {
    const text = JSON.stringify(state);
    if (text !== job.seen) this.options.onChange(job.ref, state);
    job.seen = text;
    if (state.end === null) return;
    this.live.delete(job.ref.jobId);
    this.options.onEnd(job.ref);
  }

  private awaitClaim(job: LiveJob): void {
    const { folder, job: file } = this.pathsOf(job.ref.jobId);
    // Without its file the submission was cut short, and will be repeated.
    if (performance.now() < job.claimBy || !existsSync(file)) return;
    if (job.spawns < maxSpawns) {
      this.start(job.ref, reserveClaim(folder));
    } else {
      this.claimEnd(job.ref, failed('internal', 'no supervisor could be started for the job'));
      this.look(job.ref.jobId, false);
    }
  }

  /** Ends a job that nobody has claimed, unless somebody does so first. */
  private claimEnd({ runId, jobId }: JobRef, end: JobEnd): void {
    const { folder } = this.pathsOf(jobId);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    claimJob(reserveClaim(folder), this.stateFile(jobId), {
      ...blankState(runId, jobId),
      finishedAt: now(),
      end,
    });
  }

  private bury(job: LiveJob): void {
    if (job.isBeingBuried) return;
    job.isBeingBuried = true;
    const { runId, jobId } = job.ref;
    const { logger } = this.options;
    logger.warn({ runId, jobId }, 'the supervisor of a job is gone');
    buryJob(this.stateFile(jobId), this.pathsOf(jobId).stop, blankState(runId, jobId))
      .catch((error: unknown) => logger.error({ jobId, error: String(error) }, 'a job could not be buried'))
      .finally(() => {
        job.isBeingBuried = false;
        this.look(jobId, false);
      });
  }
}

/** The job's file is written last. */
function isFilled({ job }: JobPaths): boolean {
  if (!existsSync(job)) return false;
  const { bootId: filledIn = bootId() } = readJobFile(job);
  return filledIn === bootId();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function blankState(runId: string, jobId: string): JobState {
  return {
    runId,
    jobId,
    bootId: bootId(),
    supervisor: null,
    process: null,
    builtAt: null,
    startedAt: null,
    finishedAt: null,
    end: null,
  };
}
