import type { RunId } from '../../core/ids.js';
import type { Cluster } from './cluster.js';
import { createInformer, type Informer } from './informer.js';
import { labels } from './names.js';
import type { ClusterObject, EventObject, PodObject } from './objects.js';
import { isTelling, type Notice } from './observe.js';
import {
  collectionOf,
  type FoundWorkload,
  isPodOf,
  type PodPlace,
  rulesOf,
  type TrainingKind,
  type WorkloadKind,
  type WorkloadObject,
  type WorkloadRef,
  type WorkloadState,
} from './workloads.js';

/** Franca's objects in its namespaces, as the cluster last told them. */
export interface ClusterView {
  /** Resolves when all of them are known, but for those in former namespaces. */
  readonly synced: Promise<void>;
  /** True while all namespaces are heard, but for former ones. */
  isFresh(): boolean;
  /** Follows the objects of another kind, too; resolves as `synced` does. */
  follow(kind: TrainingKind): Promise<void>;
  /** What an object says of its pods; null where it is not there. */
  workload(ref: WorkloadRef): WorkloadState | null;
  /** All objects that make pods. */
  workloads(): readonly FoundWorkload[];
  /** The pod at a place; the first, should the cluster ever have made another. */
  pod(runId: RunId, place: PodPlace): PodObject | null;
  podsOf(runId: RunId): readonly PodObject[];
  /** The last event that tells something about an object of this name. */
  notice(namespace: string, name: string): Notice | null;
  /** Every run that has an object. */
  runs(): ReadonlySet<RunId>;
  close(): Promise<void>;
}

export interface ClusterViewOptions {
  readonly cluster: Cluster;
  readonly namespaces: readonly string[];
  /** Others, in which jobs of before still are. Franca may have no rights there any more, so nothing waits for them. */
  readonly formerNamespaces: readonly string[];
  readonly instance: string;
  readonly onChange: (runId: RunId) => void;
  readonly onError: (error: unknown) => void;
  readonly watchSeconds?: number;
}

/** One namespace. */
interface NamespaceView {
  readonly namespace: string;
  readonly informers: readonly Informer<ClusterObject>[];
  readonly workloads: ReadonlyMap<WorkloadKind, Informer<WorkloadObject>>;
  readonly pods: Groups<PodObject>;
  /** By the name of what they are about. */
  readonly notices: Groups<EventObject>;
  follow(kind: WorkloadKind): Informer<WorkloadObject>;
}

/** Begins to follow the namespaces. */
export function createClusterView(options: ClusterViewOptions): ClusterView {
  const awaited = options.namespaces.map((namespace) => followNamespace(namespace, options));
  const former = options.formerNamespaces.map((namespace) => followNamespace(namespace, options));
  const views = [...awaited, ...former];
  const viewOf = (namespace: string) => views.find((view) => view.namespace === namespace);
  const podsOf = (runId: RunId) => views.flatMap(({ pods }) => pods.of(runId));
  const synced = async (some: readonly Informer<ClusterObject>[]) => {
    await Promise.all(some.map((informer) => informer.synced));
  };
  function workloads(): readonly FoundWorkload[] {
    return views.flatMap(({ namespace, workloads }) =>
      [...workloads].flatMap(([kind, informer]) =>
        [...informer.values()].flatMap((object): FoundWorkload[] => {
          const runId = runOf(object);
          return runId === null ? [] : [{ namespace, kind, name: object.metadata?.name ?? '', runId }];
        }),
      ),
    );
  }
  return {
    synced: synced(informersOf(awaited)),
    isFresh: () => informersOf(awaited).every((informer) => informer.isFresh()),
    async follow(kind) {
      for (const view of former) view.follow(kind);
      await synced(awaited.map((view) => view.follow(kind)));
    },
    workload({ namespace, kind, name }) {
      const object = viewOf(namespace)?.workloads.get(kind)?.get(name);
      return object === undefined ? null : rulesOf(kind).stateOf(object);
    },
    workloads,
    pod: (runId, place) =>
      podsOf(runId)
        .filter((pod) => isPodOf(pod, place))
        .sort(byAge)[0] ?? null,
    podsOf,
    notice(namespace, name) {
      const about = viewOf(namespace)?.notices.of(name) ?? [];
      const last = [...about].sort((a, b) => timeOf(a) - timeOf(b)).at(-1);
      return last === undefined ? null : { reason: last.reason ?? '', message: last.message ?? '' };
    },
    runs: () =>
      new Set([
        ...views.flatMap(({ pods }) => [...pods.keys()] as RunId[]),
        ...workloads().map(({ runId }) => runId),
      ]),
    async close() {
      await Promise.all(informersOf(views).map((informer) => informer.close()));
    },
  };
}

function informersOf(views: readonly NamespaceView[]): readonly Informer<ClusterObject>[] {
  return views.flatMap((view) => [...view.informers, ...view.workloads.values()]);
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

function followNamespace(namespace: string, options: ClusterViewOptions): NamespaceView {
  const { cluster, instance, onChange, onError } = options;
  const watchSeconds = options.watchSeconds === undefined ? {} : { watchSeconds: options.watchSeconds };
  const common = { cluster, onError, ...watchSeconds };
  const own = { ...common, labelSelector: `${labels.instance}=${instance}` };
  const workloads = new Map<WorkloadKind, Informer<WorkloadObject>>();
  const pods = createGroups<PodObject>();
  const notices = createGroups<EventObject>();
  /** Which run an object that events are about is of, by its name. */
  const runs = new Map<string, RunId>();

  function note(object: ClusterObject, gone: boolean): void {
    const runId = runOf(object);
    if (runId === null) return;
    const name = object.metadata?.name ?? '';
    if (gone) runs.delete(name);
    else runs.set(name, runId);
    onChange(runId);
  }

  function follow(kind: WorkloadKind): Informer<WorkloadObject> {
    const known = workloads.get(kind);
    if (known !== undefined) return known;
    const path = collectionOf(kind, namespace);
    const informer = createInformer<WorkloadObject>({
      ...own,
      path,
      isOptional: kind !== 'Job',
      onChange: note,
    });
    workloads.set(kind, informer);
    return informer;
  }

  follow('Job');
  const podInformer = createInformer<PodObject>({
    ...own,
    path: `/api/v1/namespaces/${namespace}/pods`,
    onChange(pod, gone) {
      const runId = runOf(pod);
      if (runId !== null) pods.put(runId, pod, gone);
      note(pod, gone);
    },
  });
  const events = createInformer<EventObject>({
    ...common,
    path: `/api/v1/namespaces/${namespace}/events`,
    keep: ({ involvedObject, reason = '' }) =>
      involvedObject?.name?.startsWith('r-') === true && isTelling(reason),
    onChange(event, gone) {
      const name = event.involvedObject?.name ?? '';
      notices.put(name, event, gone);
      const runId = runs.get(name);
      if (runId !== undefined) onChange(runId);
    },
  });
  return { namespace, informers: [podInformer, events], workloads, pods, notices, follow };
}

/** Which run an object is of; null for one that bears no such label. */
function runOf(object: ClusterObject): RunId | null {
  return (object.metadata?.labels?.[labels.run] as RunId | undefined) ?? null;
}

function byAge(a: PodObject, b: PodObject): number {
  const [first = '', second = ''] = [a.metadata?.creationTimestamp, b.metadata?.creationTimestamp];
  return first < second ? -1 : first > second ? 1 : 0;
}

function timeOf({ lastTimestamp, eventTime, metadata }: EventObject): number {
  return Date.parse(lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '') || 0;
}
