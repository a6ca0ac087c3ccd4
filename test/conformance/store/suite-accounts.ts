import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { ProjectId } from '../../../src/core/ids.js';
import { aPlace, aProject, aRun, nobody, now } from './fixtures.js';
import type { Subject } from './suite.js';

/** Workspaces, users, members, tokens and projects. */
export function accountCases(subject: Subject): void {
  describe('accounts', () => {
    it('finds workspaces and users without regard to case, and refuses a taken name', async () => {
      const { store } = subject;
      const name = `Ann-${v7()}`;
      const user = { id: v7(), name, isSuperuser: true, createdAt: now() };
      const stored = await store.transaction((tx) => tx.accounts.insertUser(user));
      expect(stored).toEqual({ ...user, key: stored.key });
      expect(await store.read.accounts.findUser(name.toUpperCase())).toEqual(stored);
      expect(await store.read.accounts.findUserByKey(stored.key)).toEqual(stored);
      const again = { ...user, id: v7(), name: name.toLowerCase() };
      await expect(store.transaction((tx) => tx.accounts.insertUser(again))).rejects.toMatchObject({
        detail: { code: 'already_exists', entity: 'user' },
      });

      const workspace = await store.transaction((tx) => tx.accounts.insertWorkspace({ name, createdAt: 5 }));
      expect(await store.read.accounts.findWorkspace(name.toLowerCase())).toEqual(workspace);
      await expect(
        store.transaction((tx) => tx.accounts.insertWorkspace({ name: name.toUpperCase(), createdAt: 6 })),
      ).rejects.toMatchObject({ detail: { code: 'already_exists', entity: 'workspace' } });
      expect(await store.read.accounts.findWorkspace('nobody')).toBeNull();
      expect(await store.read.accounts.findUser('nobody')).toBeNull();
    });

    it('goes on in a transaction after a refused name', async () => {
      const { store } = subject;
      const { workspace } = await aPlace(store);
      const name = `w${v7()}`;
      await store.transaction(async (tx) => {
        await expect(
          tx.accounts.insertWorkspace({ name: workspace.name, createdAt: 1 }),
        ).rejects.toMatchObject({
          code: 'already_exists',
        });
        await tx.accounts.insertWorkspace({ name, createdAt: 1 });
      });
      expect(await store.read.accounts.findWorkspace(name)).not.toBeNull();
    });

    it('keeps roles, superusers and tokens', async () => {
      const { store } = subject;
      const { workspace, user, project } = await aPlace(store);
      const run = await aRun(store, project);
      const token = {
        hash: v7(),
        userKey: user.key,
        label: 'ci',
        runKey: run.key,
        createdAt: 1,
        expiresAt: null,
      };
      await store.transaction(async (tx) => {
        await tx.accounts.setMember(workspace.key, user.key, 'reader');
        await tx.accounts.setMember(workspace.key, user.key, 'owner');
        await tx.accounts.setSuperuser(user.key, true);
        await tx.accounts.insertToken(token);
      });
      expect(await store.read.accounts.findMember(workspace.key, user.key)).toBe('owner');
      expect((await store.read.accounts.findUserByKey(user.key))?.isSuperuser).toBe(true);
      expect(await store.read.accounts.findToken(token.hash)).toEqual(token);
      await store.transaction((tx) => tx.accounts.setMember(workspace.key, user.key, null));
      expect(await store.read.accounts.findMember(workspace.key, user.key)).toBeNull();
      expect(await store.read.accounts.findToken('none')).toBeNull();
    });
  });

  describe('tokens of runs', () => {
    it('are stored once, and end those before them', async () => {
      const { store } = subject;
      const { user, project } = await aPlace(store);
      const [run, other] = [await aRun(store, project), await aRun(store, project)];
      const token = { userKey: user.key, label: null, expiresAt: null };
      const first = { ...token, hash: v7(), runKey: run.key, createdAt: 1 };
      const second = { ...token, hash: v7(), runKey: run.key, createdAt: 5 };
      const foreign = { ...token, hash: v7(), runKey: other.key, createdAt: 1 };
      for (const each of [foreign, first, { ...first, createdAt: 3 }]) {
        await store.transaction((tx) => tx.accounts.replaceRunToken(each));
      }
      expect(await store.read.accounts.findToken(first.hash)).toEqual(first);
      await store.transaction((tx) => tx.accounts.replaceRunToken(second));
      await store.transaction((tx) => tx.accounts.replaceRunToken({ ...second, createdAt: 9 }));
      expect(await store.read.accounts.findToken(first.hash)).toEqual({ ...first, expiresAt: 5 });
      expect(await store.read.accounts.findToken(second.hash)).toEqual(second);
      expect(await store.read.accounts.findToken(foreign.hash)).toEqual(foreign);
    });
  });

  describe('projects', () => {
    it('numbers from 0 in each workspace, and makes slugs that are free', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      expect(project).toMatchObject({ number: 0, slug: 'default', name: 'Default', deletedAt: null });
      const names = ['My Project', 'my project!', 'MY/PROJECT', 'my project?', 'my-project#', '!!!'];
      const made = await store.transaction(async (tx) => {
        const projects = [];
        for (const name of names) projects.push(await aProject(tx, workspace.key, name));
        return projects;
      });
      expect(made.map((each) => each.number)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(made.map((each) => each.slug)).toEqual([
        'my-project',
        'my-project-2',
        'my-project-3',
        'my-project-4',
        'my-project-5',
        'project',
      ]);
      expect(await store.read.projects.findBySlug(workspace.key, 'my-project-3')).toEqual(made[2]);
      expect(await store.read.projects.findByNumber(workspace.key, 0)).toEqual(project);
      expect(await store.read.projects.find(project.key)).toEqual(project);
      expect(await store.read.projects.workspaceOf(project.key)).toBe(workspace.key);
      expect(await store.read.projects.workspaceOf(nobody.project)).toBeNull();
      expect(await store.read.projects.findById(project.id)).toEqual(project);
      expect(await store.read.projects.findById(v7() as ProjectId)).toBeNull();
      expect(await store.read.projects.findByNumber(workspace.key, 99)).toBeNull();
    });

    it('refuses a taken name, and lets another workspace have it', async () => {
      const { store } = subject;
      const { workspace } = await aPlace(store);
      await expect(store.transaction((tx) => aProject(tx, workspace.key, 'Default'))).rejects.toMatchObject({
        detail: { code: 'already_exists', entity: 'project' },
      });
      await expect(aPlace(store)).resolves.toMatchObject({ project: { number: 0 } });
    });
  });

  describe('changes of projects', () => {
    it('change what the patch names, and refuse a taken name', async () => {
      const { store } = subject;
      const { workspace } = await aPlace(store);
      const project = await store.transaction((tx) => aProject(tx, workspace.key, 'One'));
      const patch = {
        name: 'Two',
        description: 'd',
        isPublic: true,
        extensions: { polyaxon: { x: 1 } },
      };
      const changed = await store.transaction((tx) => tx.projects.update(project.key, patch, 9));
      expect(changed).toEqual({ ...project, ...patch, updatedAt: 9 });
      expect(await store.read.projects.find(project.key)).toEqual(changed);
      const same = await store.transaction((tx) => tx.projects.update(project.key, { name: 'Two' }, 10));
      expect(same).toEqual({ ...changed, updatedAt: 10 });
      await expect(
        store.transaction((tx) => tx.projects.update(project.key, { name: 'Default' }, 11)),
      ).rejects.toMatchObject({ detail: { code: 'already_exists', entity: 'project' } });
      await expect(
        store.transaction((tx) => tx.projects.update(nobody.project, { name: 'x' }, 11)),
      ).rejects.toMatchObject({ code: 'not_found' });
    });

    it('list newest first, by parts, public ones apart, without deleted ones', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      await aPlace(store);
      const made = await store.transaction(async (tx) => {
        const projects = [project];
        for (const name of ['A', 'B', 'C', 'D']) projects.push(await aProject(tx, workspace.key, name));
        await tx.projects.update(projects[2]?.key ?? nobody.project, { isPublic: true }, 2);
        await tx.projects.update(projects[3]?.key ?? nobody.project, { deletedAt: 2 }, 2);
        return projects;
      });
      const list = async (publicOnly: boolean, offset: number, limit: number) => {
        const page = await store.read.projects.page({
          workspaceKey: workspace.key,
          publicOnly,
          offset,
          limit,
        });
        return [page.total, ...page.projects.map((each) => each.name)];
      };
      expect(await list(false, 0, 10)).toEqual([4, 'D', 'B', 'A', 'Default']);
      expect(await list(false, 1, 2)).toEqual([4, 'B', 'A']);
      expect(await list(false, 9, 2)).toEqual([4]);
      expect(await list(true, 0, 10)).toEqual([1, 'B']);
      const several = await store.read.projects.findMany(made.map((each) => each.key));
      expect([...several.keys()].sort((a, b) => a - b)).toEqual(made.map((each) => each.key));
      const workspaces = await store.read.accounts.findWorkspaces([workspace.key, nobody.workspace]);
      expect([...workspaces]).toEqual([[workspace.key, workspace]]);
    });

    it('count the runs that are not deleted', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const other = await store.transaction((tx) => aProject(tx, workspace.key, 'Other'));
      for (const home of [project, project, other]) await aRun(store, home);
      const gone = await aRun(store, project);
      await store.transaction((tx) => tx.runs.update(gone.key, { deletedAt: 1 }, 1));
      const empty = await store.transaction((tx) => aProject(tx, workspace.key, 'Empty'));
      const keys = [empty.key, project.key, other.key];
      expect([...(await store.read.projects.counts(workspace.key, keys))]).toEqual([
        [empty.key, { runs: 0 }],
        [project.key, { runs: 2 }],
        [other.key, { runs: 1 }],
      ]);
    });

    it('free the name and the slug of one that is deleted for good, and remove it after its last run', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const old = await store.transaction((tx) => aProject(tx, workspace.key, 'Again'));
      const run = await aRun(store, old);
      await store.transaction(async (tx) => {
        await tx.projects.removeIfEmpty(project.key);
        await tx.projects.update(old.key, { deletedAt: 1, purgeAt: 1 }, 1);
        await tx.projects.removeIfEmpty(old.key);
      });
      expect(await store.read.projects.find(project.key)).toEqual(project);
      expect(await store.read.projects.find(old.key)).toMatchObject({ purgeAt: 1 });
      expect(await store.read.projects.findBySlug(workspace.key, 'again')).toBeNull();
      const again = await store.transaction((tx) => aProject(tx, workspace.key, 'Again'));
      expect(again).toMatchObject({ slug: 'again', number: 2 });
      expect(await store.read.projects.findBySlug(workspace.key, 'again')).toEqual(again);
      await store.transaction(async (tx) => {
        await tx.runs.remove(run.key);
        await tx.projects.removeIfEmpty(old.key);
      });
      expect(await store.read.projects.find(old.key)).toBeNull();
    });
  });

  describe('idempotency keys and audit', () => {
    it('keeps a key until it expires, and then gives it away', async () => {
      const { store } = subject;
      const { workspace, user, project } = await aPlace(store);
      const run = await aRun(store, project);
      const record = {
        workspaceKey: workspace.key,
        userKey: user.key,
        key: 'k',
        requestHash: 'h',
        runKey: run.key,
        expiresAt: 100,
      };
      await store.transaction((tx) => tx.idempotency.insert(record, 10));
      expect(await store.read.idempotency.find(workspace.key, user.key, 'k', 99)).toEqual(record);
      expect(await store.read.idempotency.find(workspace.key, user.key, 'k', 100)).toBeNull();
      expect(await store.read.idempotency.find(workspace.key, nobody.user, 'k', 99)).toBeNull();
      await expect(store.transaction((tx) => tx.idempotency.insert(record, 99))).rejects.toMatchObject({
        code: 'already_exists',
      });
      const later = { ...record, requestHash: 'other', expiresAt: 300 };
      await store.transaction((tx) => tx.idempotency.insert(later, 100));
      expect(await store.read.idempotency.find(workspace.key, user.key, 'k', 200)).toEqual(later);
    });

    it('clears expired keys away as new ones come', async () => {
      const { store } = subject;
      const { workspace, user, project } = await aPlace(store);
      const run = await aRun(store, project);
      const record = (key: string, expiresAt: number) => ({
        workspaceKey: workspace.key,
        userKey: user.key,
        key,
        requestHash: 'h',
        runKey: run.key,
        expiresAt,
      });
      await store.transaction((tx) => tx.idempotency.insert(record('old', 100), 10));
      await store.transaction((tx) => tx.idempotency.insert(record('new', 900), 500));
      expect(await store.read.idempotency.find(workspace.key, user.key, 'old', 50)).toBeNull();
      expect(await store.read.idempotency.find(workspace.key, user.key, 'new', 500)).not.toBeNull();
    });

    it('lists the audit events of one thing in their order', async () => {
      const { store } = subject;
      const entity = `run ${v7()}`;
      const events = (['create', 'stop', 'delete'] as const).map((action) => ({
        actor: 'ann',
        action,
        entity,
        at: 7,
      }));
      await store.transaction(async (tx) => {
        for (const event of events) await tx.audit.append(event);
        await tx.audit.append({ actor: 'ann', action: 'create', entity: 'another', at: 7 });
      });
      expect(await store.read.audit.list(entity)).toEqual(events);
    });
  });
}
