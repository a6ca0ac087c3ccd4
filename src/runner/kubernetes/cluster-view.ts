import type { RunId } from '../../core/ids.js';
import type { Cluster } from './cluster.js';
import { createInformer, type Informer } from './informer.js';
import { indexAnnotation, labels } from './names.js';
import type { EventObject, JobObject, PodObject } from './objects.js';
import type { Warning } from './observe.js';

/** Franca's objects in its namespaces, as the cluster last told them. */
export interface ClusterView {
  /** Resolves when all of them are known. */
  readonly synced: Promise<void>;
  /** True while all namespaces are heard. */
  isFresh(): boolean;
  job(namespace: string, name: string): JobObject | null;
  /** The pod of an index of a Job; the first, should the cluster ever have made another. */
  pod(namespace: string, jobName: string, index: number): PodObject | null;
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
  readonly pods: Informer<PodObject>;
  readonly jobs: Informer<JobObject>;
  readonly warnings: Informer<EventObject>;
}

/** Begins to follow the namespaces. */
export function createClusterView(options: ClusterViewOptions): ClusterView {
  const views = new Map<string, NamespaceView>();
  for (const namespace of options.namespaces) views.set(namespace, follow(namespace, options));
  const informers = [...views.values()].flatMap(({ pods, jobs, warnings }) => [pods, jobs, warnings]);

  const podsWhere = (view: NamespaceView | undefined, wanted: (pod: PodObject) => boolean) =>
    [...(view?.pods.values() ?? [])].filter(wanted).sort(byAge);

  return {
    synced: Promise.all(informers.map(({ synced }) => synced)).then(() => undefined),
    isFresh: () => informers.every((informer) => informer.isFresh()),
    job: (namespace, name) => views.get(namespace)?.jobs.get(name) ?? null,
    pod(namespace, jobName, index) {
      const found = podsWhere(
        views.get(namespace),
        (pod) => jobNameOf(pod) === jobName && indexOf(pod) === String(index),
      );
      return found[0] ?? null;
    },
    podsOf: (runId) => [...views.values()].flatMap((view) => podsWhere(view, (pod) => runOf(pod) === runId)),
    jobsOf: (runId) =>
      [...views].flatMap(([namespace, { jobs }]) =>
        [...jobs.values()]
          .filter((job) => runOf(job) === runId)
          .map(({ metadata }) => ({ namespace, name: metadata?.name ?? '' })),
      ),
    warning(namespace, names) {
      const about = [...(views.get(namespace)?.warnings.values() ?? [])].filter(({ involvedObject }) =>
        names.includes(involvedObject?.name ?? ''),
      );
      const last = about.sort((a, b) => timeOf(a) - timeOf(b)).at(-1);
      return last === undefined ? null : { reason: last.reason ?? '', message: last.message ?? '' };
    },
    runs() {
      const objects = [...views.values()].flatMap(({ pods, jobs }) => [...pods.values(), ...jobs.values()]);
      return new Set(objects.map(runOf).filter((runId) => runId !== null));
    },
    async close() {
      await Promise.all(informers.map((informer) => informer.close()));
    },
  };
}

function follow(namespace: string, options: ClusterViewOptions): NamespaceView {
  const { cluster, instance, onChange, onError } = options;
  const watchSeconds = options.watchSeconds === undefined ? {} : { watchSeconds: options.watchSeconds };
  const own = { cluster, labelSelector: `${labels.instance}=${instance}`, onError, ...watchSeconds };
  const changed = (object: PodObject | JobObject) => {
    const runId = runOf(object);
    if (runId !== null) onChange(runId);
  };
  const jobs = createInformer<JobObject>({
    ...own,
    path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
    onChange: changed,
  });
  const pods = createInformer<PodObject>({
    ...own,
    path: `/api/v1/namespaces/${namespace}/pods`,
    onChange: changed,
  });
  const warnings = createInformer<EventObject>({
    cluster,
    onError,
    ...watchSeconds,
    path: `/api/v1/namespaces/${namespace}/events`,
    fieldSelector: 'type=Warning',
    keep: ({ involvedObject }) => involvedObject?.name?.startsWith('r-') === true,
    onChange({ involvedObject }) {
      const name = involvedObject?.name ?? '';
      const object = involvedObject?.kind === 'Job' ? jobs.get(name) : pods.get(name);
      if (object !== undefined) changed(object);
    },
  });
  return { jobs, pods, warnings };
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
