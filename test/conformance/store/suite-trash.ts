import { describe, expect, it } from 'vitest';
import { aPlace, aProject, aRun, now } from './fixtures.js';
import type { Subject } from './suite.js';

/** The runs of a project, to the trash and back. */
export function trashCases(subject: Subject): void {
  describe('the trash', () => {
    it('takes the runs of a project that are in use, with one time, and gives those of that time back', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const other = await store.transaction((tx) => aProject(tx, workspace.key, 'Other'));
      const [early, first, second] = [
        await aRun(store, project),
        await aRun(store, project),
        await aRun(store, project, { managed: false }),
      ];
      const kept = await aRun(store, other);
      const { runs } = store.read;
      expect(await runs.lastTrashedAt(project.key)).toBeNull();
      const before = now();
      await store.transaction((tx) => tx.runs.update(early.key, { deletedAt: before }, before));
      expect(await runs.lastTrashedAt(project.key)).toBe(before);
      expect(await runs.lastTrashedAt(other.key)).toBeNull();

      const at = now();
      const trashed = await store.transaction((tx) => tx.runs.trashActive(project.key, at));
      expect([...trashed].sort((a, b) => a - b)).toEqual([first.key, second.key]);
      expect(await runs.findByKey(first.key)).toEqual({ ...first, deletedAt: at, updatedAt: at, version: 2 });
      expect(await runs.lastTrashedAt(project.key)).toBe(at);
      expect(await store.transaction((tx) => tx.runs.trashActive(project.key, now()))).toEqual([]);

      const later = now();
      const restored = await store.transaction((tx) => tx.runs.restoreTrashed(project.key, at, later));
      expect([...restored].sort((a, b) => a - b)).toEqual([first.key, second.key]);
      expect(await runs.findByKey(second.key)).toEqual({ ...second, updatedAt: later, version: 3 });
      expect(await runs.findByKey(early.key)).toMatchObject({ deletedAt: before });
      expect(await runs.findByKey(kept.key)).toEqual(kept);
    });

    it('gives nothing back that is being purged', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const at = now();
      await store.transaction((tx) => tx.runs.trashActive(project.key, at));
      await store.transaction((tx) => tx.runs.markForPurge(project.key, now()));
      expect(await store.transaction((tx) => tx.runs.restoreTrashed(project.key, at, now()))).toEqual([]);
      expect(await store.read.runs.findByKey(run.key)).toMatchObject({ deletedAt: at });
    });

    it('knows the runs of a project that have not ended, trashed or not', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const other = await store.transaction((tx) => aProject(tx, workspace.key, 'Other'));
      const running = await aRun(store, project, { status: 'running' });
      const trashed = await aRun(store, project);
      const purged = await aRun(store, project);
      await aRun(store, project, { status: 'failed' });
      await aRun(store, project, { managed: false });
      await aRun(store, other);
      await store.transaction(async (tx) => {
        await tx.runs.update(trashed.key, { deletedAt: now() }, now());
        await tx.runs.update(purged.key, { deletedAt: now(), purgeAt: now() }, now());
      });
      expect(await store.read.runs.unfinishedIn(project.key)).toEqual([running.key, trashed.key]);
    });
  });
}
