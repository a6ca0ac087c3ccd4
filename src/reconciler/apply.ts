import { runRoot } from '../core/artifact-path.js';
import type { RunKey } from '../core/ids.js';
import type { Job, Run } from '../core/model.js';
import {
  type JobPlan,
  type Observation,
  Rejected,
  type Runner,
  RunnerUnavailable,
  type RunPlan,
} from '../core/ports/index.js';
import { isTerminal } from '../core/status.js';
import { copyOutputs } from '../services/artifacts/copy-outputs.js';
import type { Ports } from '../services/context.js';
import { retryRun } from '../services/lifecycle/begin-attempt.js';
import { finishRun } from '../services/lifecycle/finish.js';
import { loadRun, type RunSnapshot } from '../services/lifecycle/load.js';
import { purgeFiles, purgeRun } from '../services/lifecycle/purge.js';
import { recordObservations } from '../services/lifecycle/record-observations.js';
import { recordSubmission } from '../services/lifecycle/record-submission.js';
import { describeToJobs, type JobTold } from '../services/lifecycle/tell-jobs.js';
import type { Collector } from './collector.js';
import { currentJobs, type Decision, decide, liveJobs } from './decide.js';
import type { Line } from './line.js';
import type { ServiceLoop } from './services.js';

/** Submissions that fail for a passing reason are repeated this often before the run is given up. */
const submissionTries = 5;

export interface ApplyOptions {
  readonly ports: Ports;
  readonly runner: Runner;
  readonly line: Line;
  readonly services: Pick<ServiceLoop, 'clear'>;
  readonly collector: Pick<Collector, 'watch' | 'finish'>;
  readonly runToken: (run: Run) => Promise<string>;
  readonly jobEnvironment: (told: JobTold) => Readonly<Record<string, string>>;
  readonly graceSeconds: number;
}

/**
 * One look at one run: takes in what the runner sees, then does what follows, until there is nothing
 * left to do or only time will tell.
 */
export function createApply(options: ApplyOptions): (key: RunKey, failures: number) => Promise<void> {
  const { ports, runner, line, collector } = options;

  /** @returns true if the run should be looked at again at once. */
  async function act(snapshot: RunSnapshot, decision: Decision, failures: number): Promise<boolean> {
    const { run, attempt, spec } = snapshot;
    switch (decision.kind) {
      case 'none':
        return false;
      case 'admit':
        await line.join(
          { runKey: run.key, attempt: attempt.number, position: attempt.position, jobs: decision.jobs },
          run.status === 'queued',
        );
        return false;
      case 'submit':
        return submit(snapshot, failures);
      case 'stop':
        await runner.stop(run.id, options.graceSeconds);
        return settle(snapshot, liveJobs(snapshot));
      case 'retry':
        await collector.finish(snapshot);
        return retryRun(ports, run.key, attempt.number, spec, decision);
      case 'finish':
        // Before the end is told: who waited for it finds all that was logged.
        await collector.finish(snapshot);
        return finishRun(ports, run.key, attempt.number, decision.outcome);
      case 'purge':
        return purge(run);
    }
  }

  /** @returns false while a service still shows the run; its end wakes the run. */
  async function purge(run: Run): Promise<boolean> {
    if (!(await options.services.clear(run.key))) return false;
    ports.crash('purge.begin');
    await runner.remove(run.id);
    ports.crash('purge.jobsRemoved');
    await purgeFiles(ports, run);
    await purgeRun(ports, run.key);
    return true;
  }

  /** A run that only reports here has nothing to be started or ended, but may have to be removed. */
  async function purgeUnmanaged(key: RunKey): Promise<void> {
    const run = await ports.store.read.runs.findByKey(key);
    if (run !== null && !run.managed && run.purgeAt !== null) await purge(run);
  }

  async function submit(snapshot: RunSnapshot, failures: number): Promise<boolean> {
    const { run, attempt, spec, jobs } = snapshot;
    ports.crash('submit.begin');
    let remarks: readonly string[];
    try {
      await prepareOutputs(run);
      // A copy takes its time: the run may have been stopped, deleted or changed meanwhile.
      if (!(await isStillWanted(run))) return true;
      const token = await options.runToken(run);
      const about = { ...(await describeToJobs(ports, run, spec)), token };
      remarks = await runner.submit(
        planOf(snapshot, (job) => (place) => options.jobEnvironment({ ...about, job, ...place })),
      );
    } catch (error) {
      if (error instanceof RunnerUnavailable) throw error;
      if (!(error instanceof Rejected) && failures + 1 < submissionTries) throw error;
      return reject(snapshot, error);
    }
    ports.crash('submit.end');
    await recordSubmission(ports, run.key, { attempt: attempt.number, spec, remarks });
    const retired = jobs.filter((job) => job.retired && !isTerminal(job.status));
    await settle(snapshot, retired);
    return true;
  }

  /** Before the first job of a run that was made as a copy: later ones find what the first have left. */
  async function prepareOutputs(run: Run): Promise<void> {
    if (run.originKind !== 'copy' || (await runner.inspect(run.id)).length > 0) return;
    if (await copyOutputs(ports, run)) return;
    throw new Rejected('config_error', 'the run whose outputs were to be copied was deleted');
  }

  async function isStillWanted(run: Run): Promise<boolean> {
    const now = await ports.store.read.runs.findByKey(run.key);
    return (
      now !== null &&
      now.desiredState === 'running' &&
      now.attempt === run.attempt &&
      now.specRevision === run.specRevision
    );
  }

  /** A submission that cannot be: what it did start is ended, and every job that did not start has failed. */
  async function reject({ run, jobs }: RunSnapshot, error: unknown): Promise<boolean> {
    const reason = error instanceof Rejected ? error.reason : 'submit_rejected';
    const message = error instanceof Error ? error.message : String(error);
    const known = new Set((await runner.inspect(run.id)).map((seen) => seen.jobId));
    const failed = jobs
      .filter((job) => job.attempt === run.attempt && !isTerminal(job.status) && !known.has(job.id))
      .map((job) => ({ ...unseen(run, job), status: 'failed' as const, reason, message }));
    if (failed.length === 0) throw error;
    return recordObservations(ports, run.key, failed);
  }

  /** Jobs that should end and that the runner has never heard of have ended. */
  async function settle({ run }: RunSnapshot, ending: readonly Job[]): Promise<boolean> {
    const known = await runner.inspect(run.id);
    const ids = new Set(known.map((seen) => seen.jobId));
    const gone = ending.filter((job) => !ids.has(job.id)).map((job) => unseen(run, job));
    return recordObservations(ports, run.key, [...known, ...gone]);
  }

  return async (key, failures) => {
    for (;;) {
      let snapshot = await loadRun(ports.store.read, key);
      if (snapshot !== null && liveJobs(snapshot).length > 0) {
        const news = await recordObservations(ports, key, await runner.inspect(snapshot.run.id));
        if (news) snapshot = await loadRun(ports.store.read, key);
      }
      line.count(key, snapshot);
      collector.watch(key, snapshot);
      if (snapshot === null) await purgeUnmanaged(key);
      const again = snapshot !== null && (await act(snapshot, decide(snapshot), failures));
      if (!again) break;
    }
    await line.advance();
  };
}

function planOf(snapshot: RunSnapshot, environmentOf: (job: Job) => JobPlan['environment']): RunPlan {
  const { run, spec, attempt } = snapshot;
  const jobs = currentJobs(snapshot)
    .filter((job) => !isTerminal(job.status))
    .map((job) => ({
      id: job.id,
      name: job.name,
      role: job.role,
      index: job.index,
      environment: environmentOf(job),
    }));
  return {
    runId: run.id,
    attempt: attempt.number,
    spec,
    jobs,
    artifactRoot: runRoot(run.artifactRoot),
    code: run.codeRoot,
  };
}

/** What can be said of a job that was to end and that the runner does not know. */
function unseen(run: Run, job: Job): Observation {
  return {
    runId: run.id,
    jobId: job.id,
    status: 'stopped',
    reason: null,
    message: null,
    exitCode: null,
    signal: null,
    node: null,
    builtAt: null,
    startedAt: null,
    finishedAt: null,
  };
}
