import type { RunId } from '../../core/ids.js';
import type { Cluster } from './cluster.js';
import { createInformer, type Informer } from './informer.js';
import { indexAnnotation, labels } from './names.js';
import type { ClusterObject, EventObject, JobObject, PodObject } from './objects.js';
import type { Warning } from './observe.js';

/** Franca's objects in its namespaces, as the cluster last told them. */
export interface ClusterView {
  /** Resolves when all of them are known. */
  readonly synced: Promise<void>;
  /** True while all namespaces are heard. */
  isFresh(): boolean;
  job(namespace: string, name: string): JobObject | null;
  /** The pod of an index of a Job; the first, should the cluster ever have made another. */
  pod(runId: RunId, jobName: string, index: number): PodObject | null;
  podsOf(runId: RunId): readonly PodObject[];
  jobsOf(runId: RunId): readonly { readonly namespace: string; readonly name: string }[];
  /** The last warning about any of these objects. */
  warning(namespace: string, names: readonly string[]): Warning | null;
  /** Every run that has an object. */
  runs(): ReadonlySet<RunId>;
  close(): Promise<void>;
}

export interface ClusterViewOptions {
  readonly cluster: Cluster;
  readonly namespaces: readonly string[];
  readonly instance: string;
  readonly onChange: (runId: RunId) => void;
  readonly onError: (error: unknown) => void;
  readonly watchSeconds?: number;
}

interface NamespaceView {
  readonly namespace: string;
  readonly informers: readonly Informer<ClusterObject>[];
  readonly jobs: Informer<JobObject>;
  readonly pods: Groups<PodObject>;
  readonly jobsOfRuns: Groups<JobObject>;
  /** By the name of what they are about. */
  readonly warnings: Groups<EventObject>;
}

/** Begins to follow the namespaces. */
export function createClusterView(options: ClusterViewOptions): ClusterView {
  const views = options.namespaces.map((namespace) => follow(namespace, options));
  const informers = views.flatMap((view) => view.informers);
  const viewOf = (namespace: string) => views.find((view) => view.namespace === namespace);
  const podsOf = (runId: RunId) => views.flatMap(({ pods }) => pods.of(runId));
  return {
    synced: Promise.all(informers.map(({ synced }) => synced)).then(() => undefined),
    isFresh: () => informers.every((informer) => informer.isFresh()),
    job: (namespace, name) => viewOf(namespace)?.jobs.get(name) ?? null,
    pod(runId, jobName, index) {
      const found = podsOf(runId).filter(
        (pod) => jobNameOf(pod) === jobName && indexOf(pod) === String(index),
      );
      return found.sort(byAge)[0] ?? null;
    },
    podsOf,
    jobsOf: (runId) =>
      views.flatMap(({ namespace, jobsOfRuns }) =>
        jobsOfRuns.of(runId).map(({ metadata }) => ({ namespace, name: metadata?.name ?? '' })),
      ),
    warning(namespace, names) {
      const about = names.flatMap((name) => viewOf(namespace)?.warnings.of(name) ?? []);
      const last = about.sort((a, b) => timeOf(a) - timeOf(b)).at(-1);
      return last === undefined ? null : { reason: last.reason ?? '', message: last.message ?? '' };
    },
    runs: () =>
      new Set(views.flatMap(({ pods, jobsOfRuns }) => [...pods.keys(), ...jobsOfRuns.keys()]) as RunId[]),
    async close() {
      await Promise.all(informers.map((informer) => informer.close()));
    },
  };
}

/** Objects by what they belong to. */
interface Groups<T extends ClusterObject> {
  put(key: string, object: T, gone: boolean): void;
  of(key: string): readonly T[];
  keys(): Iterable<string>;
}

function createGroups<T extends ClusterObject>(): Groups<T> {
  const groups = new Map<string, Map<string, T>>();
  return {
    put(key, object, gone) {
      const group = groups.get(key) ?? new Map<string, T>();
      const name = object.metadata?.name ?? '';
      if (gone) group.delete(name);
      else group.set(name, object);
      if (group.size === 0) groups.delete(key);
      else groups.set(key, group);
    },
    of: (key) => [...(groups.get(key)?.values() ?? [])],
    keys: () => groups.keys(),
  };
}

function follow(namespace: string, options: ClusterViewOptions): NamespaceView {
  const { cluster, instance, onChange, onError } = options;
  const watchSeconds = options.watchSeconds === undefined ? {} : { watchSeconds: options.watchSeconds };
  const common = { cluster, onError, ...watchSeconds };
  const own = { ...common, labelSelector: `${labels.instance}=${instance}` };
  const pods = createGroups<PodObject>();
  const jobsOfRuns = createGroups<JobObject>();
  const warnings = createGroups<EventObject>();
  /** Which run an object that warnings are about is of, by its name. */
  const runs = new Map<string, RunId>();

  function noting<T extends PodObject | JobObject>(groups: Groups<T>) {
    return (object: T, gone: boolean) => {
      const runId = runOf(object);
      if (runId === null) return;
      const name = object.metadata?.name ?? '';
      groups.put(runId, object, gone);
      if (gone) runs.delete(name);
      else runs.set(name, runId);
      onChange(runId);
    };
  }

  const jobs = createInformer<JobObject>({
    ...own,
    path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
    onChange: noting(jobsOfRuns),
  });
  const podInformer = createInformer<PodObject>({
    ...own,
    path: `/api/v1/namespaces/${namespace}/pods`,
    onChange: noting(pods),
  });
  const events = createInformer<EventObject>({
    ...common,
    path: `/api/v1/namespaces/${namespace}/events`,
    fieldSelector: 'type=Warning',
    keep: ({ involvedObject }) => involvedObject?.name?.startsWith('r-') === true,
    onChange(event, gone) {
      const name = event.involvedObject?.name ?? '';
      warnings.put(name, event, gone);
      const runId = runs.get(name);
      if (runId !== undefined) onChange(runId);
    },
  });
  return { namespace, informers: [jobs, podInformer, events], jobs, pods, jobsOfRuns, warnings };
}

/** Which run an object is of; null for one that bears no such label. */
export function runOf(object: PodObject | JobObject): RunId | null {
  return (object.metadata?.labels?.[labels.run] as RunId | undefined) ?? null;
}

function jobNameOf({ metadata }: PodObject): string | undefined {
  return metadata?.labels?.['batch.kubernetes.io/job-name'];
}

function indexOf({ metadata }: PodObject): string | undefined {
  return metadata?.annotations?.[indexAnnotation];
}

function byAge(a: PodObject, b: PodObject): number {
  const [first = '', second = ''] = [a.metadata?.creationTimestamp, b.metadata?.creationTimestamp];
  return first < second ? -1 : first > second ? 1 : 0;
}

function timeOf({ lastTimestamp, eventTime, metadata }: EventObject): number {
  return Date.parse(lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '') || 0;
}
