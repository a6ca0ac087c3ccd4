import { describe, expect, it } from 'vitest';
import { aPlace, aRun, now } from './fixtures.js';
import type { Subject } from './suite.js';

const all = { offset: 0, limit: 100 };

/** What users have marked. */
export function bookmarkCases(subject: Subject): void {
  describe('bookmarks', () => {
    it('are each user’s own, kept once, and listed last marked first', async () => {
      const { store } = subject;
      const [ours, theirs] = [await aPlace(store), await aPlace(store)];
      const runs = [
        await aRun(store, ours.project),
        await aRun(store, ours.project),
        await aRun(store, ours.project),
      ];
      const keys = runs.map((run) => run.key);
      const [one, two, three] = keys;
      if (one === undefined || two === undefined || three === undefined) throw new Error('three runs');
      await store.transaction(async (tx) => {
        await tx.accounts.setMember(ours.workspace.key, ours.user.key, 'reader');
        for (const key of [two, one, two]) await tx.bookmarks.setRun(ours.user.key, key, true, now());
        await tx.bookmarks.setRun(ours.user.key, three, true, now());
        await tx.bookmarks.setRun(ours.user.key, three, false, now());
        await tx.bookmarks.setRun(ours.user.key, three, false, now());
        await tx.bookmarks.setProject(ours.user.key, ours.project.key, true, now());
      });
      const { read } = store;
      expect(await read.bookmarks.markedRuns(ours.user.key, keys)).toEqual(new Set([one, two]));
      expect(await read.bookmarks.markedRuns(theirs.user.key, keys)).toEqual(new Set());
      expect(
        await read.bookmarks.markedProjects(ours.user.key, [ours.project.key, theirs.project.key]),
      ).toEqual(new Set([ours.project.key]));
      const listed = await read.bookmarks.runs(ours.user.key, all);
      expect(listed).toEqual({ items: [runs[0], runs[1]], total: 2 });
      const second = await read.bookmarks.runs(ours.user.key, { offset: 1, limit: 1 });
      expect(second).toEqual({ items: [runs[1]], total: 2 });
      expect(await read.bookmarks.projects(ours.user.key, all)).toEqual({ items: [ours.project], total: 1 });
      expect(await read.bookmarks.runs(theirs.user.key, all)).toEqual({ items: [], total: 0 });
    });

    it('show nothing that is deleted or that the user may not read any more', async () => {
      const { store } = subject;
      const { workspace, user, project } = await aPlace(store);
      const [kept, deleted] = [await aRun(store, project), await aRun(store, project)];
      await store.transaction(async (tx) => {
        for (const run of [kept, deleted]) await tx.bookmarks.setRun(user.key, run.key, true, now());
        await tx.bookmarks.setProject(user.key, project.key, true, now());
        await tx.runs.update(deleted.key, { deletedAt: 1 }, 1);
      });
      const totals = async () => {
        const { bookmarks } = store.read;
        return [(await bookmarks.runs(user.key, all)).total, (await bookmarks.projects(user.key, all)).total];
      };
      expect(await totals()).toEqual([0, 0]);
      await store.transaction((tx) => tx.accounts.setMember(workspace.key, user.key, 'reader'));
      expect(await totals()).toEqual([1, 1]);
      await store.transaction((tx) => tx.accounts.setMember(workspace.key, user.key, null));
      expect(await totals()).toEqual([0, 0]);
      await store.transaction((tx) => tx.projects.update(project.key, { isPublic: true }, 1));
      expect(await totals()).toEqual([1, 1]);
      await store.transaction((tx) => tx.projects.update(project.key, { isPublic: false }, 1));
      await store.transaction((tx) => tx.accounts.setSuperuser(user.key, true));
      expect(await totals()).toEqual([1, 1]);
      await store.transaction((tx) => tx.projects.update(project.key, { deletedAt: 1 }, 1));
      expect((await store.read.bookmarks.projects(user.key, all)).total).toBe(0);
    });
  });
}
