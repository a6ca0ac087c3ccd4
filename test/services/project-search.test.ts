import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compare, contains, everyProject, projectAttribute, projectTag } from '../../src/core/query.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { getProject } from '../../src/services/projects/get.js';
import { searchProjects } from '../../src/services/projects/search.js';
import { trashProject } from '../../src/services/projects/trash.js';
import { updateProject } from '../../src/services/projects/update.js';
import { createRun } from '../../src/services/runs/create.js';
import { aProject, aRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;

beforeEach(async () => {
  bench = await createBench();
  for (const name of ['a', 'b', 'c'])
    await createProject(
      bench.ctx,
      aProject({ name, isPublic: name === 'b', tags: [{ key: 'letter', value: name }] }),
    );
});

afterEach(() => bench.close());

const newestFirst = [{ field: projectAttribute('createdAt'), direction: 'desc' }] as const;
const all = { filter: everyProject, order: newestFirst, limit: 10 };

const namesOf = async (...[ctx, query]: Parameters<typeof searchProjects>) =>
  (await searchProjects(ctx, query)).views.map((view) => view.project.name);

describe('a search of projects', () => {
  it('gives the views of a page, its successor and, asked, the total', async () => {
    await createRun(bench.ctx, aRequest({ projectNumber: 3 }));
    const first = await searchProjects(bench.ctx, { ...all, limit: 3 }, { total: true });
    expect(first.views[0]).toEqual(await getProject(bench.ctx, { number: 3 }));
    expect(first.views[0]).toMatchObject({ runs: 1 });
    expect(first).toMatchObject({ total: 4 });
    if (first.next === null) throw new Error('there is a second page');
    const second = await searchProjects(bench.ctx, { ...all, limit: 3, after: first.next });
    expect(second).toMatchObject({ views: [{ project: { name: 'Default' } }], next: null, total: null });
    expect(await namesOf(bench.ctx, { ...all, offset: 1, limit: 2 })).toEqual(['b', 'a']);
  });

  it('filters by attributes and tags', async () => {
    const filter = compare(projectTag('letter'), 'ne', 'b');
    expect(await namesOf(bench.ctx, { ...all, filter })).toEqual(['c', 'a']);
    const name = contains(projectAttribute('name'), 'DEF', { ignoreCase: true });
    expect(await namesOf(bench.ctx, { ...all, filter: name })).toEqual(['Default']);
  });

  it('leaves trashed projects out unless they are asked for, and deleted ones always', async () => {
    await trashProject(bench.ctx, { named: 'a' });
    await deleteProject(bench.ctx, { named: 'b' });
    expect(await namesOf(bench.ctx, all)).toEqual(['c', 'Default']);
    expect(await namesOf(bench.ctx, { ...all, lifecycle: 'deleted' })).toEqual(['a']);
    expect(await namesOf(bench.ctx, { ...all, lifecycle: 'any' })).toEqual(['c', 'a', 'Default']);
  });

  it('finds what the caller may read', async () => {
    expect(await namesOf(await bench.as('ada', null), all)).toEqual(['b']);
    expect(await namesOf(await bench.as('bob', 'reader'), all)).toEqual(['c', 'b', 'a', 'Default']);
    const { run } = await createRun(bench.ctx, aRequest({ projectNumber: 3 }));
    const job = { ...bench.ctx, actor: { ...bench.ctx.actor, runKey: run.key } };
    expect(await namesOf(job, all)).toEqual(['c']);
  });
});

describe('tags of a project', () => {
  it('are set by many at once, one by one, and move the time of its last change', async () => {
    const before = (await getProject(bench.ctx, { number: 1 })).project;
    const keys = Array.from({ length: 20 }, (_, place) => `k${place}`);
    await Promise.all(
      keys.map((key) =>
        updateProject(bench.ctx, { number: 1 }, { retag: (present) => [...present, { key, value: 'v' }] }),
      ),
    );
    const { project } = await getProject(bench.ctx, { number: 1 });
    expect(project.tags.map((tag) => tag.key).sort()).toEqual(['letter', ...keys].sort());
    expect(project.updatedAt).toBeGreaterThan(before.updatedAt);
  });

  it('are changed and removed, the last of one key counting', async () => {
    const retag = () => [
      { key: 'x', value: '1' },
      { key: 'letter', value: 'z' },
      { key: 'x', value: '2' },
    ];
    const { project } = await updateProject(bench.ctx, { number: 1 }, { retag });
    expect(project.tags).toEqual([
      { key: 'letter', value: 'z' },
      { key: 'x', value: '2' },
    ]);
    const emptied = await updateProject(bench.ctx, { number: 1 }, { retag: () => [] });
    expect(emptied.project.tags).toEqual([]);
  });
});
