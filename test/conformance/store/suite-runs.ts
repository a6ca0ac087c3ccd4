import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { codeRoot } from '../../../src/core/artifact-path.js';
import type { RunId } from '../../../src/core/ids.js';
import type { Run } from '../../../src/core/model.js';
import type { RunPageQuery, Store } from '../../../src/core/ports/index.js';
import { aPlace, aPoint, aProject, aRun, aSpec, newEvent, newJob, newRun, nobody, now } from './fixtures.js';
import type { Subject } from './suite.js';

/** All pages of a query, of so many runs each. */
async function allPages(store: Store, query: Omit<RunPageQuery, 'limit'>, limit: number): Promise<Run[]> {
  const found: Run[] = [];
  for (;;) {
    const last = found.at(-1);
    const after = last === undefined ? {} : { after: { createdAt: last.createdAt, key: last.key } };
    const page = await store.read.runs.page({ ...query, ...after, limit });
    expect(page.length).toBeLessThanOrEqual(limit);
    found.push(...page);
    if (page.length < limit) return found;
  }
}

/** Runs: their numbers, their rows, their lists, their end. */
export function runCases(subject: Subject): void {
  describe('runs', () => {
    it('numbers from 1 within the project and gives each a greater key', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const other = await store.transaction((tx) => aProject(tx, workspace.key, 'Other'));
      const runs = [await aRun(store, project), await aRun(store, other), await aRun(store, project)];
      expect(runs.map((run) => run.number)).toEqual([1, 1, 2]);
      expect(runs.map((run) => run.key)).toEqual(runs.map((run) => run.key).sort((a, b) => a - b));
    });

    it('gives back every field as it was stored', async () => {
      const { store } = subject;
      const { project, user } = await aPlace(store);
      const parent = await aRun(store, project);
      const input = newRun(project, {
        name: 'ünï ✓ 🦆',
        description: '',
        createdBy: { key: user.key, name: user.name },
        managed: false,
        status: 'running',
        specRevision: 3,
        originKey: parent.key,
        originKind: 'copy',
        parentKey: parent.key,
        parentRef: 'somewhere',
        artifactRoot: parent.id,
        codeRef: {
          commit: 'c0ffee',
          head: null,
          branch: 'main',
          url: 'https://example.org/x.git',
          isDirty: true,
          diff: '+a',
        },
        extensions: { submarine: { text: 'a\u0000b\ud800', list: [1, null] } },
      });
      const run = await store.transaction((tx) => tx.runs.insert(input));
      const { key, ...fields } = run;
      expect(fields).toEqual({
        ...input,
        number: 2,
        desiredState: 'running',
        statusReason: null,
        statusMessage: null,
        attempt: 1,
        updatedAt: input.createdAt,
        startedAt: null,
        finishedAt: null,
        heartbeatAt: null,
        deletedAt: null,
        archivedAt: null,
        purgeAt: null,
        version: 1,
      });
      expect(parent).toMatchObject({ artifactRoot: parent.id, codeRef: null });
      expect(await store.read.runs.findByNumber(project.key, 2)).toEqual(run);
      expect(await store.read.runs.findByNumber(project.key, 3)).toBeNull();
      const several = await store.read.runs.findMany([key, nobody.run, parent.key]);
      expect(new Set(several)).toEqual(
        new Set([
          [key, run],
          [parent.key, parent],
        ]),
      );
      expect(await store.read.runs.find(input.id)).toEqual(run);
      expect(await store.read.runs.findByKey(key)).toEqual(run);
      expect(await store.read.runs.find(v7() as RunId)).toBeNull();
      expect(await store.read.runs.findByKey(nobody.run)).toBeNull();
    });

    it('changes what the patch names, nothing else, and counts the version', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const run = await aRun(store, project);
      const patch = {
        status: 'failed',
        statusReason: 'oom_killed',
        statusMessage: 'out of memory',
        desiredState: 'stopped',
        attempt: 2,
        specRevision: 4,
        startedAt: 11,
        finishedAt: 12,
        heartbeatAt: 13,
        archivedAt: 14,
        codeRef: { commit: 'a', head: 'b', branch: null, url: null, isDirty: false, diff: null },
        framework: 'Keras',
        backend: 'kubeflow',
        groupRef: '1',
        buildRef: 'root.mnist.builds.2',
        extensions: { submarine: { a: 1 } },
      } as const;
      const changed = await store.transaction((tx) => tx.runs.update(run.key, patch, 99));
      expect(changed).toEqual({ ...run, ...patch, updatedAt: 99, version: 2 });
      const cleared = await store.transaction((tx) => tx.runs.update(run.key, { finishedAt: null }, 100));
      expect(cleared).toEqual({ ...changed, finishedAt: null, updatedAt: 100, version: 3 });
      expect(await store.read.runs.find(run.id)).toEqual(cleared);
      const touched = await store.transaction((tx) => tx.runs.update(run.key, {}, 101));
      expect(touched).toEqual({ ...cleared, updatedAt: 101, version: 4 });
      await expect(store.transaction((tx) => tx.runs.update(nobody.run, {}, 1))).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('pages by creation time and key, by project and by status, without deleted runs', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const other = await store.transaction((tx) => aProject(tx, workspace.key, 'Other'));
      const states = ['created', 'running', 'failed'] as const;
      const runs: Run[] = [];
      for (let index = 0; index < 30; index += 1) {
        const createdAt = 1_000 + Math.floor(((index * 7) % 30) / 4);
        const fields = { createdAt, status: states[index % 3] ?? 'created' };
        runs.push(await aRun(store, index % 2 === 0 ? project : other, fields));
      }
      for (const run of runs.slice(0, 5)) {
        await store.transaction((tx) => tx.runs.update(run.key, { deletedAt: 5 }, 5));
      }
      const ordered = runs.slice(5).sort((a, b) => a.createdAt - b.createdAt || a.key - b.key);
      const keys = (list: readonly Run[]) => list.map((run) => run.key);
      const all = { workspaceKey: workspace.key };
      for (const limit of [1, 4, 25, 100]) {
        expect(keys(await allPages(store, all, limit))).toEqual(keys(ordered));
        expect(keys(await allPages(store, { ...all, projectKey: other.key }, limit))).toEqual(
          keys(ordered.filter((run) => run.projectKey === other.key)),
        );
        expect(keys(await allPages(store, { ...all, statuses: ['failed'] }, limit))).toEqual(
          keys(ordered.filter((run) => run.status === 'failed')),
        );
        const some = { ...all, projectKey: project.key, statuses: ['failed', 'created', 'failed'] } as const;
        expect(keys(await allPages(store, some, limit))).toEqual(
          keys(ordered.filter((run) => run.projectKey === project.key && run.status !== 'running')),
        );
      }
      expect(await store.read.runs.page({ ...all, statuses: [], limit: 5 })).toEqual([]);
      const elsewhere = await aPlace(store);
      const foreign = { workspaceKey: elsewhere.workspace.key, projectKey: project.key, limit: 5 };
      expect(await store.read.runs.page(foreign)).toEqual([]);
    });

    it('knows which runs have work left', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const waiting = await aRun(store, project);
      const ended = await aRun(store, project, { status: 'succeeded' });
      const reporting = await aRun(store, project, { managed: false, status: 'running' });
      const due = await aRun(store, project, { status: 'stopped' });
      const later = await aRun(store, project, { status: 'stopped' });
      const deleted = await aRun(store, project, { status: 'running' });
      await store.transaction(async (tx) => {
        await tx.runs.update(due.key, { deletedAt: 1, purgeAt: now() }, now());
        await tx.runs.update(later.key, { deletedAt: 1, purgeAt: now() + 10 ** 15 }, now());
        await tx.runs.update(deleted.key, { deletedAt: 1, purgeAt: now() + 10 ** 15 }, now());
      });
      const unfinished = await store.read.runs.unfinished();
      expect(unfinished).toEqual([...unfinished].sort((a, b) => a - b));
      const ours = unfinished.filter((key) => key >= waiting.key);
      expect(ours).toEqual([waiting.key, due.key, deleted.key]);
      expect(ours).not.toContain(ended.key);
      expect(ours).not.toContain(reporting.key);
    });

    it('marks every run of a project for purging, once', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const other = await store.transaction((tx) => aProject(tx, workspace.key, 'Other'));
      const runs = [await aRun(store, project), await aRun(store, project, { managed: false })];
      const kept = await aRun(store, other);
      const at = now();
      const marked = await store.transaction((tx) => tx.runs.markForPurge(project.key, at));
      expect([...marked].sort((a, b) => a - b)).toEqual(runs.map((run) => run.key));
      expect(await store.read.runs.findByKey(marked[0] ?? nobody.run)).toMatchObject({
        deletedAt: at,
        purgeAt: at,
        updatedAt: at,
        desiredState: 'stopped',
        version: 2,
      });
      expect(await store.transaction((tx) => tx.runs.markForPurge(project.key, now()))).toEqual([]);
      expect(await store.read.runs.findByKey(kept.key)).toEqual(kept);
      expect(await store.read.runs.unfinished()).toEqual(expect.arrayContaining([...marked]));
    });

    it('knows who needs code: projects and runs that are not being purged', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const [code, other] = [codeRoot('a'), codeRoot('b')];
      const first = await aRun(store, project, { codeRoot: code });
      expect(first.codeRoot).toBe(code);
      const { runs, projects } = store.read;
      expect(await runs.usesCode(code, first.key)).toBe(false);
      expect(await runs.usesCode(code, null)).toBe(true);
      const second = await aRun(store, project, { codeRoot: code });
      expect(await runs.usesCode(code, first.key)).toBe(true);
      await store.transaction((tx) => tx.runs.update(second.key, { purgeAt: 1 }, 1));
      expect(await runs.usesCode(code, first.key)).toBe(false);
      expect(await projects.usesCode(other)).toBe(false);
      await store.transaction((tx) => tx.projects.update(project.key, { codeRoot: other }, 1));
      expect((await projects.find(project.key))?.codeRoot).toBe(other);
      expect(await projects.usesCode(other)).toBe(true);
      await store.transaction((tx) => tx.projects.update(project.key, { purgeAt: 1 }, 1));
      expect(await projects.usesCode(other)).toBe(false);
    });

    it('knows whether another run writes to a folder of outputs', async () => {
      const { store } = subject;
      const { project } = await aPlace(store);
      const first = await aRun(store, project);
      const alone = await aRun(store, project);
      const resumed = await aRun(store, project, { artifactRoot: first.id });
      const shares = (root: Run, except: Run) => store.read.runs.sharesArtifactRoot(root.id, except.key);
      expect(await shares(alone, alone)).toBe(false);
      expect(await shares(first, first)).toBe(true);
      expect(await shares(first, resumed)).toBe(true);
      await store.transaction((tx) => tx.runs.remove(first.key));
      expect(await shares(first, resumed)).toBe(false);
    });

    it('removes a run with all that belongs to it, and nothing else', async () => {
      const { store } = subject;
      const { project, user, workspace } = await aPlace(store);
      const [run, kept] = [
        await aRun(store, project, { specRevision: 1 }),
        await aRun(store, project, { specRevision: 1 }),
      ];
      const child = await aRun(store, project, { parentKey: run.key, originKey: run.key });
      const hash = v7();
      for (const each of [run, kept]) {
        await store.transaction(async (tx) => {
          await tx.specs.insert(each.key, 1, aSpec, 1);
          await tx.attempts.insert({ runKey: each.key, number: 1, reason: 'first', createdAt: 1 });
          const [job] = await tx.jobs.insert(each.key, [newJob()]);
          await tx.statuses.append(newEvent(each.key, { jobKey: job?.key ?? null }));
          await tx.statuses.append(newEvent(each.key));
          await tx.params.upsert(each.key, [{ key: 'lr', type: 'double', text: '0.1', number: 0.1 }]);
          await tx.tags.upsert(each.key, [{ key: 'a', value: null }]);
          await tx.metrics.append(each.key, [aPoint('loss', 1)], 1);
          await tx.bookmarks.setRun(user.key, each.key, true, 1);
        });
      }
      const record = { workspaceKey: workspace.key, userKey: user.key, key: 'k', requestHash: 'h' };
      await store.transaction(async (tx) => {
        await tx.accounts.insertToken({
          hash,
          userKey: user.key,
          label: null,
          runKey: run.key,
          createdAt: 1,
          expiresAt: null,
        });
        await tx.idempotency.insert({ ...record, runKey: run.key, expiresAt: 10 ** 15 }, 1);
        await tx.audit.append({ actor: 'a', action: 'delete', entity: `run ${run.id}`, at: 1 });
        await tx.runs.remove(run.key);
      });

      const { read } = store;
      const keys = [run.key, kept.key];
      expect(await read.runs.findByKey(run.key)).toBeNull();
      expect([...(await read.specs.current(keys)).keys()]).toEqual([kept.key]);
      expect(await read.specs.find(run.key, 1)).toBeNull();
      expect(await read.attempts.list(run.key)).toEqual([]);
      expect(await read.attempts.list(kept.key)).toHaveLength(1);
      expect((await read.jobs.list(keys)).map((job) => job.runKey)).toEqual([kept.key]);
      expect((await read.statuses.list(keys, { jobs: true })).map((event) => event.runKey)).toEqual([
        kept.key,
        kept.key,
      ]);
      expect([...(await read.params.list(keys)).keys()]).toEqual([kept.key]);
      expect([...(await read.tags.list(keys)).keys()]).toEqual([kept.key]);
      expect([...(await read.metrics.summaries(keys)).keys()]).toEqual([kept.key]);
      expect(await read.metrics.rows(run.key, { limit: 10 })).toEqual([]);
      expect(await read.metrics.rows(kept.key, { limit: 10 })).toHaveLength(1);
      expect(await read.bookmarks.markedRuns(user.key, keys)).toEqual(new Set([kept.key]));
      expect(await read.accounts.findToken(hash)).toBeNull();
      expect(await read.idempotency.find(workspace.key, user.key, 'k', 1)).toBeNull();
      expect(await read.audit.list(`run ${run.id}`)).toHaveLength(1);
      expect(await read.runs.findByKey(child.key)).toMatchObject({ parentKey: null, originKey: null });
      const next = await aRun(store, project);
      expect(next.key).toBeGreaterThan(child.key);
      expect(next.number).toBe(4);
    });
  });
}
