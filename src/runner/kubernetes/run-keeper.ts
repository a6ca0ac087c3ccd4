import type { JobId, RunId } from '../../core/ids.js';
import type { LogStore } from '../../core/ports/logs.js';
import type { Observation } from '../../core/ports/runner.js';
import type { Crash } from '../../core/ports/system.js';
import { isTerminal } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import type { ObservationQueue } from '../observation-queue.js';
import type { Cluster } from './cluster.js';
import type { ClusterView } from './cluster-view.js';
import { lossOf, overdue } from './failure.js';
import { type Capture, createCapture } from './log-capture.js';
import { captureFinalizer } from './names.js';
import { mainNameOf, mainStatusOf, type PodObject } from './objects.js';
import { type ObjectsOfRun, podPath } from './objects-of-run.js';
import { type Look, observe, type Patience, type Sight, vanished } from './observe.js';
import { objectOf, type RecordedJob, type RecordStore, type RunRecord, withJob } from './records.js';
import { isPodOf } from './workloads.js';

export interface RunKeeperOptions {
  readonly cluster: Cluster;
  readonly objects: ObjectsOfRun;
  readonly view: () => ClusterView;
  readonly records: RecordStore;
  readonly logs: LogStore;
  readonly queue: ObservationQueue;
  readonly patience: Patience;
  readonly now: () => Micros;
  readonly crash: Crash;
  readonly wake: (runId: RunId) => void;
  readonly wakeIn: (runId: RunId, millis: number) => void;
  readonly onError: (runId: RunId, error: unknown) => void;
}

/** How long a job without a pod waits for what is said of its fellows, when their object has ended. */
const settleMicros = 30_000_000;

/** The output that is brought in, and of which pod. */
interface PodCapture extends Capture {
  readonly podUid: string | undefined;
}

/**
 * Brings the records of runs and the cluster together: takes in output and ends, ends what shall end, and lets go
 * of pods that are captured. Told by level: each look does what is to be done then, whatever was missed before.
 */
export class RunKeeper {
  /** The records of runs whose jobs have not all ended. */
  readonly active = new Map<RunId, RunRecord>();
  private readonly captures = new Map<JobId, PodCapture>();
  private readonly told = new Map<JobId, string>();

  constructor(private readonly options: RunKeeperOptions) {}

  /** Stores a record and goes on by it. */
  async store(record: RunRecord): Promise<void> {
    await this.options.records.write(record);
    if (record.jobs.every(({ end }) => end !== null)) this.active.delete(record.runId);
    else this.active.set(record.runId, record);
  }

  /** What is known of a job now. One whose pod has ended still runs until its output is here. */
  observation(record: RunRecord, job: RecordedJob): Observation {
    if (job.end !== null) return job.end;
    const { observation } = this.look(record, job);
    return isTerminal(observation.status) ? stillLiving(observation, job) : observation;
  }

  /** True for a job that has ended, whether its output is here or not. */
  hasEnded(record: RunRecord, job: RecordedJob): boolean {
    return job.end !== null || isTerminal(this.look(record, job).observation.status);
  }

  /** One look at a run. Not twice at a time for the same run. */
  async lookAt(runId: RunId): Promise<void> {
    const known = this.active.get(runId);
    if (known === undefined) return this.release(runId);
    const before = await this.stopOverdue(known);
    let record = before;
    for (const { id } of record.jobs) {
      const job = record.jobs.find((one) => one.id === id);
      if (job === undefined || job.end !== null) continue;
      const end = await this.keep(record, job);
      if (end === null) this.tell(this.observation(record, job));
      else record = withJob(record, id, { end });
    }
    if (record !== before) {
      await this.store(record);
      this.options.crash('cluster.endRecorded');
      for (const { id, end } of record.jobs) {
        if (end === null || before.jobs.find((job) => job.id === id)?.end != null) continue;
        this.tell(end);
        // Its output is here or given up; a connection may still be open.
        void this.captures.get(id)?.close();
        this.captures.delete(id);
        this.told.delete(id);
      }
    }
    await this.release(runId);
    await this.removeStopped(record);
  }

  async close(): Promise<void> {
    await Promise.all([...this.captures.values()].map((capture) => capture.close()));
  }

  private look(record: RunRecord, job: RecordedJob): Look {
    return observe(this.sight(record, job), this.options.patience, this.options.now());
  }

  private sight(record: RunRecord, job: RecordedJob): Sight {
    const { runId } = record;
    const view = this.options.view();
    const seen = view.pod(runId, job);
    const captured = this.captures.get(job.id);
    // One that was made in the place of the job's pod is not the job's.
    const pod = captured === undefined || captured.podUid === seen?.metadata?.uid ? seen : null;
    const object = objectOf(record, job);
    return {
      runId,
      jobId: job.id,
      hasSetup: job.hasSetup,
      askedAt: job.askedAt,
      stop: job.stop,
      origin: { kind: object.kind, state: view.workload(object) },
      pod,
      notice: view.notice(object.namespace, pod?.metadata?.name ?? object.name),
    };
  }

  /** Asks for the end of what takes too long, where its controller does not. */
  private async stopOverdue(record: RunRecord): Promise<RunRecord> {
    let stopped = record;
    for (const job of record.jobs) {
      if (job.end !== null || job.stop !== null) continue;
      const { dueAt } = this.sight(record, job).origin.state ?? { dueAt: null };
      if (dueAt === null) continue;
      const left = (dueAt - this.options.now()) / 1000;
      if (left > 0) this.options.wakeIn(record.runId, left + 50);
      else if (!this.hasEnded(record, job)) stopped = withJob(stopped, job.id, { stop: overdue.reason });
    }
    if (stopped !== record) await this.store(stopped);
    return stopped;
  }

  /** Does what a job needs now. Gives its end once that is known and its output is here. */
  private async keep(record: RunRecord, job: RecordedJob): Promise<Observation | null> {
    const sight = this.sight(record, job);
    const { pod } = sight;
    if (pod === null) return this.keepWithoutPod(record, job, sight);
    const look = observe(sight, this.options.patience, this.options.now());
    const { observation } = look;
    if (look.lookAgainAt !== null)
      this.options.wakeIn(record.runId, (look.lookAgainAt - this.options.now()) / 1000 + 50);
    const capture = this.capture(record, job, pod);
    if (look.giveUp) {
      await capture?.abandon(observation.message ?? 'it was given up');
      await this.giveUp(pod, observation);
      return observation;
    }
    if (isTerminal(observation.status)) return capture === null || capture.done() ? observation : null;
    if (job.stop !== null) {
      if (pod.metadata?.deletionTimestamp === undefined)
        await this.options.objects.endPod(pod, record.graceSeconds);
      else return this.keepStopping(record, job, pod, sight);
    }
    return null;
  }

  /** A pod that shall end on a node that is silent would be waited for without end. */
  private async keepStopping(
    record: RunRecord,
    job: RecordedJob,
    pod: PodObject,
    sight: Sight,
  ): Promise<Observation | null> {
    // The cluster's time of deletion has the grace in it.
    const due =
      Date.parse(pod.metadata?.deletionTimestamp ?? '') + this.options.patience.nodeLostSeconds * 1000;
    const left = due - this.options.now() / 1000;
    if (left > 0) {
      this.options.wakeIn(record.runId, left + 50);
      return null;
    }
    await this.captures.get(job.id)?.abandon('its node does not answer');
    await this.options.objects.endPod(pod, 0);
    return vanished(sight, null, this.options.now());
  }

  private async keepWithoutPod(
    record: RunRecord,
    job: RecordedJob,
    sight: Sight,
  ): Promise<Observation | null> {
    const { objects, now } = this.options;
    const object = objectOf(record, job);
    const { kind, state } = sight.origin;
    const stopped = () => vanished(sight, null, now());
    if (object.uid === null) return job.stop === null ? null : stopped();
    const capture = this.captures.get(job.id);
    if (state !== null && capture === undefined && job.stop === null && !state.mayBeOver) return null;
    if (job.stop !== null && isAllStopping(record, job.object)) await objects.removeWorkload(object);
    // What the view lacks may only be late.
    const found = await objects.findWorkload(object);
    const pods = (await objects.findPods(object.namespace, record.runId)).filter((pod) => isPodOf(pod, job));
    if (pods.some(({ metadata }) => capture === undefined || metadata?.uid === capture.podUid)) {
      this.options.wakeIn(record.runId, 500);
      return null;
    }
    if (job.stop !== null) {
      // If its fellows go on, its pod may still be made: what comes after the end is ended when it is seen.
      if (found === null || found.isGoing || !isAllStopping(record, job.object)) return stopped();
      this.options.wakeIn(record.runId, 500);
      return null;
    }
    if (found !== null && capture === undefined) {
      if (!found.mayBeOver) return null;
      const left = found.overAt === null || found.isOverdue ? 0 : found.overAt + settleMicros - now();
      if (left > 0) {
        this.options.wakeIn(record.runId, left / 1000 + 50);
        return null;
      }
    }
    await capture?.abandon('its pod is gone');
    if (found?.hasSucceeded(job.place) === true) {
      return { ...vanished(sight, null, now()), status: 'succeeded', reason: null };
    }
    const failure = found?.isOverdue === true ? overdue : lossOf({ kind, state: found });
    return vanished(sight, failure, now());
  }

  /** The bringing in of a container's output; null while there is none. */
  private capture({ runId }: RunRecord, job: RecordedJob, pod: PodObject): Capture | null {
    const known = this.captures.get(job.id);
    if (known !== undefined) return known;
    const { state } = mainStatusOf(pod) ?? {};
    const { terminated } = state ?? {};
    const failedToStart = terminated?.reason === 'StartError' || terminated?.reason === 'ContainerCannotRun';
    if ((state?.running === undefined && terminated === undefined) || failedToStart) return null;
    const { namespace = '', name = '', uid } = pod.metadata ?? {};
    const bringing = createCapture({
      cluster: this.options.cluster,
      logs: this.options.logs,
      ref: { runId, jobId: job.id },
      podPath: podPath(pod),
      container: mainNameOf(pod),
      hasEnded: () => {
        const now = this.options
          .view()
          .podsOf(runId)
          .find(({ metadata }) => metadata?.uid === uid);
        return now === undefined || mainStatusOf(now)?.state?.terminated !== undefined;
      },
      now: this.options.now,
      onError: (error) =>
        this.options.onError(runId, new Error(`output of ${namespace}/${name}`, { cause: error })),
      onDone: () => this.options.wake(runId),
    });
    const capture = { ...bringing, podUid: uid };
    this.captures.set(job.id, capture);
    return capture;
  }

  /** Ends the pod of a job that has failed by Franca's word. */
  private async giveUp(pod: PodObject, { reason }: Observation): Promise<void> {
    // A node that does not answer cannot end it: the cluster forgets it, and the node ends it if it comes back.
    await this.options.objects.endPod(pod, reason === 'node_lost' ? 0 : 1);
  }

  private tell(observation: Observation): void {
    const text = JSON.stringify(observation);
    if (this.told.get(observation.jobId) === text) return;
    this.told.set(observation.jobId, text);
    this.options.queue.push(observation);
  }

  /** Lets go of the pods whose jobs have ended here; and ends those that are there in spite of that. */
  private async release(runId: RunId): Promise<void> {
    const pods = this.options.view().podsOf(runId).filter(isHeld);
    if (pods.length === 0) return;
    const record = this.active.get(runId) ?? (await this.options.records.read(runId));
    for (const pod of pods) {
      const job = record?.jobs.find((one) => isPodOf(pod, one));
      if (record === null || job === undefined || job.end === null) continue;
      if (isAlive(pod)) await this.options.objects.endPod(pod, record.graceSeconds || 1);
      // While it is there, even as one that is deleted, no other is made in its place.
      if (this.options.view().workload(objectOf(record, job))?.remakes === true) continue;
      await this.options.objects.releasePod(pod);
      this.options.crash('cluster.released');
    }
  }

  /** Removes objects of which nothing shall run any more, so that the cluster starts none of their pods. */
  private async removeStopped(record: RunRecord): Promise<void> {
    for (const object of record.objects) {
      const state = this.options.view().workload(object);
      if (object.uid === null || state === null || state.isGoing) continue;
      if (isAllStopping(record, object.name)) await this.options.objects.removeWorkload(object);
    }
  }
}

/** True if no pod of an object shall run any more, by the word of Franca. */
function isAllStopping({ jobs }: RunRecord, object: string): boolean {
  return jobs
    .filter((job) => job.object === object)
    .every(({ stop, end }) => stop !== null || isGivenUp(end));
}

function isHeld({ metadata }: PodObject): boolean {
  return metadata?.finalizers?.includes(captureFinalizer) === true;
}

function isAlive({ status, metadata }: PodObject): boolean {
  return (
    status?.phase !== 'Succeeded' && status?.phase !== 'Failed' && metadata?.deletionTimestamp === undefined
  );
}

/** Ends that Franca decided while a pod still was: its object would be there for ever. */
function isGivenUp(end: Observation | null): boolean {
  return end !== null && ['image_pull', 'config_error', 'node_lost'].includes(end.reason ?? '');
}

function stillLiving(observation: Observation, { hasSetup }: RecordedJob): Observation {
  const hasStarted = observation.startedAt !== null;
  return {
    ...observation,
    status: hasStarted ? 'running' : hasSetup ? 'building' : 'starting',
    reason: null,
    message: null,
    exitCode: null,
    signal: null,
    finishedAt: null,
  };
}
