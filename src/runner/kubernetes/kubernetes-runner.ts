import { join } from 'node:path';
import { isUuid, type JobId, type RunId } from '../../core/ids.js';
import type { LogStore } from '../../core/ports/logs.js';
import {
  type Observation,
  Rejected,
  type Runner,
  RunnerUnavailable,
  type RunPlan,
} from '../../core/ports/runner.js';
import type { Crash } from '../../core/ports/system.js';
import { findRole } from '../../core/spec.js';
import type { Micros } from '../../core/time.js';
import { createObservationQueue } from '../observation-queue.js';
import { type Cluster, connectCluster } from './cluster.js';
import { type ClusterView, createClusterView } from './cluster-view.js';
import { createDiscovery, type Discovery } from './discovery.js';
import type { Manifest } from './manifests.js';
import { createManifestsOfRun, type ManifestsOfRun, type SharedArtifacts } from './manifests-of-run.js';
import { attemptName } from './names.js';
import { createObjectsOfRun, type ObjectsOfRun } from './objects-of-run.js';
import { namespaceOf, remarksOf } from './placement.js';
import {
  createRecordStore,
  isOvertaken,
  objectOf,
  type RecordedObject,
  type RecordStore,
  type RunRecord,
  recordPlan,
} from './records.js';
import { RunKeeper } from './run-keeper.js';
import { createRunLoops, type RunLoops } from './run-loops.js';
import type { KubernetesSettings } from './settings.js';
import { trainingKindOf } from './training-kind.js';
import type { TrainingKind, WorkloadRef } from './workloads.js';

/** What the runner tells whoever operates it. */
export interface RunnerLogger {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** What a runner on Kubernetes needs. */
export interface KubernetesRunnerOptions {
  readonly settings: KubernetesSettings;
  /** Which Franca this is: objects of others are not touched. A label's value. */
  readonly instance: string;
  /** Franca's data folder; the runner's own is below it. */
  readonly dataFolder: string;
  readonly logs: LogStore;
  readonly artifacts: SharedArtifacts;
  /** From SIGTERM to SIGKILL where nothing else is said. */
  readonly graceSeconds: number;
  /** True if a run of this id is, or was and is to be removed: what belongs to no such run is removed from the cluster. */
  readonly isKnown: (runId: RunId) => Promise<boolean>;
  readonly now: () => Micros;
  readonly crash: Crash;
  readonly logger: RunnerLogger;
  /** Tests give one whose requests they count. */
  readonly connect?: (context: string | null) => Promise<Cluster>;
  readonly watchSeconds?: number;
}

/** How often what belongs to no run, or has been there for long enough, is looked for. */
const collectMillis = 120_000;

/** Runs jobs as pods of a cluster. Connects when it recovers. */
export function createKubernetesRunner(options: KubernetesRunnerOptions): Runner {
  return new KubernetesRunner(options);
}

interface Connection {
  readonly cluster: Cluster;
  readonly objects: ObjectsOfRun;
  readonly view: ClusterView;
  readonly discovery: Discovery;
  readonly keeper: RunKeeper;
}

class KubernetesRunner implements Runner {
  /** The cluster itself says who fits. */
  readonly slots = null;
  private readonly records: RecordStore;
  private readonly manifests: ManifestsOfRun;
  private readonly queue = createObservationQueue();
  private readonly loops: RunLoops;
  private connection: Connection | null = null;
  private collector: NodeJS.Timeout | undefined;

  constructor(private readonly options: KubernetesRunnerOptions) {
    const folder = join(options.dataFolder, 'kubernetes');
    this.records = createRecordStore(folder);
    this.manifests = createManifestsOfRun({ ...options, inboxes: join(folder, 'inboxes') });
    this.loops = createRunLoops({
      look: async (runId) => this.connection?.keeper.lookAt(runId),
      onError: (runId, error) => this.warn(runId, error),
    });
  }

  reachable(): boolean {
    return this.connection?.view.isFresh() === true;
  }

  async recover(): Promise<void> {
    const active = await this.records.listActive();
    const { keeper, view, discovery } = await this.connect(await this.formerNamespaces(active));
    await view.synced;
    await this.follow(await discovery.known);
    for (const runId of active) {
      await this.loops.exclusively(runId, async () => {
        const record = await this.records.read(runId);
        if (record !== null) await keeper.store(record);
      });
      this.loops.wake(runId);
    }
    await this.collect();
    this.collector = setInterval(() => {
      this.collect().catch((error: unknown) =>
        this.options.logger.warn({ err: error }, 'orphans were not collected'),
      );
    }, collectMillis).unref();
  }

  async submit(plan: RunPlan): Promise<readonly string[]> {
    checkId(plan.runId);
    for (const { id, role } of plan.jobs) {
      checkId(id);
      if (findRole(plan.spec, role) === undefined)
        throw new Rejected('config_error', `the run has no role ${role}`);
    }
    const { keeper } = this.connected();
    const { settings } = this.options;
    const remarks = await this.loops.exclusively(plan.runId, async () => {
      const before = await this.record(plan.runId);
      if (before !== null && isOvertaken(plan, before)) return [];
      const namespace = namespaceOf(plan.spec, settings);
      const kind = await this.servedKind(plan);
      const record = recordPlan(before, plan, { namespace, kind, now: this.options.now() });
      const manifests = await this.manifests.missing(record, plan);
      await keeper.store({ ...record, graceSeconds: this.options.graceSeconds });
      this.options.crash('cluster.recorded');
      try {
        await this.make(record, manifests);
      } catch (error) {
        if (error instanceof Rejected) await this.takeBack(plan.runId);
        throw error;
      }
      return remarksOf(plan.spec, record.namespace, settings);
    });
    this.loops.wake(plan.runId);
    return remarks;
  }

  async stop(runId: RunId, graceSeconds: number): Promise<void> {
    const { keeper, objects, view } = this.connected();
    await this.loops.exclusively(runId, async () => {
      const record = await this.record(runId);
      if (record === null) return;
      // What has ended already is what it was, though its output is still on its way.
      const living = record.jobs.filter((job) => !keeper.hasEnded(record, job));
      if (living.length === 0) return;
      // A grace of 0 would take the pod from the cluster though its processes live.
      const grace = Math.max(1, Math.ceil(graceSeconds));
      const jobs = record.jobs.map((job) =>
        living.includes(job) && job.stop === null ? { ...job, stop: 'user_stop' as const } : job,
      );
      await keeper.store({ ...record, graceSeconds: grace, jobs });
      for (const job of living) {
        const pod = view.pod(runId, job);
        if (pod !== null) await objects.endPod(pod, grace);
      }
      for (const object of new Set(living.map((job) => objectOf(record, job)))) {
        // One that is over makes no more pods, and stays for its time.
        if (view.workload(object)?.overAt == null) await objects.removeWorkload(object);
      }
    });
    this.loops.wake(runId);
  }

  async inspect(runId: RunId): Promise<readonly Observation[]> {
    const record = await this.record(runId);
    if (record === null) return [];
    const { keeper } = this.connected();
    return record.jobs.map((job) => keeper.observation(record, job));
  }

  async portOf(): Promise<null> {
    return null;
  }

  async inboxOf(runId: RunId, jobId: JobId): Promise<string | null> {
    if (this.options.settings.claim === null) return null;
    const job = (await this.record(runId))?.jobs.find(({ id }) => id === jobId);
    return job === undefined ? null : this.manifests.inboxOf(runId, job);
  }

  observe(signal: AbortSignal): AsyncIterable<Observation> {
    return this.queue.consume(signal);
  }

  async remove(runId: RunId): Promise<void> {
    checkId(runId);
    const { objects, view } = this.connected();
    await this.loops.exclusively(runId, async () => {
      const record = await this.record(runId);
      if (record === null) return;
      const living = record.jobs.find(({ end }) => end === null);
      if (living !== undefined) throw new Error(`job ${living.id} has not ended: it cannot be removed`);
      // First, so that none makes a pod in the place of one that goes.
      for (const object of record.objects) await objects.removeWorkload(object);
      for (const pod of view.podsOf(runId)) await objects.releasePod(pod);
      const services = new Map(record.objects.map(({ attempt, namespace }) => [attempt, namespace]));
      for (const [attempt, namespace] of services)
        await objects.removeService(namespace, attemptName(runId, attempt));
      await this.manifests.removeInboxes(runId);
      await this.records.remove(runId);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.collector);
    this.queue.close();
    await this.loops.close();
    const { connection } = this;
    if (connection === null) return;
    connection.discovery.close();
    connection.cluster.close();
    await Promise.all([connection.keeper.close(), connection.view.close()]);
  }

  /** Where jobs of these runs are though the operator does not list it any more. */
  private async formerNamespaces(runs: readonly RunId[]): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const runId of runs)
      for (const { namespace } of (await this.records.read(runId))?.objects ?? []) found.add(namespace);
    const former = [...found].filter((name) => !this.options.settings.namespaces.includes(name));
    if (former.length > 0)
      this.options.logger.warn({ namespaces: former }, 'jobs are in namespaces that are not listed any more');
    return former;
  }

  private async connect(formerNamespaces: readonly string[]): Promise<Connection> {
    const { options } = this;
    const cluster = await (options.connect ?? connectCluster)(options.settings.context);
    const { namespaces } = options.settings;
    const onError = (error: unknown) =>
      options.logger.warn({ err: error }, 'the cluster is not heard; it will be asked again');
    const objects = createObjectsOfRun(cluster);
    const discovery = createDiscovery({ cluster, namespaces, onError });
    const view = createClusterView({
      cluster,
      namespaces,
      formerNamespaces,
      instance: options.instance,
      onChange: (runId) => this.loops.wake(runId),
      onError,
      ...(options.watchSeconds === undefined ? {} : { watchSeconds: options.watchSeconds }),
    });
    const keeper = new RunKeeper({
      cluster,
      objects,
      view: () => view,
      records: this.records,
      logs: options.logs,
      queue: this.queue,
      patience: options.settings,
      now: options.now,
      crash: options.crash,
      wake: (runId) => this.loops.wake(runId),
      wakeIn: (runId, millis) => this.loops.wakeIn(runId, millis),
      onError: (runId, error) => this.warn(runId, error),
    });
    this.connection = { cluster, objects, view, discovery, keeper };
    return this.connection;
  }

  private async follow(kinds: ReadonlySet<TrainingKind>): Promise<void> {
    const { view } = this.connected();
    await Promise.all([...kinds].map((kind) => view.follow(kind)));
  }

  /** The kind of the training operator that a run becomes; null where it is none, or the cluster has none. */
  private async servedKind({ spec }: RunPlan): Promise<TrainingKind | null> {
    const kind = trainingKindOf(spec);
    if (kind === null) return null;
    try {
      const kinds = await this.connected().discovery.served();
      await this.follow(kinds);
      return kinds.has(kind) ? kind : null;
    } catch (error) {
      throw new RunnerUnavailable(`the cluster does not say what it serves: ${error}`, { cause: error });
    }
  }

  private connected(): Connection {
    if (this.connection === null) throw new RunnerUnavailable('the cluster is not connected yet');
    return this.connection;
  }

  private async record(runId: RunId): Promise<RunRecord | null> {
    checkId(runId);
    return this.connection?.keeper.active.get(runId) ?? (await this.records.read(runId));
  }

  private async make(before: RunRecord, manifests: ReadonlyMap<RecordedObject, Manifest>): Promise<void> {
    const { keeper, objects } = this.connected();
    let record = { ...before, graceSeconds: this.options.graceSeconds };
    for (const [{ name }, manifest] of manifests) {
      const uid = await objects.ensure(manifest);
      this.options.crash('cluster.jobCreated');
      record = {
        ...record,
        objects: record.objects.map((one) => (one.name === name ? { ...one, uid } : one)),
      };
      await keeper.store(record);
      this.options.crash('cluster.jobRecorded');
    }
    const service = this.manifests.service(record);
    if (service === null) return;
    await objects.ensure(service);
    this.options.crash('cluster.serviceCreated');
  }

  /** Forgets the jobs that the cluster has refused, so that nobody waits for them. */
  private async takeBack(runId: RunId): Promise<void> {
    const { keeper } = this.connected();
    const record = await this.record(runId);
    if (record === null) return;
    const objects = record.objects.filter(({ uid }) => uid !== null);
    const names = new Set(objects.map(({ name }) => name));
    const jobs = record.jobs.filter(({ object, end }) => names.has(object) || end !== null);
    if (jobs.length > 0) return keeper.store({ ...record, objects, jobs });
    keeper.active.delete(runId);
    await this.records.remove(runId);
  }

  /**
   * Removes from the cluster what is of a run that is not known any more, as a restored database leaves it, and what has
   * ended for so long that it shall go, where its controller does not see to that.
   */
  private async collect(): Promise<void> {
    const { view, objects } = this.connected();
    for (const object of view.workloads()) {
      const record = await this.record(object.runId);
      if (record !== null && this.isOver(record, object)) await objects.removeWorkload(object);
    }
    for (const runId of view.runs()) {
      if (!isUuid(runId) || (await this.record(runId)) !== null || (await this.options.isKnown(runId)))
        continue;
      this.options.logger.warn({ runId }, 'removing objects of a run that is not known');
      for (const object of view.workloads().filter((one) => one.runId === runId))
        await objects.removeWorkload(object);
      for (const pod of view.podsOf(runId)) await objects.releasePod(pod);
    }
  }

  /** True for an object that outlives its time, which only the Job controller sees to. */
  private isOver({ jobs }: RunRecord, { kind, name }: WorkloadRef): boolean {
    const { now, settings } = this.options;
    const latest = now() - settings.ttlSeconds * 1_000_000;
    const isLate = (end: Observation | null) => end !== null && (end.finishedAt ?? 0) < latest;
    return kind !== 'Job' && jobs.filter(({ object }) => object === name).every(({ end }) => isLate(end));
  }

  private warn(runId: RunId, error: unknown): void {
    this.options.logger.warn({ err: error, runId }, 'a run on the cluster will be looked at again');
  }
}

/** Ids become names of files and objects. */
function checkId(id: string): void {
  if (!isUuid(id)) throw new TypeError('not an id');
}
