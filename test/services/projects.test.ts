import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addUser } from '../../src/services/accounts/add-user.js';
import { inWorkspace } from '../../src/services/accounts/in-workspace.js';
import { setProjectBookmark } from '../../src/services/bookmarks/set.js';
import type { Context } from '../../src/services/context.js';
import { purgeRun } from '../../src/services/lifecycle/purge.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { getProject } from '../../src/services/projects/get.js';
import { listProjects } from '../../src/services/projects/list.js';
import { updateProject } from '../../src/services/projects/update.js';
import { createRun, createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { getRun } from '../../src/services/runs/get.js';
import { codeOf } from '../support/code-of.js';
import { aProject, aRequest, aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;

beforeEach(async () => {
  bench = await createBench();
});

afterEach(() => bench.close());

const names = async (ctx: Context): Promise<string[]> =>
  (await listProjects(ctx, { offset: 0, limit: 10 })).views.map((view) => view.project.name);

describe('projects', () => {
  it('are created, found by number and slug, changed, and counted', async () => {
    const tags = [{ key: 'a', value: null }];
    const made = await createProject(bench.ctx, aProject({ tags, extensions: { polyaxon: { x: 1 } } }));
    expect(made).toMatchObject({
      project: { number: 1, slug: 'quick-start', tags, createdBy: { name: 'root' } },
      runs: 0,
      bookmarked: false,
    });
    const { run } = await createRun(bench.ctx, aRequest({ projectNumber: 1 }));
    await createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber: 1 }));
    await deleteRun(bench.ctx, { id: run.id });
    await setProjectBookmark(bench.ctx, { slug: 'quick-start' }, true);
    const changed = await updateProject(
      bench.ctx,
      { slug: 'quick-start' },
      { name: 'Slow', isPublic: true, retag: (present) => [...present, { key: 'b', value: '1' }] },
    );
    expect(changed).toMatchObject({ runs: 1, bookmarked: true });
    expect(changed.project).toMatchObject({
      name: 'Slow',
      slug: 'quick-start',
      isPublic: true,
      description: null,
      tags: [...tags, { key: 'b', value: '1' }],
      extensions: { polyaxon: { x: 1 } },
    });
    expect(await getProject(bench.ctx, { number: 1 })).toEqual(changed);
    expect(await getProject(bench.ctx, { id: made.project.id })).toEqual(changed);
    expect(await names(bench.ctx)).toEqual(['Slow', 'Default']);
  });

  it.each([
    { name: 'Default', code: 'already_exists' },
    { name: ' ', code: 'invalid' },
    { name: '', code: 'invalid' },
  ])('refuse the name "$name": $code', async ({ name, code }) => {
    expect(await codeOf(createProject(bench.ctx, aProject({ name })))).toBe(code);
    await createProject(bench.ctx, aProject());
    expect(await codeOf(updateProject(bench.ctx, { number: 1 }, { name }))).toBe(code);
  });

  it.each([
    { role: null, read: 'forbidden', readPublic: 'none', write: 'forbidden', remove: 'forbidden' },
    { role: 'reader', read: 'none', readPublic: 'none', write: 'forbidden', remove: 'forbidden' },
    { role: 'writer', read: 'none', readPublic: 'none', write: 'none', remove: 'forbidden' },
    { role: 'owner', read: 'none', readPublic: 'none', write: 'none', remove: 'none' },
  ] as const)('let in who may: $role', async ({ role, read, readPublic, write, remove }) => {
    await createProject(bench.ctx, aProject());
    await createProject(bench.ctx, aProject({ name: 'Public', isPublic: true }));
    const hidden = (await createRun(bench.ctx, aRequest({ projectNumber: 1 }))).run;
    const shown = (await createRun(bench.ctx, aRequest({ projectNumber: 2 }))).run;
    const ctx = await bench.as('ada', role);
    const [one, open] = [{ number: 1 }, { slug: 'public' }];
    expect(await codeOf(getProject(ctx, one))).toBe(read);
    expect(await codeOf(getProject(ctx, open))).toBe(readPublic);
    expect(await codeOf(getProject(ctx, { number: 77 }))).toBe(role === null ? 'forbidden' : 'not_found');
    expect(await codeOf(getRun(ctx, { id: hidden.id }))).toBe(read);
    expect(await codeOf(getRun(ctx, { id: shown.id }))).toBe(readPublic);
    expect(await codeOf(createRun(ctx, aRequest({ projectNumber: 2 })))).toBe(write);
    expect(await codeOf(createProject(ctx, aProject({ name: 'Mine' })))).toBe(write);
    for (const ref of [one, open]) {
      expect(await codeOf(updateProject(ctx, ref, { description: 'd' }))).toBe(write);
      expect(await codeOf(deleteProject(ctx, ref))).toBe(remove);
    }
    expect(await codeOf(setProjectBookmark(ctx, { number: 0 }, true))).toBe(read);
  });

  it('are listed to others when they are public alone', async () => {
    await createProject(bench.ctx, aProject());
    await createProject(bench.ctx, aProject({ name: 'Public', isPublic: true }));
    expect(await names(await bench.as('ada', null))).toEqual(['Public']);
    expect(await names(await bench.as('bob', 'reader'))).toEqual(['Public', 'Quick Start', 'Default']);
  });

  it('of one workspace are not there in another; every user’s own has a project 0', async () => {
    await createProject(bench.ctx, aProject());
    await addUser(bench.ports, { name: 'ada', role: 'none', workspace: 'root', superuser: false });
    const elsewhere = await inWorkspace(bench.ctx, 'ADA');
    const { project } = await getProject(bench.ctx, { number: 1 });
    expect(await codeOf(getProject(elsewhere, { key: project.key }))).toBe('not_found');
    expect(await codeOf(getProject(elsewhere, { number: 1 }))).toBe('not_found');
    expect(await names(elsewhere)).toEqual(['Default']);
    expect(await codeOf(inWorkspace(bench.ctx, 'nobody'))).toBe('not_found');
  });
});

describe('deleting a project', () => {
  it('hides it and its runs at once, frees its name, and lets the last run’s purge remove it', async () => {
    const { project } = await createProject(bench.ctx, aProject());
    const runs = [
      (await createRun(bench.ctx, aRequest({ projectNumber: 1 }))).run,
      (await createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber: 1 }))).run,
    ];
    bench.woken.length = 0;
    await deleteProject(bench.ctx, { number: 1 });
    expect(bench.woken.sort((a, b) => a - b)).toEqual(runs.map((run) => run.key));
    for (const { id } of runs) expect(await codeOf(getRun(bench.ctx, { id }))).toBe('not_found');
    expect(await codeOf(getProject(bench.ctx, { slug: 'quick-start' }))).toBe('not_found');
    expect(await codeOf(createRun(bench.ctx, aRequest({ projectNumber: 1 })))).toBe('not_found');
    expect(await names(bench.ctx)).toEqual(['Default']);
    const again = await createProject(bench.ctx, aProject());
    expect(again.project).toMatchObject({ slug: 'quick-start', number: 2 });
    for (const { key } of runs) {
      expect(await bench.store.read.projects.find(project.key)).not.toBeNull();
      await purgeRun(bench.ports, key);
    }
    expect(await bench.store.read.projects.find(project.key)).toBeNull();
    const audit = await bench.store.read.audit.list(`project ${project.id}`);
    expect(audit.map((event) => event.action)).toEqual(['create', 'delete']);
  });

  it('without runs removes it at once; project 0 stays, whatever its name', async () => {
    const { project } = await createProject(bench.ctx, aProject());
    await deleteProject(bench.ctx, { number: 1 });
    expect(await bench.store.read.projects.find(project.key)).toBeNull();
    await updateProject(bench.ctx, { number: 0 }, { name: 'Renamed' });
    expect(await codeOf(deleteProject(bench.ctx, { number: 0 }))).toBe('invalid');
    expect(await names(bench.ctx)).toEqual(['Renamed']);
  });

  it('is for its creator too', async () => {
    const ada = await bench.as('ada', 'writer');
    await createProject(ada, aProject());
    expect(await codeOf(deleteProject(ada, { number: 1 }))).toBe('none');
  });
});

describe('a project that is named', () => {
  it('is the one of that name, else the one of that slug', async () => {
    const first = await createProject(bench.ctx, aProject({ name: 'Two Words' }));
    const at = async (named: string) => (await getProject(bench.ctx, { named })).project.key;
    expect(await at('Two Words')).toBe(first.project.key);
    expect(await at('two-words')).toBe(first.project.key);
    const second = await createProject(bench.ctx, aProject({ name: 'two-words' }));
    expect(await at('two-words')).toBe(second.project.key);
    expect(await codeOf(at('two words'))).toBe('not_found');
  });
});
