import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { Repositories } from '../../../src/core/ports/index.js';
import { aPlace, aRun, aSpec, newEvent, newRun } from './fixtures.js';
import type { Subject } from './suite.js';

/** What a transaction promises. */
export function transactionCases(subject: Subject): void {
  describe('transactions', () => {
    it('store all or nothing', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const input = newRun(project);
      const failing = store.transaction(async (tx) => {
        await tx.runs.insert(input);
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect(await store.read.runs.find(input.id)).toBeNull();
      expect((await aRun(store, project)).number).toBe(1);
    });

    it('store nothing after an error of the database, even if the caller goes on', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      await store.transaction((tx) => tx.specs.insert(run.key, 1, aSpec, 1));
      const swallowing = store.transaction(async (tx) => {
        await tx.runs.update(run.key, { name: 'other' }, 5);
        await tx.specs.insert(run.key, 1, aSpec, 2).catch(() => undefined);
      });
      await expect(swallowing).rejects.toMatchObject({ code: 'already_exists' });
      expect((await store.read.runs.find(run.id))?.name).toBe('mnist');
    });

    it('are not seen by others before they are committed', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const input = newRun(project);
      const seen = await store.transaction(async (tx) => {
        const run = await tx.runs.insert(input);
        return { inside: await tx.runs.findByKey(run.key), outside: await store.read.runs.find(input.id) };
      });
      expect(seen.inside).not.toBeNull();
      expect(seen.outside).toBeNull();
      expect(await store.read.runs.find(input.id)).not.toBeNull();
    });

    it('run many at once and lose none', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const results = await Promise.allSettled(
        Array.from({ length: 100 }, (_, index) =>
          store.transaction(async (tx) => {
            const run = await tx.runs.insert(newRun(project));
            await tx.statuses.append(newEvent(run.key));
            if (index % 10 === 3) throw new Error('not this one');
            return run;
          }),
        ),
      );
      const runs = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(runs).toHaveLength(90);
      const page = await store.read.runs.page({ workspaceKey: project.workspaceKey, limit: 1_000 });
      expect(page.map((run) => run.key).sort()).toEqual(runs.map((run) => run.key).sort());
      const numbers = runs.map((run) => run.number).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
    });

    it('hold a locked run against another writer', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      await Promise.all(
        Array.from({ length: 30 }, () =>
          store.transaction(async (tx) => {
            const current = await tx.runs.lock(run.key);
            await tx.runs.update(run.key, { attempt: (current?.attempt ?? 0) + 1 }, 1);
          }),
        ),
      );
      expect(await store.read.runs.find(run.id)).toMatchObject({ attempt: 31, version: 31 });
    });

    it('end with their work: what is kept of one is refused', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      let kept: Repositories | null = null;
      await store.transaction(async (tx) => {
        kept = tx;
      });
      const late = (kept as Repositories | null)?.runs.update(run.key, { name: 'late' }, 1);
      await expect(late).rejects.toThrow();
      expect((await store.read.runs.find(run.id))?.name).toBe('mnist');
    });

    it('are the only way to write', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      await expect(store.read.runs.update(run.key, { name: 'x' }, 1)).rejects.toThrow(
        'a write needs a transaction',
      );
      await expect(store.read.tags.upsert(run.key, [{ key: 'a', value: null }])).rejects.toThrow();
      await expect(store.read.runs.lock(run.key)).rejects.toThrow('a lock needs a transaction');
      expect((await store.read.tags.list([run.key])).size).toBe(0);
    });
  });

  describe('the store', () => {
    it('answers a ping, and after its end refuses as not available', async () => {
      const { store } = subject;
      await expect(store.ping()).resolves.toBeUndefined();
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const reopened = await subject.reopen();
      expect(reopened.createdAtMs).toBe(store.createdAtMs);
      expect(reopened.createdAtMs).toBeGreaterThan(0);
      expect(await reopened.read.runs.find(run.id)).toEqual(run);
      await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.read.runs.find(run.id)).rejects.toMatchObject({ code: 'unavailable' });
      const late = store.transaction((tx) => tx.accounts.insertWorkspace({ name: v7(), createdAt: 1 }));
      await expect(late).rejects.toMatchObject({ code: 'unavailable' });
    });
  });
}
