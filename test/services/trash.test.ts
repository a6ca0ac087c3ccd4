import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactPath } from '../../src/core/artifact-path.js';
import type { RunId } from '../../src/core/ids.js';
import { everyRun } from '../../src/core/query.js';
import { uploadCode } from '../../src/services/artifacts/code.js';
import { readArtifact } from '../../src/services/artifacts/read.js';
import { writeArtifact } from '../../src/services/artifacts/write.js';
import { listRunBookmarks } from '../../src/services/bookmarks/list.js';
import { setRunBookmark } from '../../src/services/bookmarks/set.js';
import type { Context } from '../../src/services/context.js';
import { finishRun } from '../../src/services/lifecycle/finish.js';
import { logMetrics } from '../../src/services/metrics/log.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { holdProject } from '../../src/services/projects/find.js';
import { getProject } from '../../src/services/projects/get.js';
import { listProjects } from '../../src/services/projects/list.js';
import { restoreProject, trashProject } from '../../src/services/projects/trash.js';
import { updateProject } from '../../src/services/projects/update.js';
import { cloneRun } from '../../src/services/runs/clone.js';
import { createRun, createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun, deleteRuns } from '../../src/services/runs/delete.js';
import { holdRun } from '../../src/services/runs/find.js';
import { getRun } from '../../src/services/runs/get.js';
import { listRuns } from '../../src/services/runs/list.js';
import { searchRuns } from '../../src/services/runs/search.js';
import { stopRun } from '../../src/services/runs/stop.js';
import { restoreRun, trashRun } from '../../src/services/runs/trash.js';
import { updateRun } from '../../src/services/runs/update.js';
import { bytesOf } from '../conformance/artifacts/tar.js';
import { codeOf } from '../support/code-of.js';
import { aProject, aRequest, aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
/** The same caller in a dialect that knows a trash. */
let seeing: Context;

beforeEach(async () => {
  bench = await createBench();
  seeing = { ...bench.ctx, seesTrash: true };
});

afterEach(() => bench.close());

const one = { number: 1 };
const path = artifactPath('a');

async function aRun(fields: Parameters<typeof aTrackedRequest>[0] = {}): Promise<{ id: RunId }> {
  const { run } = await createTrackedRun(bench.ctx, aTrackedRequest(fields));
  return { id: run.id };
}

async function namesIn(ctx: Context, lifecycle: 'active' | 'deleted' | 'any'): Promise<(string | null)[]> {
  const { views } = await searchRuns(ctx, { filter: everyRun, order: [], lifecycle, limit: 10 });
  return views.map((view) => view.run.name);
}

const stageOfRun = async (ref: { id: RunId }) => {
  const run = await bench.store.read.runs.find(ref.id);
  return run?.purgeAt !== null ? 'purging' : run.deletedAt === null ? 'active' : 'trashed';
};

describe('a trashed run', () => {
  it('is read where the trash is seen, and is not there elsewhere', async () => {
    const ref = await aRun();
    await writeArtifact(bench.ctx, ref, path, bytesOf('x'));
    await setRunBookmark(bench.ctx, ref, true);
    const { run } = await trashRun(bench.ctx, ref);
    expect(run.deletedAt).not.toBeNull();
    expect(run).toMatchObject({ status: 'created', purgeAt: null });

    expect((await getRun(seeing, ref)).run).toEqual(run);
    await (await readArtifact(seeing, ref, path)).close();
    expect(await codeOf(getRun(bench.ctx, ref))).toBe('not_found');
    expect(await codeOf(readArtifact(bench.ctx, ref, path))).toBe('not_found');
    for await (const page of await listRuns(seeing, {})) expect(page).toEqual([]);
    expect(await listRunBookmarks(seeing, { offset: 0, limit: 5 })).toEqual({ items: [], total: 0 });
    expect(await getProject(seeing, { number: 0 })).toMatchObject({ runs: 0 });
    expect(await namesIn(seeing, 'active')).toEqual([]);
    expect(await namesIn(seeing, 'deleted')).toEqual(['tracked']);
    expect(await namesIn(seeing, 'any')).toEqual(['tracked']);
  });

  it.each<readonly [string, (ctx: Context, ref: { id: RunId }) => Promise<unknown>]>([
    ['an update', (ctx, ref) => updateRun(ctx, ref, { name: 'other' })],
    ['metrics', (ctx, ref) => logMetrics(ctx, ref, [])],
    ['a stop', (ctx, ref) => stopRun(ctx, ref)],
    ['a file', (ctx, ref) => writeArtifact(ctx, ref, path, bytesOf('x'))],
  ])('refuses %s with words where it is seen, and is not there elsewhere', async (_name, write) => {
    const ref = await aRun();
    await trashRun(bench.ctx, ref);
    await expect(write(seeing, ref)).rejects.toMatchObject({
      detail: { code: 'trashed', entity: 'run', id: ref.id },
    });
    expect(await codeOf(write(bench.ctx, ref))).toBe('not_found');
    expect((await getRun(seeing, ref)).run.name).toBe('tracked');
  });

  it('is not written by whoever looked before it was trashed', async () => {
    const ref = await aRun();
    const { run } = await trashRun(bench.ctx, ref);
    expect(await codeOf(bench.store.transaction((tx) => holdRun(tx, run.key)))).toBe('trashed');
    await restoreRun(bench.ctx, ref);
    await deleteRun(bench.ctx, ref);
    expect(await codeOf(bench.store.transaction((tx) => holdRun(tx, run.key)))).toBe('not_found');
  });

  it('is told to who may not write it that it may not', async () => {
    const ref = await aRun();
    await trashRun(bench.ctx, ref);
    const reader = { ...(await bench.as('ada', 'reader')), seesTrash: true };
    expect(await codeOf(updateRun(reader, ref, { name: 'x' }))).toBe('forbidden');
    expect((await getRun(reader, ref)).run.id).toBe(ref.id);
  });

  it('stays as it is when it is trashed again, and so does a run in use that is restored', async () => {
    const ref = await aRun();
    const first = await trashRun(bench.ctx, ref);
    expect(await trashRun(bench.ctx, ref)).toEqual(first);
    const restored = await restoreRun(bench.ctx, ref);
    expect(restored.run).toMatchObject({ deletedAt: null, status: 'created' });
    expect(await restoreRun(bench.ctx, ref)).toEqual(restored);
    expect(await getRun(bench.ctx, ref)).toEqual(restored);
    const audit = await bench.store.read.audit.list(`run ${ref.id}`);
    expect(audit.map((event) => event.action)).toEqual(['create', 'delete', 'restore']);
  });

  it('is found by no hard deletion, and one that is being purged by no restoration', async () => {
    const ref = await aRun();
    await trashRun(bench.ctx, ref);
    expect(await codeOf(deleteRun(bench.ctx, ref))).toBe('not_found');
    expect(await deleteRuns(bench.ctx, [ref])).toBe(0);
    expect(await stageOfRun(ref)).toBe('trashed');
    await restoreRun(bench.ctx, ref);
    await deleteRun(bench.ctx, ref);
    expect(await codeOf(restoreRun(bench.ctx, ref))).toBe('not_found');
    expect(await codeOf(trashRun(bench.ctx, ref))).toBe('not_found');
    expect(await codeOf(getRun(seeing, ref))).toBe('not_found');
    for (const lifecycle of ['active', 'deleted', 'any'] as const)
      expect(await namesIn(seeing, lifecycle)).toEqual([]);
  });

  it('is stopped if it was started here, and is not started again when it is restored', async () => {
    const { run, jobs } = await createRun(bench.ctx, aRequest());
    bench.woken.length = 0;
    const trashed = await trashRun(bench.ctx, { id: run.id });
    expect(trashed.run).toMatchObject({ desiredState: 'stopped', status: 'stopping' });
    expect(bench.woken).toEqual([run.key]);
    expect(await bench.store.read.runs.unfinished()).toEqual([run.key]);
    await finishRun(bench.ports, run.key, 1, { status: 'stopped', reason: null, message: null, at: null });
    const restored = await restoreRun(bench.ctx, { id: run.id });
    expect(restored.run).toMatchObject({ desiredState: 'stopped', status: 'stopped', attempt: 1 });
    expect(restored.jobs).toHaveLength(jobs.length);
    expect(await bench.store.read.runs.unfinished()).toEqual([]);
  });

  it.each([
    { role: null, trash: 'forbidden', trashOwn: 'forbidden', restore: 'forbidden' },
    { role: 'reader', trash: 'forbidden', trashOwn: 'forbidden', restore: 'forbidden' },
    { role: 'writer', trash: 'forbidden', trashOwn: 'none', restore: 'none' },
    { role: 'owner', trash: 'none', trashOwn: 'none', restore: 'none' },
  ] as const)('is trashed and restored by who may: $role', async ({ role, trash, trashOwn, restore }) => {
    const ctx = await bench.as('ada', role);
    const ref = await aRun();
    expect(await codeOf(trashRun(ctx, ref))).toBe(trash);
    if (role !== null && trashOwn === 'none') {
      const own = await createTrackedRun(ctx, aTrackedRequest());
      expect(await codeOf(trashRun(ctx, { id: own.run.id }))).toBe('none');
    }
    await trashRun(bench.ctx, ref);
    expect(await codeOf(restoreRun(ctx, ref))).toBe(restore);
  });

  it('is nobody’s parent and nobody’s origin', async () => {
    const { run } = await createRun(bench.ctx, aRequest());
    await trashRun(bench.ctx, { id: run.id });
    const child = await createTrackedRun(seeing, aTrackedRequest({ parentRef: run.id }));
    expect(child.run).toMatchObject({ parentKey: null, parentRef: run.id });
    const clone = { kind: 'restart', name: null, tags: [] } as const;
    expect(await codeOf(cloneRun(seeing, { id: run.id }, clone))).toBe('trashed');
    expect(await codeOf(cloneRun(bench.ctx, { id: run.id }, clone))).toBe('not_found');
  });
});

describe('a trashed project', () => {
  it('takes its runs along and brings those back alone', async () => {
    await createProject(bench.ctx, aProject());
    const before = await aRun({ projectNumber: 1, name: 'before' });
    const during = await aRun({ projectNumber: 1, name: 'during' });
    const elsewhere = await aRun({ name: 'elsewhere' });
    await trashRun(bench.ctx, before);
    await trashRun(bench.ctx, elsewhere);
    const { project } = await trashProject(bench.ctx, one);
    expect(project.deletedAt).not.toBeNull();
    expect((await getRun(seeing, during)).run.deletedAt).toBe(project.deletedAt);
    expect(await namesIn(seeing, 'deleted')).toEqual(['before', 'during', 'elsewhere']);

    const restored = await restoreProject(bench.ctx, one);
    expect(restored).toMatchObject({ project: { deletedAt: null }, runs: 1 });
    expect(await namesIn(bench.ctx, 'active')).toEqual(['during']);
    const audit = await bench.store.read.audit.list(`project ${project.id}`);
    expect(audit.map((event) => event.action)).toEqual(['create', 'delete', 'restore']);
  });

  it('tells its runs from those trashed before it though the clock stands still or steps back', async () => {
    await createProject(bench.ctx, aProject());
    const before = await aRun({ projectNumber: 1, name: 'before' });
    await aRun({ projectNumber: 1, name: 'during' });
    bench.setClock(5_000_000);
    await trashRun(bench.ctx, before);
    bench.setClock(1_000_000);
    const { project } = await trashProject(bench.ctx, one);
    expect(project.deletedAt).toBe(5_000_001);
    await restoreProject(bench.ctx, one);
    expect(await namesIn(bench.ctx, 'active')).toEqual(['during']);
  });

  it('is read where the trash is seen, refuses writes there, and is not there elsewhere', async () => {
    await createProject(bench.ctx, aProject());
    await aRun({ projectNumber: 1 });
    const { project } = await trashProject(bench.ctx, one);
    expect(await getProject(seeing, one)).toMatchObject({ project, runs: 0 });
    expect(await codeOf(getProject(bench.ctx, one))).toBe('not_found');
    expect((await listProjects(seeing, { offset: 0, limit: 9 })).total).toBe(1);
    const archive = () => bytesOf('no archive is read');
    for (const write of [
      (ctx: Context) => updateProject(ctx, one, { description: 'd' }),
      (ctx: Context) => createTrackedRun(ctx, aTrackedRequest({ projectNumber: 1 })),
      (ctx: Context) => createRun(ctx, aRequest({ projectNumber: 1 })),
      (ctx: Context) => uploadCode(ctx, one, archive()),
    ]) {
      await expect(write(seeing)).rejects.toMatchObject({
        detail: { code: 'trashed', entity: 'project', number: 1 },
      });
      expect(await codeOf(write(bench.ctx))).toBe('not_found');
    }
    const hold = bench.store.transaction((tx) => holdProject(tx, project.key));
    expect(await codeOf(hold)).toBe('trashed');
  });

  it('is searched where the trash is seen', async () => {
    const { project } = await createProject(bench.ctx, aProject());
    await aRun({ projectNumber: 1 });
    await trashProject(bench.ctx, one);
    const query = { filter: everyRun, order: [], limit: 9, projectKeys: [project.key] };
    const { views } = await searchRuns(seeing, { ...query, lifecycle: 'deleted' });
    expect(views).toHaveLength(1);
    expect(await codeOf(searchRuns(bench.ctx, query))).toBe('not_found');
  });

  it('keeps its name, though another project is named like its slug', async () => {
    await createProject(bench.ctx, aProject({ name: 'Two Words' }));
    const second = await createProject(bench.ctx, aProject({ name: 'two-words' }));
    await trashProject(bench.ctx, { number: 2 });
    const again = createProject(bench.ctx, aProject({ name: 'two-words' }));
    await expect(again).rejects.toMatchObject({
      code: 'already_exists',
      message: expect.stringContaining('restored'),
    });
    const found = await getProject(bench.ctx, { named: 'two-words' });
    expect(found.project).toMatchObject({ number: 1 });
    expect((await getProject(seeing, { named: 'two-words' })).project.key).toBe(second.project.key);
  });

  it('is not there to be trashed again, nor one in use to be restored', async () => {
    await createProject(bench.ctx, aProject());
    expect(await codeOf(restoreProject(seeing, one))).toBe('not_found');
    await trashProject(bench.ctx, one);
    expect(await codeOf(trashProject(seeing, one))).toBe('not_found');
    expect(await codeOf(deleteProject(bench.ctx, one))).toBe('not_found');
    await restoreProject(seeing, one);
    expect(await codeOf(restoreProject(seeing, one))).toBe('not_found');
  });

  it('gives back none of its runs by itself', async () => {
    await createProject(bench.ctx, aProject());
    const ref = await aRun({ projectNumber: 1 });
    await trashProject(bench.ctx, one);
    await expect(restoreRun(seeing, ref)).rejects.toMatchObject({
      detail: { code: 'trashed', entity: 'project', number: 1 },
    });
    expect(await stageOfRun(ref)).toBe('trashed');
  });

  it('stops its runs that were started here, and no other', async () => {
    await createProject(bench.ctx, aProject());
    const going = (await createRun(bench.ctx, aRequest({ projectNumber: 1 }))).run;
    const ended = (await createRun(bench.ctx, aRequest({ projectNumber: 1 }))).run;
    const other = (await createRun(bench.ctx, aRequest())).run;
    await aRun({ projectNumber: 1 });
    await finishRun(bench.ports, ended.key, 1, { status: 'failed', reason: null, message: null, at: null });
    bench.woken.length = 0;
    await trashProject(bench.ctx, one);
    expect(bench.woken).toEqual([going.key]);
    expect((await getRun(seeing, { id: going.id })).run).toMatchObject({
      desiredState: 'stopped',
      status: 'stopping',
    });
    expect((await getRun(seeing, { id: ended.id })).run.status).toBe('failed');
    expect((await getRun(seeing, { id: other.id })).run.desiredState).toBe('running');
  });

  it('is never project 0', async () => {
    expect(await codeOf(trashProject(bench.ctx, { number: 0 }))).toBe('invalid');
  });

  it('goes with all of its runs when it is deleted for good', async () => {
    await createProject(bench.ctx, aProject());
    const trashed = await aRun({ projectNumber: 1 });
    const active = await aRun({ projectNumber: 1 });
    await trashRun(bench.ctx, trashed);
    bench.woken.length = 0;
    await deleteProject(bench.ctx, one);
    expect(bench.woken).toHaveLength(2);
    expect([await stageOfRun(trashed), await stageOfRun(active)]).toEqual(['purging', 'purging']);
    expect(await codeOf(restoreRun(seeing, trashed))).toBe('not_found');
    expect(await codeOf(restoreProject(seeing, one))).toBe('not_found');
  });

  it.each([
    { role: null, trash: 'forbidden', restore: 'forbidden' },
    { role: 'reader', trash: 'forbidden', restore: 'forbidden' },
    { role: 'writer', trash: 'forbidden', restore: 'none' },
    { role: 'owner', trash: 'none', restore: 'none' },
  ] as const)('is trashed and restored by who may: $role', async ({ role, trash, restore }) => {
    await createProject(bench.ctx, aProject());
    const ctx = await bench.as('ada', role);
    expect(await codeOf(trashProject(ctx, one))).toBe(trash);
    if (trash !== 'none') await trashProject(bench.ctx, one);
    expect(await codeOf(restoreProject(ctx, one))).toBe(restore);
  });

  it('takes no run that is created at the same time, and loses none', async () => {
    await createProject(bench.ctx, aProject());
    const creations = Array.from({ length: 20 }, () =>
      codeOf(createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber: 1 }))),
    );
    const [, ...codes] = await Promise.all([trashProject(bench.ctx, one), ...creations]);
    const made = codes.filter((code) => code === 'none').length;
    expect(await namesIn(seeing, 'active')).toEqual([]);
    const { total } = await searchRuns(
      seeing,
      { filter: everyRun, order: [], lifecycle: 'deleted', limit: 1 },
      { total: true },
    );
    expect(total).toBe(made);
  });
});
