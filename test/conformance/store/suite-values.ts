import { describe, expect, it } from 'vitest';
import type { Param } from '../../../src/core/params.js';
import { aPlace, aProject, aRun, aSpec, newEvent, nobody, now } from './fixtures.js';
import type { Subject } from './suite.js';

/** Params, tags, documents and hostile text. */
export function valueCases(subject: Subject): void {
  describe('params and tags', () => {
    it('keep their places when they are replaced', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const [run, other] = [await aRun(store, project), await aRun(store, project)];
      const param = (key: string, text: string): Param => ({ key, type: 'string', text, number: null });
      await store.transaction(async (tx) => {
        await tx.params.upsert(run.key, [param('z', '1'), param('a', '2')]);
        await tx.params.upsert(run.key, [param('é', '3'), param('z', '4'), param('B', '5')]);
        await tx.params.upsert(other.key, [
          { key: 'n', type: 'double', text: '1e400', number: Number.POSITIVE_INFINITY },
        ]);
        await tx.params.upsert(run.key, []);
        await tx.tags.upsert(run.key, [
          { key: 'x', value: '1' },
          { key: 'label', value: null },
        ]);
        await tx.tags.upsert(run.key, [
          { key: 'label', value: '' },
          { key: 'x', value: null },
          { key: 'y', value: 'Y' },
        ]);
        await tx.tags.remove(run.key, ['x', 'none']);
      });
      const params = await store.read.params.list([run.key, other.key, nobody.run]);
      expect(params.get(run.key)).toEqual([
        param('z', '4'),
        param('a', '2'),
        param('é', '3'),
        param('B', '5'),
      ]);
      expect(await store.read.params.find(run.key, ['B', 'none', 'z'])).toEqual(
        (params.get(run.key) ?? []).filter(({ key }) => key === 'z' || key === 'B'),
      );
      expect(await store.read.params.find(run.key, [])).toEqual([]);
      await store.transaction((tx) => tx.params.remove(run.key, ['a', 'none', 'B']));
      expect((await store.read.params.list([run.key])).get(run.key)).toEqual([
        param('z', '4'),
        param('é', '3'),
      ]);
      expect(params.get(other.key)?.[0]?.number).toBe(Number.POSITIVE_INFINITY);
      expect([...params.keys()].sort()).toEqual([run.key, other.key].sort());
      expect((await store.read.tags.list([run.key])).get(run.key)).toEqual([
        { key: 'label', value: '' },
        { key: 'y', value: 'Y' },
      ]);
    });

    it('take the last of a key that one call names twice, and any number of keys', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const tags = Array.from({ length: 3_000 }, (_, index) => ({
        key: `k${index % 2_500}`,
        value: String(index),
      }));
      await store.transaction((tx) => tx.tags.upsert(run.key, tags));
      const stored = (await store.read.tags.list([run.key])).get(run.key) ?? [];
      expect(stored).toHaveLength(2_500);
      expect(stored[0]).toEqual({ key: 'k0', value: '2500' });
      expect(stored[2_499]).toEqual({ key: 'k2499', value: '2499' });
    });

    it('refuse a run that is not there', async () => {
      const write = subject.store.transaction((tx) =>
        tx.tags.upsert(nobody.run, [{ key: 'a', value: null }]),
      );
      await expect(write).rejects.toMatchObject({ detail: { code: 'not_found', entity: 'run' } });
    });

    it('let many writers of one run end, whatever order they name the keys in', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
      await Promise.all(
        Array.from({ length: 50 }, (_, writer) =>
          store.transaction(async (tx) => {
            const order = [...keys.slice(writer % 20), ...keys.slice(0, writer % 20)];
            const named = writer % 2 === 0 ? order : order.reverse();
            await tx.params.upsert(
              run.key,
              named.map((key) => ({ key, type: 'integer', text: String(writer), number: writer })),
            );
            await tx.tags.upsert(
              run.key,
              named.map((key) => ({ key, value: String(writer) })),
            );
          }),
        ),
      );
      const params = (await store.read.params.list([run.key])).get(run.key) ?? [];
      const tags = (await store.read.tags.list([run.key])).get(run.key) ?? [];
      expect(new Set(params.map((param) => param.text)).size).toBe(1);
      expect(tags.map((tag) => tag.value)).toEqual(params.map((param) => param.text));
      expect(params.map((param) => param.key).sort()).toEqual([...keys].sort());
    });
  });

  describe('documents', () => {
    it('are found by exact name, replaced by sequence and never numbered twice', async () => {
      const { store } = subject;
      const { workspace } = await aPlace(store);
      const input = {
        workspaceKey: workspace.key,
        name: 'My-Env',
        image: null,
        dockerImage: 'continuumio/anaconda3',
        description: 'd',
        document: { kernelSpec: { channels: ['defaults'], text: '\u0000\ud800' } },
        createdAt: now(),
      };
      const stored = await store.transaction((tx) => tx.environments.insert(input));
      expect(stored).toEqual({ ...input, sequence: stored.sequence, updatedAt: input.createdAt });
      const other = await store.transaction((tx) => tx.environments.insert({ ...input, name: 'a-env' }));
      expect(await store.read.environments.list(workspace.key)).toEqual([stored, other]);
      expect(await store.read.environments.find(workspace.key, 'my-env')).toBeNull();
      expect(await store.read.environments.find(workspace.key, 'My-Env')).toEqual(stored);
      await expect(store.transaction((tx) => tx.environments.insert(input))).rejects.toMatchObject({
        detail: { code: 'already_exists', entity: 'environment' },
      });

      const renamed = {
        ...stored,
        name: 'renamed',
        image: 'i',
        dockerImage: null,
        document: {},
        updatedAt: 77,
      };
      expect(await store.transaction((tx) => tx.environments.replace(renamed))).toEqual(renamed);
      expect(await store.read.environments.list(workspace.key)).toEqual([renamed, other]);
      await expect(
        store.transaction((tx) => tx.environments.replace({ ...renamed, name: 'a-env' })),
      ).rejects.toMatchObject({ code: 'already_exists' });

      expect(await store.transaction((tx) => tx.environments.remove(workspace.key, 'a-env'))).toBe(true);
      expect(await store.transaction((tx) => tx.environments.remove(workspace.key, 'a-env'))).toBe(false);
      const next = await store.transaction((tx) => tx.environments.insert({ ...input, name: 'next' }));
      expect(next.sequence).toBeGreaterThan(other.sequence);
      await expect(store.transaction((tx) => tx.environments.replace(other))).rejects.toMatchObject({
        detail: { code: 'not_found', entity: 'environment' },
      });
    });

    it('of templates are apart from those of environments and of other workspaces', async () => {
      const { store } = subject;
      const [here, there] = [await aPlace(store), await aPlace(store)];
      const input = {
        name: 'tpl',
        document: { parameters: [{ name: 'x', required: 'true' }] },
        createdAt: 3,
      };
      const stored = await store.transaction(async (tx) => {
        await tx.templates.insert({ ...input, workspaceKey: there.workspace.key });
        return tx.templates.insert({ ...input, workspaceKey: here.workspace.key });
      });
      expect(await store.read.templates.list(here.workspace.key)).toEqual([stored]);
      expect(await store.read.environments.list(here.workspace.key)).toEqual([]);
      expect(await store.transaction((tx) => tx.templates.remove(here.workspace.key, 'tpl'))).toBe(true);
      expect(await store.read.templates.find(there.workspace.key, 'tpl')).not.toBeNull();
    });
  });

  describe('text', () => {
    it.each([
      ['a NUL character', 'a\u0000b'],
      ['half of a surrogate pair', 'a\ud83eb'],
    ])('with %s is refused, never altered', async (_name, text) => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const run = await aRun(store, project);
      const refused = { code: 'invalid' };
      const writes = [
        () => store.transaction((tx) => aProject(tx, workspace.key, text)),
        () => store.transaction((tx) => tx.tags.upsert(run.key, [{ key: text, value: null }])),
        () =>
          store.transaction((tx) =>
            tx.params.upsert(run.key, [{ key: 'k', type: 'string', text, number: null }]),
          ),
        () => store.transaction((tx) => tx.statuses.append(newEvent(run.key, { message: text }))),
        () =>
          store.transaction((tx) =>
            tx.specs.insert(run.key, 1, { ...aSpec, source: { ...aSpec.source, text } }, 1),
          ),
        () => store.transaction((tx) => tx.tags.remove(run.key, [text])),
      ];
      for (const write of writes) await expect(write()).rejects.toMatchObject(refused);
      await expect(store.read.accounts.findUser(text)).rejects.toMatchObject(refused);
    });

    it('of any other kind comes back as it was sent', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const texts = [
        '',
        ' ',
        '🦆',
        '\u0001\u001f\u007f\u0085',
        '\ufeff\ufffe\uffff',
        "'; drop table run; --",
        '%_\\',
        '\r\n\t',
      ];
      const tags = texts.map((text, index) => ({ key: `${text}${index}`, value: text }));
      await store.transaction((tx) =>
        tx.tags.upsert(run.key, [...tags, { key: 'long', value: 'ü'.repeat(100_000) }]),
      );
      const stored = (await store.read.tags.list([run.key])).get(run.key) ?? [];
      expect(stored.slice(0, -1)).toEqual(tags);
      expect(stored.at(-1)?.value).toHaveLength(100_000);
    });
  });
}
