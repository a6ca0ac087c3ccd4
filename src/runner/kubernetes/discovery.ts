import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, isStatus } from './cluster.js';
import { collectionOf, type TrainingKind, trainingApi, trainingKinds, trainingRules } from './workloads.js';

/** Which kinds of the training operator a cluster serves, and lets Franca use. */
export interface Discovery {
  /** Resolves when that is known for the first time. */
  readonly known: Promise<ReadonlySet<TrainingKind>>;
  /** The kinds, as they are now or were within the last minute. Rejects as the cluster does. */
  served(): Promise<ReadonlySet<TrainingKind>>;
  close(): void;
}

export interface DiscoveryOptions {
  readonly cluster: Cluster;
  /** In all of which a kind has to be usable. */
  readonly namespaces: readonly string[];
  readonly onError: (error: unknown) => void;
}

const freshMillis = 60_000;
const waitMillis = 1_000;

/** Begins to ask, until the cluster answers. */
export function createDiscovery({ cluster, namespaces, onError }: DiscoveryOptions): Discovery {
  const closing = new AbortController();
  const { signal } = closing;
  let last: { readonly kinds: Promise<ReadonlySet<TrainingKind>>; readonly at: number } | null = null;

  async function ask(): Promise<ReadonlySet<TrainingKind>> {
    const group = await orNull<{ readonly resources?: readonly { readonly name?: string }[] }>(
      `/apis/${trainingApi}`,
    );
    const names = new Set(group?.resources?.map(({ name }) => name));
    const there = trainingKinds.filter((kind) => names.has(trainingRules[kind].plural));
    const usable = await Promise.all(there.map(isUsable));
    return new Set(there.filter((_, place) => usable[place]));
  }

  /** Whether Franca may use a kind is learned by using it; a Role has all rights to it or none. */
  async function isUsable(kind: TrainingKind): Promise<boolean> {
    const lists = await Promise.all(
      namespaces.map((namespace) => orNull(collectionOf(kind, namespace), { limit: 1 })),
    );
    return !lists.includes(null);
  }

  async function orNull<T>(path: string, query = {}): Promise<T | null> {
    try {
      return await cluster.request<T>({ path, query, signal });
    } catch (error) {
      if (isStatus(error, 404) || isStatus(error, 403)) return null;
      throw error;
    }
  }

  function served(): Promise<ReadonlySet<TrainingKind>> {
    if (last !== null && performance.now() - last.at < freshMillis) return last.kinds;
    const kinds = ask();
    const asked = { kinds, at: performance.now() };
    last = asked;
    kinds.catch(() => {
      if (last === asked) last = null;
    });
    return kinds;
  }

  async function persist(resolve: (kinds: ReadonlySet<TrainingKind>) => void): Promise<void> {
    while (!signal.aborted) {
      try {
        return resolve(await served());
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
        await delay(waitMillis, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  const known = new Promise<ReadonlySet<TrainingKind>>((resolve) => void persist(resolve));
  return { known, served, close: () => closing.abort() };
}
