import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type Cluster, isStatus } from './cluster.js';
import type { ClusterObject } from './objects.js';

/** What of a cluster is kept in sight. */
export interface InformerOptions<T extends ClusterObject> {
  readonly cluster: Cluster;
  /** Of the collection. */
  readonly path: string;
  readonly labelSelector?: string;
  /** Told of each object that came, changed or (with `gone`) went. */
  readonly onChange: (object: T, gone: boolean) => void;
  readonly onError: (error: unknown) => void;
  /** Which objects are kept and told of; all without it. */
  readonly keep?: (object: T) => boolean;
  /** True for a kind that the cluster may cease to serve: it has no objects then. */
  readonly isOptional?: boolean;
  /** How long one watch lasts at least, in seconds; a silent one counts as broken soon after. For tests. */
  readonly watchSeconds?: number;
}

/** A copy of a collection that follows the cluster: one list, then a watch, so that it costs requests as things change. */
export interface Informer<T extends ClusterObject> {
  /** Resolves when the first list is here. */
  readonly synced: Promise<void>;
  /** True while the cluster is heard. */
  readonly isFresh: () => boolean;
  values(): IterableIterator<T>;
  get(name: string): T | undefined;
  close(): Promise<void>;
}

interface Listed<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[];
}

interface WatchEvent<T> {
  readonly type?: string;
  readonly object?: T & { readonly code?: number; readonly message?: string; readonly reason?: string };
}

const pageSize = 500;
const firstWaitMillis = 250;
const longestWaitMillis = 15_000;
/** Beyond the time that a watch was asked for, its end may take so long. */
const silenceMillis = 5_000;
const maxLineBytes = 64 * 1024 * 1024;

/** Begins to follow a collection. Whatever breaks, it lists again after a wait that grows, and tells what changed meanwhile. */
export function createInformer<T extends ClusterObject>(options: InformerOptions<T>): Informer<T> {
  const { cluster, path, labelSelector, keep = () => true } = options;
  const objects = new Map<string, T>();
  const closing = new AbortController();
  const { signal } = closing;
  let failures = 0;
  let isFresh = false;
  let onSynced = () => {};
  const synced = new Promise<void>((resolve) => {
    onSynced = resolve;
  });

  function put(object: T): void {
    const name = object.metadata?.name ?? '';
    const slim = withoutManagedFields(object);
    if (!keep(slim)) {
      drop(slim);
      return;
    }
    objects.set(name, slim);
    options.onChange(slim, false);
  }

  function drop(object: T): void {
    if (objects.delete(object.metadata?.name ?? '')) options.onChange(object, true);
  }

  async function list(): Promise<string> {
    const seen = new Set<string>();
    let next: string | undefined;
    let version = '';
    do {
      const page: Listed<T> = await cluster.request({
        path,
        query: { labelSelector, limit: pageSize, continue: next },
        signal,
      });
      for (const object of page.items ?? []) {
        const name = object.metadata?.name ?? '';
        seen.add(name);
        if (objects.get(name)?.metadata?.resourceVersion !== object.metadata?.resourceVersion) put(object);
      }
      next = page.metadata?.continue || undefined;
      version = page.metadata?.resourceVersion ?? '';
    } while (next !== undefined);
    for (const [name, object] of [...objects]) if (!seen.has(name)) drop(object);
    return version;
  }

  /** Follows the collection from a version on until the watch ends as it should; gives the version to go on from. */
  async function watch(from: string): Promise<string> {
    const seconds = Math.round((options.watchSeconds ?? 60) * (1 + Math.random() / 2));
    const silence = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(fallenSilent, seconds * 1000 + silenceMillis);
    };
    const fallenSilent = () => {
      cluster.renewConnections();
      silence.abort();
    };
    heard();
    const began = performance.now();
    let version = from;
    try {
      const bytes = await cluster.stream({
        path,
        query: {
          labelSelector,
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: from,
          timeoutSeconds: seconds,
        },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      for await (const line of linesOf(bytes)) {
        heard();
        version = take(JSON.parse(line) as WatchEvent<T>) ?? version;
        failures = 0;
      }
    } finally {
      clearTimeout(timer);
    }
    if (performance.now() - began < 1000 && version === from) throw new Error('the watch was closed at once');
    return version;
  }

  function take({ type, object }: WatchEvent<T>): string | undefined {
    if (object === undefined) return undefined;
    if (type === 'ERROR') throw new ApiError(object.code ?? 500, object.reason ?? '', object.message ?? '');
    if (type === 'ADDED' || type === 'MODIFIED') put(object);
    if (type === 'DELETED') drop(object);
    return object.metadata?.resourceVersion;
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        let version = await list();
        isFresh = true;
        onSynced();
        while (!signal.aborted) version = await watch(version);
      } catch (error) {
        isFresh = options.isOptional === true && isStatus(error, 404);
        if (signal.aborted) return;
        if (isFresh) {
          for (const object of [...objects.values()]) drop(object);
          onSynced();
        }
        // A watch that is too old is no fault: it is what a list is for.
        if (!isFresh && !isStatus(error, 410)) options.onError(error);
        const wait = Math.min(longestWaitMillis, firstWaitMillis * 2 ** failures) * (0.5 + Math.random() / 2);
        failures += 1;
        await delay(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  const following = follow();
  return {
    synced,
    isFresh: () => isFresh,
    values: () => objects.values(),
    get: (name) => objects.get(name),
    async close() {
      closing.abort();
      await following;
    },
  };
}

/** They are a third of an object, and of no use here. */
function withoutManagedFields<T extends ClusterObject>(object: T): T {
  const { managedFields: _, ...metadata } = { managedFields: undefined, ...object.metadata };
  return { ...object, metadata };
}

async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...held, chunk.subarray(start, end)]).toString('utf8');
      held = [];
      length = 0;
      start = end + 1;
    }
    held.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maxLineBytes) throw new Error('a line of the watch is too long');
  }
}
