import { chmod, mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ArtifactRoot } from '../../core/artifact-path.js';
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
import type { AddressOf } from '../../core/topology.js';
import { createObservationQueue } from '../observation-queue.js';
import { type Cluster, connectCluster } from './cluster.js';
import { type ClusterView, createClusterView } from './cluster-view.js';
import { jobManifest, type Manifest, type Owner, serviceManifest } from './manifests.js';
import { fellowPort, serviceName } from './names.js';
import { createObjectsOfRun, type ObjectsOfRun } from './objects-of-run.js';
import { namespaceOf, remarksOf } from './placement.js';
import type { PodSetting, SharedFolders } from './pod-template.js';
import {
  createRecordStore,
  isOvertaken,
  namespaceOfJob,
  type RecordStore,
  type RunRecord,
  recordPlan,
} from './records.js';
import { RunKeeper } from './run-keeper.js';
import { createRunLoops, type RunLoops } from './run-loops.js';
import type { KubernetesSettings } from './settings.js';

/** What the runner tells whoever operates it. */
export interface RunnerLogger {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** What the runner needs of the store of artifacts, which lies below the data folder. */
export interface SharedArtifacts {
  /** The absolute path of a root's folder, made if need be. */
  localFolder(root: ArtifactRoot): Promise<string>;
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

/** How often what belongs to no run is looked for. */
const collectMillis = 120_000;

/** Runs jobs as pods of a cluster. Connects when it recovers. */
export function createKubernetesRunner(options: KubernetesRunnerOptions): Runner {
  return new KubernetesRunner(options);
}

interface Connection {
  readonly cluster: Cluster;
  readonly objects: ObjectsOfRun;
  readonly view: ClusterView;
  readonly keeper: RunKeeper;
}

class KubernetesRunner implements Runner {
  /** The cluster itself says who fits. */
  readonly slots = null;
  private readonly folder: string;
  private readonly records: RecordStore;
  private readonly queue = createObservationQueue();
  private readonly loops: RunLoops;
  private connection: Connection | null = null;
  private collector: NodeJS.Timeout | undefined;

  constructor(private readonly options: KubernetesRunnerOptions) {
    this.folder = join(options.dataFolder, 'kubernetes');
    this.records = createRecordStore(this.folder);
    this.loops = createRunLoops({
      look: async (runId) => this.connection?.keeper.lookAt(runId),
      onError: (runId, error) => this.warn(runId, error),
    });
  }

  reachable(): boolean {
    return this.connection?.view.isFresh() === true;
  }

  async recover(): Promise<void> {
    const { keeper, view } = await this.connect();
    await view.synced;
    for (const runId of await this.records.listActive()) {
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
      const record = recordPlan(before, plan, { namespace, now: this.options.now() });
      const manifests = await this.manifestsOf(record, plan);
      await keeper.store({ ...record, graceSeconds: this.options.graceSeconds });
      this.options.crash('cluster.recorded');
      try {
        await this.make(record, plan, manifests);
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
      for (const { object, place } of living) {
        const pod = view.pod(runId, object, place);
        if (pod !== null) await objects.endPod(pod, grace);
      }
      for (const name of new Set(living.map(({ object }) => object)))
        await objects.removeJob(namespaceOfJob(record, name), name);
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
    return job === undefined ? null : join(this.inboxFolder(runId, job.object), String(job.place));
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
      for (const pod of view.podsOf(runId)) await objects.releasePod(pod);
      for (const { namespace, name } of record.objects) await objects.removeJob(namespace, name);
      const services = new Map(record.objects.map(({ attempt, namespace }) => [attempt, namespace]));
      for (const [attempt, namespace] of services)
        await objects.removeService(namespace, serviceName(runId, attempt));
      await rm(join(this.folder, 'inboxes', runId), { recursive: true, force: true });
      await this.records.remove(runId);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.collector);
    this.queue.close();
    await this.loops.close();
    const { connection } = this;
    if (connection === null) return;
    connection.cluster.close();
    await Promise.all([connection.keeper.close(), connection.view.close()]);
  }

  private async connect(): Promise<Connection> {
    const { options } = this;
    const cluster = await (options.connect ?? connectCluster)(options.settings.context);
    const objects = createObjectsOfRun(cluster);
    const view = createClusterView({
      cluster,
      namespaces: options.settings.namespaces,
      instance: options.instance,
      onChange: (runId) => this.loops.wake(runId),
      onError: (error) =>
        options.logger.warn({ err: error }, 'the cluster is not heard; it will be asked again'),
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
    this.connection = { cluster, objects, view, keeper };
    return this.connection;
  }

  private connected(): Connection {
    if (this.connection === null) throw new RunnerUnavailable('the cluster is not connected yet');
    return this.connection;
  }

  private async record(runId: RunId): Promise<RunRecord | null> {
    checkId(runId);
    return this.connection?.keeper.active.get(runId) ?? (await this.records.read(runId));
  }

  /** The Jobs that the cluster does not have yet, with their records. Throws Rejected before anything is done. */
  private async manifestsOf(record: RunRecord, plan: RunPlan): Promise<ReadonlyMap<string, Manifest>> {
    const owner = this.ownerOf(record);
    const manifests = new Map<string, Manifest>();
    for (const { name, role: roleName, uid } of record.objects) {
      const planned = record.jobs
        .filter(({ object, end }) => object === name && end === null)
        .map(({ id }) => plan.jobs.find((job) => job.id === id));
      const jobs = planned.filter((job) => job !== undefined);
      const role = findRole(plan.spec, roleName);
      if (uid !== null || role === undefined || jobs.length === 0 || jobs.length < planned.length) continue;
      const shared = await this.sharedFolders(record, plan, name, jobs.length);
      manifests.set(name, jobManifest(name, { role, jobs }, owner, this.settingOf(record, plan, shared)));
    }
    return manifests;
  }

  private async make(
    before: RunRecord,
    plan: RunPlan,
    manifests: ReadonlyMap<string, Manifest>,
  ): Promise<void> {
    const { keeper, objects } = this.connected();
    let record = { ...before, graceSeconds: this.options.graceSeconds };
    for (const [name, manifest] of manifests) {
      const uid = await objects.ensure(manifest);
      this.options.crash('cluster.jobCreated');
      record = {
        ...record,
        objects: record.objects.map((one) => (one.name === name ? { ...one, uid } : one)),
      };
      await keeper.store(record);
      this.options.crash('cluster.jobRecorded');
    }
    const owners = record.objects.filter(({ attempt, uid }) => attempt === plan.attempt && uid !== null);
    if (owners.length === 0) return;
    const references = owners.map(({ name, uid }) => ({ apiVersion: 'batch/v1', kind: 'Job', name, uid }));
    await objects.ensure(
      serviceManifest(serviceName(plan.runId, plan.attempt), this.ownerOf(record), references),
    );
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

  private ownerOf({ runId, attempt, namespace }: RunRecord): Owner {
    return { instance: this.options.instance, runId, attempt, namespace };
  }

  private settingOf(record: RunRecord, plan: RunPlan, shared: SharedFolders | null): PodSetting {
    const { settings, graceSeconds } = this.options;
    const subdomain = serviceName(record.runId, record.attempt);
    return { plan, settings, graceSeconds, shared, subdomain, addressOf: addressesIn(record, subdomain) };
  }

  /** The folders on the claim; made here, for whoever the image's user is. */
  private async sharedFolders(
    { runId }: RunRecord,
    plan: RunPlan,
    object: string,
    replicas: number,
  ): Promise<SharedFolders | null> {
    const { settings, artifacts, dataFolder } = this.options;
    if (settings.claim === null) return null;
    const outputs = await artifacts.localFolder(plan.artifactRoot);
    await chmod(outputs, 0o777);
    const inboxes = this.inboxFolder(runId, object);
    for (let place = 0; place < replicas; place += 1) {
      const inbox = join(inboxes, String(place));
      await mkdir(inbox, { recursive: true });
      await chmod(inbox, 0o777);
    }
    const onClaim = (path: string) => join(settings.claimPath, relative(dataFolder, path));
    return {
      outputs: onClaim(outputs),
      inboxes: onClaim(inboxes),
      code: plan.code === null ? null : onClaim(await artifacts.localFolder(plan.code)),
    };
  }

  private inboxFolder(runId: RunId, object: string): string {
    return join(this.folder, 'inboxes', runId, object);
  }

  /** Removes from the cluster what is of a run that is not known any more, as a restored database leaves it. */
  private async collect(): Promise<void> {
    const { view, objects } = this.connected();
    for (const runId of view.runs()) {
      if (!isUuid(runId) || (await this.record(runId)) !== null || (await this.options.isKnown(runId)))
        continue;
      this.options.logger.warn({ runId }, 'removing objects of a run that is not known');
      for (const pod of view.podsOf(runId)) await objects.releasePod(pod);
      for (const { namespace, name } of view.jobsOf(runId)) await objects.removeJob(namespace, name);
    }
  }

  private warn(runId: RunId, error: unknown): void {
    this.options.logger.warn({ err: error, runId }, 'a run on the cluster will be looked at again');
  }
}

/** Replicas by the names that the cluster's DNS gives them; those that have ended are still told of. */
function addressesIn({ jobs, attempt, namespace }: RunRecord, subdomain: string): AddressOf {
  return (role, index) => {
    const wanted = role.toLowerCase();
    const job = jobs.findLast(
      (one) => one.attempt === attempt && one.role.toLowerCase() === wanted && one.index === index,
    );
    const host = `${job?.object ?? subdomain}-${job?.place ?? index}.${subdomain}.${namespace}.svc`;
    return { host, port: fellowPort };
  };
}

/** Ids become names of files and objects. */
function checkId(id: string): void {
  if (!isUuid(id)) throw new TypeError('not an id');
}
