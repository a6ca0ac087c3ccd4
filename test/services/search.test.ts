import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { and, attribute, compare, everyRun, noRun, tag } from '../../src/core/query.js';
import { createProject } from '../../src/services/projects/create.js';
import { getProject } from '../../src/services/projects/get.js';
import { createRun } from '../../src/services/runs/create.js';
import { getRun } from '../../src/services/runs/get.js';
import { searchRuns } from '../../src/services/runs/search.js';
import { trashRun } from '../../src/services/runs/trash.js';
import type { RunRow } from '../../src/services/runs/view.js';
import { aProject, aRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;

beforeEach(async () => {
  bench = await createBench();
});

afterEach(() => bench.close());

const newestFirst = [{ field: attribute('createdAt'), direction: 'desc' }] as const;

/** What lists show of a run: neither its spec nor its jobs. */
const rowOf = ({ run, events, tags }: RunRow): RunRow => ({ run, events, tags });

async function createRuns(names: readonly string[], projectNumber = 0): Promise<readonly RunRow[]> {
  const rows = [];
  for (const name of names) {
    const tags = [{ key: 'letter', value: name }];
    rows.push(rowOf(await createRun(bench.ctx, aRequest({ name, tags, projectNumber }))));
  }
  return rows;
}

describe('search', () => {
  it('gives the rows of a page, its successor and, asked, the total', async () => {
    const [a, b, c] = await createRuns(['a', 'b', 'c']);
    const query = { filter: everyRun, order: newestFirst, limit: 2 };
    const first = await searchRuns(bench.ctx, query, { total: true });
    expect(first).toMatchObject({ views: [c, b], total: 3 });
    if (first.next === null) throw new Error('there is a second page');
    const second = await searchRuns(bench.ctx, { ...query, after: first.next });
    expect(second).toEqual({ views: [a], next: null, total: null });
  });

  it('filters', async () => {
    const [, b] = await createRuns(['a', 'b', 'c']);
    const filter = and(compare(tag('letter'), 'eq', 'b'), compare(attribute('status'), 'eq', 'created'));
    const page = await searchRuns(bench.ctx, { filter, order: [], limit: 10 }, { total: true });
    expect(page).toEqual({ views: [b], next: null, total: 1 });
    const none = await searchRuns(bench.ctx, { filter: noRun, order: [], limit: 10 }, { total: true });
    expect(none).toEqual({ views: [], next: null, total: 0 });
  });

  it('leaves deleted runs out unless they are asked for', async () => {
    const [a, b] = await createRuns(['a', 'b']);
    if (a === undefined || b === undefined) throw new Error('both were made');
    await trashRun(bench.ctx, { id: a.run.id });
    const idsOf = async (lifecycle: 'active' | 'deleted' | 'any') =>
      (await searchRuns(bench.ctx, { filter: everyRun, order: [], limit: 10, lifecycle })).views.map(
        (view) => view.run.id,
      );
    expect(await idsOf('active')).toEqual([b.run.id]);
    expect(await idsOf('deleted')).toEqual([a.run.id]);
    expect(await idsOf('any')).toEqual([a.run.id, b.run.id]);
    const page = await searchRuns(bench.ctx, { filter: everyRun, order: [], limit: 10 });
    expect(page.views).toEqual([rowOf(await getRun(bench.ctx, { id: b.run.id }))]);
  });

  it('finds the runs of public projects alone for users who are no members', async () => {
    await createProject(bench.ctx, { ...aProject(), isPublic: true });
    const hidden = await createRuns(['a']);
    const shown = await createRuns(['b'], 1);
    const query = { filter: everyRun, order: [], limit: 10 };
    const found = async (role: 'reader' | null) => {
      const { views, total } = await searchRuns(await bench.as(`${role}`, role), query, { total: true });
      return [views, total];
    };
    expect(await found(null)).toEqual([shown, 1]);
    expect(await found('reader')).toEqual([[...hidden, ...shown], 2]);
  });

  it('wants a role for projects that are not public, and a cursor of its own', async () => {
    const stranger = await bench.as('stranger', null);
    const reader = await bench.as('reader', 'reader');
    const query = { filter: everyRun, order: newestFirst, limit: 10 };
    const { project } = await getProject(reader, { number: 0 });
    await expect(searchRuns(stranger, { ...query, projectKeys: [project.key] })).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await searchRuns(reader, query)).toEqual({ views: [], next: null, total: null });
    await expect(searchRuns(reader, { ...query, after: 'x' })).rejects.toMatchObject({ code: 'invalid' });
  });
});
