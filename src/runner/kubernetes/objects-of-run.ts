import type { RunId } from '../../core/ids.js';
import { Rejected, RunnerUnavailable } from '../../core/ports/runner.js';
import { ApiError, type Cluster, isPassing, isStatus } from './cluster.js';
import type { Manifest } from './manifests.js';
import { captureFinalizer, labels } from './names.js';
import type { ClusterObject, PodObject } from './objects.js';
import {
  collectionOf,
  rulesOf,
  type WorkloadKind,
  type WorkloadObject,
  type WorkloadRef,
  type WorkloadState,
} from './workloads.js';

/** What Franca does to objects of the cluster. Each is done again without harm. */
export interface ObjectsOfRun {
  /**
   * Makes an object, or finds the one that an earlier try has made; gives its uid.
   *
   * @throws Rejected for what the cluster refuses, and for a name that somebody else has taken.
   * @throws RunnerUnavailable where another try may succeed.
   */
  ensure(manifest: Manifest): Promise<string>;
  /** What an object says of its pods, asked for afresh; null where it is not there. */
  findWorkload(ref: WorkloadRef): Promise<WorkloadState | null>;
  /** The pods of a run, asked for afresh. */
  findPods(namespace: string, runId: RunId): Promise<readonly PodObject[]>;
  /** Begins to end a pod: SIGTERM, and SIGKILL after the grace; 0 takes it from the cluster at once, whatever its node does. */
  endPod(pod: PodObject, graceSeconds: number): Promise<void>;
  /** Lets go of a pod that is captured. */
  releasePod(pod: PodObject): Promise<void>;
  /** Removes an object that makes pods, once these are gone: it makes no more from now on. */
  removeWorkload(ref: WorkloadRef): Promise<void>;
  removeService(namespace: string, name: string): Promise<void>;
}

type Kind = WorkloadKind | 'Pod' | 'Service';

function pathOf(kind: Kind, namespace: string, name = ''): string {
  const core = { Pod: 'pods', Service: 'services' } as const;
  const collection =
    kind === 'Pod' || kind === 'Service'
      ? `/api/v1/namespaces/${namespace}/${core[kind]}`
      : collectionOf(kind, namespace);
  return name === '' ? collection : `${collection}/${encodeURIComponent(name)}`;
}

/** The API's path of a pod. */
export function podPath({ metadata }: PodObject): string {
  return pathOf('Pod', metadata?.namespace ?? '', metadata?.name ?? '');
}

export function createObjectsOfRun(cluster: Cluster): ObjectsOfRun {
  async function find<T>(path: string): Promise<T | null> {
    try {
      return await cluster.request<T>({ path });
    } catch (error) {
      if (isStatus(error, 404)) return null;
      throw error;
    }
  }

  async function remove(path: string, options: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      await cluster.request({ method: 'DELETE', path, body: options });
    } catch (error) {
      // Another pod of this name is not the one that was meant.
      if (!isStatus(error, 404) && !isStatus(error, 409)) throw error;
    }
  }

  async function adopt({ kind, metadata }: Manifest): Promise<string> {
    const found = await find<ClusterObject>(pathOf(kind, metadata.namespace, metadata.name));
    const wanted = (metadata.labels ?? {}) as Readonly<Record<string, string>>;
    if (found === null) throw new RunnerUnavailable(`${kind} ${metadata.name} came and went`);
    for (const label of [labels.instance, labels.run, labels.attempt]) {
      if (found.metadata?.labels?.[label] === wanted[label]) continue;
      const message = `the name ${metadata.name} is taken by a ${kind} that is not of this run`;
      throw new Rejected('submit_rejected', message);
    }
    return found.metadata?.uid ?? '';
  }

  async function release(pod: PodObject): Promise<void> {
    const { uid, finalizers = [] } = pod.metadata ?? {};
    const path = `/metadata/finalizers/${finalizers.indexOf(captureFinalizer)}`;
    if (!finalizers.includes(captureFinalizer)) return;
    try {
      await cluster.request({
        method: 'PATCH',
        path: podPath(pod),
        mediaType: 'application/json-patch+json',
        body: [
          { op: 'test', path: '/metadata/uid', value: uid },
          { op: 'test', path, value: captureFinalizer },
          { op: 'remove', path },
        ],
      });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  return {
    async ensure(manifest) {
      const { kind, metadata } = manifest;
      try {
        const made = await cluster.request<ClusterObject>({
          method: 'POST',
          path: pathOf(kind, metadata.namespace),
          // A misspelt field of an affinity would be dropped, and the pod run anywhere.
          query: { fieldManager: 'franca', fieldValidation: 'Strict' },
          body: manifest,
        });
        return made.metadata?.uid ?? '';
      } catch (error) {
        if (error instanceof ApiError && error.reason === 'AlreadyExists') return await adopt(manifest);
        throw explained(error, kind);
      }
    },
    async findWorkload({ namespace, kind, name }) {
      const found = await find<WorkloadObject>(pathOf(kind, namespace, name));
      return found === null ? null : rulesOf(kind).stateOf(found);
    },
    async findPods(namespace, runId) {
      const list = await cluster.request<{ readonly items?: readonly PodObject[] }>({
        path: pathOf('Pod', namespace),
        query: { labelSelector: `${labels.run}=${runId}` },
      });
      return list.items ?? [];
    },
    async endPod(pod, graceSeconds) {
      const { uid } = pod.metadata ?? {};
      await remove(podPath(pod), {
        gracePeriodSeconds: graceSeconds,
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      });
    },
    async releasePod(pod) {
      try {
        await release(pod);
      } catch (error) {
        if (!isStatus(error, 422)) throw error;
        // Another controller's finalizer went meanwhile.
        const now = await find<PodObject>(podPath(pod));
        if (now !== null) await release(now);
      }
    },
    removeWorkload: ({ namespace, kind, name }) =>
      remove(pathOf(kind, namespace, name), { propagationPolicy: 'Foreground' }),
    removeService: (namespace, name) => remove(pathOf('Service', namespace, name), {}),
  };
}

/** What a refusal means to whoever submitted. */
function explained(error: unknown, kind: string): Error {
  if (!(error instanceof ApiError))
    return new RunnerUnavailable(`the cluster cannot be reached: ${String(error)}`, { cause: error });
  const isPassingRefusal = error.status === 401 || /exceeded quota/.test(error.message);
  if (isPassing(error) || isPassingRefusal) return new RunnerUnavailable(error.message, { cause: error });
  return new Rejected('submit_rejected', `the cluster refuses the ${kind}: ${error.message}`, {
    cause: error,
  });
}
