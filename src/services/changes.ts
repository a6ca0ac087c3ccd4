import type { RunKey } from '../core/ids.js';
import type { Changes, Repositories, Store } from '../core/ports/index.js';

/** Listeners by run. A run that nobody listens to costs nothing. */
export function createChanges(): Changes {
  const listeners = new Map<RunKey, Set<() => void>>();
  return {
    changed(runKey) {
      for (const listener of listeners.get(runKey) ?? []) listener();
    },
    listen(runKey, listener) {
      // Wrapped, so that the same function may listen twice.
      const own = () => listener();
      const ofRun = listeners.get(runKey) ?? new Set();
      listeners.set(runKey, ofRun.add(own));
      return () => {
        if (ofRun.delete(own) && ofRun.size === 0) listeners.delete(runKey);
      };
    },
  };
}

/**
 * The same store, which tells of every run that a transaction changed once that is committed. Here and
 * not in each verb, so that no verb can forget it. Heartbeats are no change: they come all the time.
 */
export function announcing(store: Store, changes: Changes): Store {
  return {
    ...store,
    async transaction(work) {
      const changed = new Set<RunKey>();
      const result = await store.transaction((tx) => work(noting(tx, changed)));
      for (const runKey of changed) changes.changed(runKey);
      return result;
    },
  };
}

function noting(tx: Repositories, changed: Set<RunKey>): Repositories {
  const { runs, jobs, statuses } = tx;
  const noted = (keys: readonly RunKey[]): readonly RunKey[] => {
    for (const key of keys) changed.add(key);
    return keys;
  };
  return {
    ...tx,
    runs: {
      ...runs,
      update(key, patch, updatedAt) {
        if (Object.keys(patch).some((name) => name !== 'heartbeatAt')) changed.add(key);
        return runs.update(key, patch, updatedAt);
      },
      async trashActive(projectKey, at) {
        return noted(await runs.trashActive(projectKey, at));
      },
      async restoreTrashed(projectKey, trashedAt, updatedAt) {
        return noted(await runs.restoreTrashed(projectKey, trashedAt, updatedAt));
      },
      async markForPurge(projectKey, at) {
        return noted(await runs.markForPurge(projectKey, at));
      },
      remove(key) {
        changed.add(key);
        return runs.remove(key);
      },
    },
    jobs: {
      ...jobs,
      insert(runKey, added) {
        changed.add(runKey);
        return jobs.insert(runKey, added);
      },
    },
    statuses: {
      ...statuses,
      append(event) {
        changed.add(event.runKey);
        return statuses.append(event);
      },
    },
  };
}
