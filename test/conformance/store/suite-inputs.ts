import { describe, expect, it } from 'vitest';
import type { Dataset, RunInput } from '../../../src/core/dataset.js';
import { aPlace, aProject, aRun, nobody } from './fixtures.js';
import type { Subject } from './suite.js';

const aDataset = (name: string, fields: Partial<Dataset> = {}): Dataset => ({
  name,
  digest: 'd1',
  sourceType: 'local',
  source: '{"uri": "/data/ümläut ✓"}',
  schema: null,
  profile: '{"rows": 5}',
  ...fields,
});

const anInput = (name: string, context: string | null = null, fields: Partial<Dataset> = {}): RunInput => ({
  dataset: aDataset(name, fields),
  context,
  tags: [{ key: 'k', value: name }],
});

/** What runs use. */
export function inputCases(subject: Subject): void {
  describe('inputs', () => {
    it('are kept in their order, and the first word on each dataset and each input counts', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const [run, other, none] = [
        await aRun(store, project),
        await aRun(store, project),
        await aRun(store, project),
      ];
      const first = [anInput('b', 'training'), anInput('a'), anInput('b', 'eval', { digest: 'd2' })];
      await store.transaction((tx) =>
        tx.inputs.add(run, [...first, anInput('a', 'repeated', { source: 'changed' })]),
      );
      await store.transaction((tx) => tx.inputs.add(run, [anInput('a', 'again'), anInput('c')]));
      await store.transaction((tx) => tx.inputs.add(other, [anInput('a', 'test', { source: 'changed' })]));
      await store.transaction((tx) => tx.inputs.add(other, []));
      const found = await store.read.inputs.list([run.key, other.key, none.key, nobody.run]);
      expect(found.get(run.key)).toEqual([...first, anInput('c')]);
      expect(found.get(other.key)).toEqual([anInput('a', 'test')]);
      expect([...found.keys()].sort()).toEqual([run.key, other.key].sort());
    });

    it('name each use of a dataset in some projects once, and the datasets of one project alone', async () => {
      const { store } = subject;
      const { project, workspace } = await aPlace(store);
      const second = await store.transaction((tx) => aProject(tx, workspace.key, 'Second'));
      for (const context of ['training', 'training', null, 'eval']) {
        const run = await aRun(store, project);
        await store.transaction((tx) => tx.inputs.add(run, [anInput('a', context)]));
      }
      const elsewhere = await aRun(store, second);
      await store.transaction((tx) =>
        tx.inputs.add(elsewhere, [anInput('a', 'training', { source: 'own' })]),
      );
      const use = { name: 'a', digest: 'd1' };
      const uses = [null, 'eval', 'training'].map((context) => ({
        ...use,
        projectKey: project.key,
        context,
      }));
      const own = { ...use, projectKey: second.key, context: 'training' };
      expect(await store.read.inputs.uses([project.key], 10)).toEqual(uses);
      expect(await store.read.inputs.uses([second.key, project.key], 10)).toEqual([...uses, own]);
      expect(await store.read.inputs.uses([second.key, project.key], 2)).toEqual(uses.slice(0, 2));
      expect(await store.read.inputs.uses([], 2)).toEqual([]);
      const inputs = await store.read.inputs.list([elsewhere.key]);
      expect(inputs.get(elsewhere.key)?.[0]?.dataset.source).toBe('own');
    });

    it('go with their run, and datasets with their project', async () => {
      const { store } = subject;
      const { workspace } = await aPlace(store);
      const project = await store.transaction((tx) => aProject(tx, workspace.key, 'Doomed'));
      const [run, other] = [await aRun(store, project), await aRun(store, project)];
      await store.transaction((tx) => tx.inputs.add(run, [anInput('a')]));
      await store.transaction((tx) => tx.inputs.add(other, [anInput('a')]));
      await store.transaction((tx) => tx.runs.remove(run.key));
      expect((await store.read.inputs.list([run.key])).size).toBe(0);
      expect((await store.read.inputs.list([other.key])).get(other.key)).toEqual([anInput('a')]);
      await store.transaction(async (tx) => {
        await tx.projects.update(project.key, { deletedAt: 1, purgeAt: 1 }, 1);
        await tx.runs.remove(other.key);
        await tx.projects.removeIfEmpty(project.key);
      });
      expect(await store.read.projects.find(project.key)).toBeNull();
      expect(await store.read.inputs.uses([project.key], 10)).toEqual([]);
    });

    it('are added by many writers at once, in whatever order they name the datasets', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
      const runs = await Promise.all(Array.from({ length: 16 }, () => aRun(store, project)));
      await Promise.all(
        runs.map((run, writer) => {
          const order = [...names.slice(writer), ...names.slice(0, writer)];
          const inputs = (writer % 2 === 0 ? order : order.reverse()).map((name) => anInput(name, 'c'));
          return store.transaction((tx) => tx.inputs.add(run, inputs));
        }),
      );
      const found = await store.read.inputs.list(runs.map((run) => run.key));
      for (const run of runs) expect(found.get(run.key)).toHaveLength(20);
      expect(await store.read.inputs.uses([project.key], 100)).toHaveLength(20);
    });

    it('refuse a run that is not there', async () => {
      const { project } = await aPlace(subject.store);
      const nowhere = { key: nobody.run, projectKey: project.key };
      const write = subject.store.transaction((tx) => tx.inputs.add(nowhere, [anInput('a')]));
      await expect(write).rejects.toMatchObject({ detail: { code: 'not_found', entity: 'run' } });
    });
  });
}
