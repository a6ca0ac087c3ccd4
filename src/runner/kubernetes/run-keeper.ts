import type { JobId, RunId } from '../../core/ids.js';
import type { LogStore } from '../../core/ports/logs.js';
import type { Observation } from '../../core/ports/runner.js';
import type { Crash } from '../../core/ports/system.js';
import { isTerminal } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import type { ObservationQueue } from '../observation-queue.js';
import type { Cluster } from './cluster.js';
import type { ClusterView } from './cluster-view.js';
import { deadlineOf, lossOf } from './failure.js';
import { type Capture, createCapture } from './log-capture.js';
import { captureFinalizer, mainContainer } from './names.js';
import { conditionOf, containerOf, type JobObject, type PodObject } from './objects.js';
import { type ObjectsOfRun, podPath } from './objects-of-run.js';
import { type Look, observe, type Patience, type Sight, vanished } from './observe.js';
import { namespaceOfJob, type RecordedJob, type RecordStore, type RunRecord, withJob } from './records.js';

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

/**
 * Brings the records of runs and the cluster together: takes in output and ends, ends what shall end, and lets go
 * of pods that are captured. Told by level: each look does what is to be done then, whatever was missed before.
 */
export class RunKeeper {
  /** The records of runs whose jobs have not all ended. */
  readonly active = new Map<RunId, RunRecord>();
  private readonly captures = new Map<JobId, Capture>();
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
    const before = this.active.get(runId);
    let record = before;
    if (record === undefined) return this.release(runId);
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
        if (end === null || before?.jobs.find((job) => job.id === id)?.end != null) continue;
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
    const namespace = namespaceOfJob(record, job.object);
    const view = this.options.view();
    const pod = view.pod(runId, job.object, job.place);
    const names = [job.object, ...(pod?.metadata?.name === undefined ? [] : [pod.metadata.name])];
    return {
      runId,
      jobId: job.id,
      hasSetup: job.hasSetup,
      askedAt: job.askedAt,
      stop: job.stop,
      job: view.job(namespace, job.object),
      pod,
      warning: view.warning(namespace, names),
    };
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
    const namespace = namespaceOfJob(record, job.object);
    const object = record.objects.find(({ name }) => name === job.object);
    const stopped = () => vanished(sight, null, now());
    if (object === undefined || object.uid === null) return job.stop === null ? null : stopped();
    const capture = this.captures.get(job.id);
    if (sight.job !== null && capture === undefined && job.stop === null && !mayBeOver(sight.job))
      return null;
    if (job.stop !== null && isAllStopping(record, job.object))
      await objects.removeJob(namespace, job.object);
    // What the view lacks may only be late.
    const found = await objects.findJob(namespace, job.object);
    const pods = await objects.findPods(namespace, job.object);
    if (pods.some((pod) => isPlace(pod, job.place))) {
      this.options.wakeIn(record.runId, 500);
      return null;
    }
    if (job.stop !== null) {
      // If its fellows go on, its pod may still be made: what comes after the end is ended when it is seen.
      const isGoing = found === null || found.metadata?.deletionTimestamp !== undefined;
      if (isGoing || !isAllStopping(record, job.object)) return stopped();
      this.options.wakeIn(record.runId, 500);
      return null;
    }
    if (found !== null && capture === undefined && !mayBeOver(found)) return null;
    await capture?.abandon('its pod is gone');
    if (hasIndex(found?.status?.completedIndexes, job.place)) {
      return { ...vanished(sight, null, now()), status: 'succeeded', reason: null };
    }
    return vanished(sight, deadlineOf(found) ?? lossOf(found), now());
  }

  /** The bringing in of a container's output; null while there is none. */
  private capture({ runId }: RunRecord, job: RecordedJob, pod: PodObject): Capture | null {
    const known = this.captures.get(job.id);
    if (known !== undefined) return known;
    const { state } = containerOf(pod, mainContainer) ?? {};
    const { terminated } = state ?? {};
    const failedToStart = terminated?.reason === 'StartError' || terminated?.reason === 'ContainerCannotRun';
    if ((state?.running === undefined && terminated === undefined) || failedToStart) return null;
    const { namespace = '', name = '', uid } = pod.metadata ?? {};
    const capture = createCapture({
      cluster: this.options.cluster,
      logs: this.options.logs,
      ref: { runId, jobId: job.id },
      podPath: podPath(pod),
      hasEnded: () => {
        const now = this.options
          .view()
          .podsOf(runId)
          .find(({ metadata }) => metadata?.uid === uid);
        return now === undefined || containerOf(now, mainContainer)?.state?.terminated !== undefined;
      },
      now: this.options.now,
      onError: (error) =>
        this.options.onError(runId, new Error(`output of ${namespace}/${name}`, { cause: error })),
      onDone: () => this.options.wake(runId),
    });
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
      const job = record?.jobs.find(({ object, place }) => isOf(pod, object) && isPlace(pod, place));
      if (job?.end == null) continue;
      if (isAlive(pod)) await this.options.objects.endPod(pod, record?.graceSeconds || 1);
      await this.options.objects.releasePod(pod);
      this.options.crash('cluster.released');
    }
  }

  /** Removes Jobs of which nothing shall run any more, so that the cluster starts none of their pods. */
  private async removeStopped(record: RunRecord): Promise<void> {
    for (const { name, namespace, uid } of record.objects) {
      const object = this.options.view().job(namespace, name);
      if (uid === null || object === null || object.metadata?.deletionTimestamp !== undefined) continue;
      if (isAllStopping(record, name)) await this.options.objects.removeJob(namespace, name);
    }
  }
}

/** True if no pod of a Job shall run any more, by the word of Franca. */
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

function isOf({ metadata }: PodObject, object: string): boolean {
  return metadata?.labels?.['batch.kubernetes.io/job-name'] === object;
}

/** Ends that Franca decided while a pod still was: its Job would be there for ever. */
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

/** True if the Job itself says that pods have ended: one that is not seen may be among them. */
function mayBeOver({ status, metadata }: JobObject): boolean {
  const { conditions, completedIndexes = '', failedIndexes = '' } = status ?? {};
  if (metadata?.deletionTimestamp !== undefined || completedIndexes !== '' || failedIndexes !== '')
    return true;
  return ['Failed', 'FailureTarget', 'Complete'].some((type) => conditionOf(conditions, type) !== null);
}

function isPlace({ metadata }: PodObject, place: number): boolean {
  return metadata?.annotations?.['batch.kubernetes.io/job-completion-index'] === String(place);
}

/** Is an index among those that the cluster writes as `0,2-5`? */
export function hasIndex(ranges: string | undefined, index: number): boolean {
  return (ranges ?? '').split(',').some((range) => {
    const [first = '', last = first] = range.split('-');
    return first !== '' && Number(first) <= index && index <= Number(last);
  });
}
