import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { LoggedModelId, LoggedModelKey } from '../../../src/core/ids.js';
import type { LoggedModel, Measurement } from '../../../src/core/logged-model.js';
import type { Project, Run } from '../../../src/core/model.js';
import type { NewLoggedModel, Store } from '../../../src/core/ports/index.js';
import { aPlace, aPoint, aRun, nobody, now } from './fixtures.js';
import type { Subject } from './suite.js';

const noModel = 999_999_999 as LoggedModelKey;

function newModel({ key }: Project, fields: Partial<NewLoggedModel> = {}): NewLoggedModel {
  return {
    id: v7() as LoggedModelId,
    projectKey: key,
    name: 'net',
    sourceRunKey: null,
    sourceRef: null,
    modelType: null,
    createdBy: { key: null, name: 'somebody' },
    createdAt: now(),
    extensions: {},
    ...fields,
  };
}

function aModel(store: Store, project: Project, fields: Partial<NewLoggedModel> = {}): Promise<LoggedModel> {
  return store.transaction((tx) => tx.loggedModels.insert(newModel(project, fields)));
}

const measured = (value: number, fields: Partial<Measurement> = {}): Measurement => ({
  ...aPoint('acc', value, { timestampMs: 1n }),
  dataset: null,
  ...fields,
});

const latestOf = async (store: Store, { key }: LoggedModel) =>
  (await store.read.measurements.latest([key])).get(key) ?? [];

const storedBy = (run: Run, each: Measurement) => ({ ...each, runKey: run.key, runId: run.id });

/** Logged models, what belongs to them, and their end. */
export function loggedModelCases(subject: Subject): void {
  describe('logged models', () => {
    it('give back every field as it was stored, and change what a patch names', async () => {
      const { store } = subject;
      const { project, user } = await aPlace(store);
      const run = await aRun(store, project);
      const input = newModel(project, {
        name: 'ünï ✓ 🦆',
        sourceRunKey: run.key,
        sourceRef: 'ref',
        modelType: 'agent',
        createdBy: { key: user.key, name: user.name },
        extensions: { some: { text: 'a\u0000b\ud800' } },
      });
      const model = await store.transaction((tx) => tx.loggedModels.insert(input));
      const plain = { status: 'pending', statusMessage: null, deletedAt: null, updatedAt: input.createdAt };
      expect(model).toEqual({ ...input, ...plain, key: model.key });
      const unknown = v7() as LoggedModelId;
      expect(await store.read.loggedModels.findMany([model.id, unknown])).toEqual(
        new Map([[model.id, model]]),
      );
      const patch = { status: 'failed', statusMessage: 'no', deletedAt: 5, extensions: { b: {} } } as const;
      const changed = await store.transaction(async (tx) => {
        expect(await tx.loggedModels.lock(model.key)).toEqual(model);
        return tx.loggedModels.update(model.key, patch, 9);
      });
      expect(changed).toEqual({ ...model, ...patch, updatedAt: 9 });
      await store.transaction(async (tx) => {
        expect(await tx.loggedModels.lock(noModel)).toBeNull();
        await expect(tx.loggedModels.update(noModel, { status: 'ready' }, 9)).rejects.toMatchObject({
          detail: { code: 'not_found', entity: 'loggedModel' },
        });
      });
    });

    it('refuse a second one of the same id', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const { id } = await aModel(store, project);
      await expect(aModel(store, project, { id })).rejects.toMatchObject({
        detail: { code: 'already_exists', entity: 'loggedModel' },
      });
    });

    it('keep params and tags in the order in which they came', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const [model, other] = [await aModel(store, project), await aModel(store, project)];
      const long = 'ü'.repeat(100_000);
      await store.transaction(async (tx) => {
        await tx.modelParams.insert(model.key, [
          { key: 'z', text: '' },
          { key: 'a', text: long },
        ]);
        await tx.modelParams.insert(model.key, [{ key: 'm', text: '1' }]);
        await tx.modelTags.upsert(model.key, [{ key: 'z', value: null }]);
        await tx.modelTags.upsert(model.key, [
          { key: 'a', value: long },
          { key: 'z', value: '2' },
        ]);
      });
      expect(await store.read.modelParams.list([model.key, other.key])).toEqual(
        new Map([
          [
            model.key,
            [
              { key: 'z', text: '' },
              { key: 'a', text: long },
              { key: 'm', text: '1' },
            ],
          ],
        ]),
      );
      expect((await store.read.modelTags.list([model.key])).get(model.key)).toEqual([
        { key: 'z', value: '2' },
        { key: 'a', value: long },
      ]);
      const again = store.transaction((tx) => tx.modelParams.insert(model.key, [{ key: 'm', text: '1' }]));
      await expect(again).rejects.toMatchObject({ code: 'already_exists' });
      for (const write of [
        () => store.transaction((tx) => tx.modelParams.insert(noModel, [{ key: 'm', text: '1' }])),
        () => store.transaction((tx) => tx.modelTags.upsert(noModel, [{ key: 'm', value: '1' }])),
      ])
        await expect(write()).rejects.toMatchObject({ detail: { code: 'not_found', entity: 'loggedModel' } });
    });

    it('go one by one with all that is theirs, and then their project’s row may go', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const models = [await aModel(store, project), await aModel(store, project, { sourceRunKey: run.key })];
      expect(await store.read.loggedModels.someOf(project.key, 1)).toEqual(models.slice(0, 1));
      expect(await store.read.loggedModels.someOf(project.key, 9)).toEqual(models);
      await store.transaction(async (tx) => {
        for (const { key } of models) {
          await tx.modelParams.insert(key, [{ key: 'a', text: '1' }]);
          await tx.modelTags.upsert(key, [{ key: 'a', value: '1' }]);
          await tx.measurements.add(key, run.key, [measured(1)]);
          await tx.modelLinks.add(run.key, [{ direction: 'input', modelKey: key, step: 0n }]);
        }
      });
      expect(await store.read.projects.withModelsToPurge()).not.toContain(project.key);
      await store.transaction(async (tx) => {
        await tx.projects.update(project.key, { deletedAt: 1, purgeAt: 1 }, 1);
        await tx.runs.remove(run.key);
        await tx.projects.removeIfEmpty(project.key);
      });
      expect(await store.read.projects.withModelsToPurge()).toContain(project.key);
      expect((await store.read.loggedModels.someOf(project.key, 9))[1]).toMatchObject({ sourceRunKey: null });
      await store.transaction(async (tx) => {
        for (const { key } of models) await tx.loggedModels.remove(key);
        await tx.projects.removeIfEmpty(project.key);
      });
      const keys = models.map((model) => model.key);
      for (const read of [store.read.modelParams, store.read.modelTags])
        expect((await read.list(keys)).size).toBe(0);
      expect((await store.read.measurements.latest(keys)).size).toBe(0);
      expect(await store.read.projects.find(project.key)).toBeNull();
      expect(await store.read.projects.withModelsToPurge()).not.toContain(project.key);
    });
  });

  describe('measurements of models', () => {
    it('keep every kind of value and 64 bits of time and step, and show the latest of each dataset', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const [run, other] = [await aRun(store, project), await aRun(store, project)];
      const model = await aModel(store, project);
      const early = measured(0.1, { timestampMs: -(2n ** 63n), step: 2n ** 63n - 1n });
      const late = measured(Number.NaN, { timestampMs: 2n ** 63n - 1n, timestampUs: 7, step: -(2n ** 63n) });
      const dataset = { name: "d'é", digest: 'x' };
      const unnamed = { name: "d'é", digest: null };
      const add = (by: Run, ...each: Measurement[]) =>
        store.transaction((tx) => tx.measurements.add(model.key, by.key, each));
      await add(run, late, measured(Number.NEGATIVE_INFINITY, { dataset }));
      await add(other, early, measured(5, { dataset: unnamed, step: null }));
      await add(other, measured(0.2, { key: 'a' }), measured(0.3, { key: 'a' }), measured(-0, { key: 'b' }));
      expect(await latestOf(store, model)).toEqual([
        storedBy(other, measured(0.3, { key: 'a' })),
        storedBy(run, late),
        storedBy(other, measured(5, { dataset: unnamed, step: null })),
        storedBy(run, measured(Number.NEGATIVE_INFINITY, { dataset })),
        storedBy(other, measured(0, { key: 'b' })),
      ]);
    });

    it('go with their run, and the latest of the others takes their place', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const runs = [await aRun(store, project), await aRun(store, project), await aRun(store, project)];
      const [first, second, third] = runs;
      if (first === undefined || second === undefined || third === undefined) throw new Error('three runs');
      const model = await aModel(store, project);
      const at = (timestampMs: bigint, value: number) => measured(value, { timestampMs });
      await store.transaction(async (tx) => {
        await tx.measurements.add(model.key, first.key, [at(1n, 0.1), at(3n, 0.3)]);
        await tx.measurements.add(model.key, second.key, [at(2n, 0.2), measured(1, { key: 'own' })]);
        await tx.measurements.add(model.key, third.key, [at(4n, 0.4)]);
      });
      for (const [run, left] of [
        [third, [storedBy(first, at(3n, 0.3)), storedBy(second, measured(1, { key: 'own' }))]],
        [second, [storedBy(first, at(3n, 0.3))]],
        [first, []],
      ] as const) {
        await store.transaction((tx) => tx.runs.remove(run.key));
        expect(await latestOf(store, model)).toEqual(left);
      }
    });

    it('of many runs at the same time all count', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const models = [await aModel(store, project), await aModel(store, project)];
      const runs = [];
      for (let count = 0; count < 10; count += 1) runs.push(await aRun(store, project));
      await Promise.all(
        runs.map((run, place) =>
          store.transaction(async (tx) => {
            for (const { key } of models)
              await tx.measurements.add(key, run.key, [measured(place, { timestampMs: BigInt(place) })]);
          }),
        ),
      );
      const last = runs.at(-1);
      if (last === undefined) throw new Error('there are runs');
      for (const model of models)
        expect(await latestOf(store, model)).toEqual([storedBy(last, measured(9, { timestampMs: 9n }))]);
    });

    it('are those of a model and a run that are there', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const model = await aModel(store, project);
      const add = (modelKey: LoggedModelKey, runKey: Run['key']) =>
        store.transaction((tx) => tx.measurements.add(modelKey, runKey, [measured(1)]));
      await expect(add(noModel, run.key)).rejects.toMatchObject({ code: 'not_found' });
      await expect(add(model.key, nobody.run)).rejects.toMatchObject({ code: 'conflict' });
      expect(await latestOf(store, model)).toEqual([]);
    });
  });

  describe('links of runs to models', () => {
    it('are kept once, in the order in which they came, and go with either', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const [a, b] = [await aModel(store, project), await aModel(store, project)];
      const link = (direction: 'input' | 'output', { key }: LoggedModel, step = 0n) => ({
        direction,
        modelKey: key,
        step,
      });
      await store.transaction((tx) => tx.modelLinks.add(run.key, [link('output', b, 2n ** 63n - 1n)]));
      await store.transaction((tx) =>
        tx.modelLinks.add(run.key, [link('output', b, 2n ** 63n - 1n), link('input', a), link('output', a)]),
      );
      const links = async () => (await store.read.modelLinks.list([run.key])).get(run.key);
      expect(await links()).toEqual([
        { ...link('output', b, 2n ** 63n - 1n), modelId: b.id },
        { ...link('input', a), modelId: a.id },
        { ...link('output', a), modelId: a.id },
      ]);
      await store.transaction((tx) => tx.loggedModels.remove(a.key));
      expect(await links()).toHaveLength(1);
      await store.transaction((tx) => tx.runs.remove(run.key));
      expect(await links()).toBeUndefined();
      const write = store.transaction((tx) => tx.modelLinks.add(nobody.run, [link('input', b)]));
      await expect(write).rejects.toMatchObject({ detail: { code: 'not_found', entity: 'run' } });
    });
  });
}
