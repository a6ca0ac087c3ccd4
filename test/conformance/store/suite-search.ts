import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Project, Run, User } from '../../../src/core/model.js';
import type { Repositories, RunScope, RunSearch, Store } from '../../../src/core/ports/index.js';
import {
  and,
  attribute,
  compare,
  contains,
  everyRun,
  exists,
  extension,
  type Field,
  label,
  metric,
  not,
  oneOf,
  param,
  tag,
} from '../../../src/core/query.js';
import { type Stage, stageOf } from '../../../src/core/stage.js';
import { aPlace, aPoint, aProject, aRun, newEvent, newJob, newRun, now } from './fixtures.js';
import { filter, order, type RunPlan, runPlan } from './search-arbitraries.js';
import { expected, type ModelRun } from './search-model.js';
import type { Subject } from './suite.js';
import { searchRuleCases } from './suite-search-rules.js';

/** Searches by filter and order. */
export function searchCases(subject: Subject): void {
  searchRuleCases(subject);
  describe('a search', () => {
    agreement(subject);
    paging(subject);
    hostility(subject);
    it('takes an index for the start of a text and the text for the rest', async () => {
      const { workspace, project } = await aPlace(subject.store);
      const start = 'é'.repeat(100);
      const found = await aRun(subject.store, project);
      const other = await aRun(subject.store, project);
      await subject.store.transaction(async (tx) => {
        for (const [run, text] of [
          [found, `${start}a`],
          [other, `${start}b`],
        ] as const) {
          await tx.params.upsert(run.key, [{ key: 'k', type: 'string', text, number: null }]);
          await tx.tags.upsert(run.key, [{ key: 'k', value: text }]);
        }
      });
      for (const field of [param('k'), tag('k')]) {
        const { runs } = await subject.store.read.runs.search({
          workspaceKey: workspace.key,
          lifecycle: 'active',
          filter: compare(field, 'eq', `${start}a`),
          order: [],
          limit: 10,
        });
        expect(runs).toEqual([found]);
      }
    });
  });
}

/** Stores generated runs in a place of their own and gives them as the model has them. */
async function storeRuns(target: Store, plans: readonly RunPlan[]) {
  const { workspace, project, user } = await aPlace(target);
  const models: ModelRun[] = [];
  const second = await target.transaction(async (tx) => {
    const { key } = await aProject(tx, workspace.key, 'Other');
    const other = await tx.projects.update(key, { isPublic: true }, 0);
    for (const plan of plans)
      models.push(await storeRun(tx, plan, plan.inSecondProject ? other : project, { user, before: models }));
    return other;
  });
  // Another workspace's runs, which no search may find.
  await aRun(target, (await aPlace(target)).project);
  return { workspace, projects: [project.key, second.key], models };
}

async function storeRun(
  tx: Repositories,
  plan: RunPlan,
  project: Project,
  { user, before }: { user: User; before: readonly ModelRun[] },
): Promise<ModelRun> {
  const { name, description, status, managed, createdAt, params, tags, metrics, commit, branch, url } = plan;
  const { framework, backend, groupRef, buildRef } = plan;
  const origin = plan.hasOrigin ? (before.at(-1) ?? null) : null;
  const parent = plan.parent === true ? (before.at(-1) ?? null) : null;
  const { key } = await tx.runs.insert(
    newRun(project, {
      name,
      description,
      status,
      managed,
      createdAt,
      createdBy: { key: plan.byUser ? user.key : null, name: plan.createdBy },
      codeRef: commit === null && branch === null && url === null ? null : { ...noCode, commit, branch, url },
      framework,
      backend,
      groupRef,
      buildRef,
      originKey: origin?.run.key ?? null,
      originKind: origin === null ? null : 'copy',
      parentKey: parent?.run.key ?? null,
      parentRef: plan.parent === true ? null : plan.parent,
      extensions: plan.extension === null ? {} : { first: { word: plan.extension } },
    }),
  );
  const { startedAt, finishedAt, archivedAt, reason: statusReason, message: statusMessage } = plan;
  const deletedAt = plan.stage === 'active' ? null : now();
  const purgeAt = plan.stage === 'purging' ? now() : null;
  const patch = { startedAt, finishedAt, deletedAt, purgeAt, archivedAt, statusReason, statusMessage };
  const run = await tx.runs.update(key, patch, now());
  const job = (await tx.jobs.insert(key, [newJob()]))[0];
  for (const event of plan.events) {
    await tx.statuses.append(newEvent(key, event));
    await tx.statuses.append(newEvent(key, { status: 'failed', jobKey: job?.key ?? null }));
  }
  const moves = plan.events.filter((event) => event.effective && event.attempt === 1).map((e) => e.status);
  await tx.params.upsert(key, params);
  await tx.tags.upsert(key, tags);
  const points = [...metrics].flatMap(([name, values]) =>
    values.map((value, step) => aPoint(name, value, { step: BigInt(step) })),
  );
  await tx.metrics.append(key, points, now());
  await tx.inputs.add(
    run,
    plan.uses.map(({ name, digest, context }) => ({
      dataset: { name, digest, sourceType: 'local', source: '', schema: null, profile: null },
      context,
      tags: [],
    })),
  );
  return { run, project, origin, parent, moves, params, tags, metrics, uses: plan.uses };
}

const noCode = { head: null, isDirty: null, diff: null };

const stagesOf: Readonly<Record<RunScope['lifecycle'], readonly Stage[]>> = {
  active: ['active'],
  deleted: ['trashed'],
  any: ['active', 'trashed'],
};

const query = fc.record({
  filter,
  order,
  lifecycle: fc.constantFrom<RunScope['lifecycle']>('active', 'active', 'deleted', 'any'),
  /** Of the two projects, the places of those that are asked for. */
  projects: fc.constantFrom<readonly number[] | null>(null, null, [0], [0, 1], []),
  publicOnly: fc.constantFrom(false, false, true),
  pageSize: fc.integer({ min: 1, max: 6 }),
});

function agreement(subject: Subject): void {
  it('finds what a plain evaluation of the rules finds, in its order, whole and in pages', async () => {
    const plans = fc.array(runPlan, { minLength: 1, maxLength: 14 });
    const queries = fc.array(query, { minLength: 30, maxLength: 30 });
    const property = fc.asyncProperty(plans, queries, async (plans, queries) => {
      const { workspace, projects, models } = await storeRuns(subject.store, plans);
      for (const { filter, order, lifecycle, projects: places, publicOnly, pageSize } of queries) {
        const projectKeys = places === null ? null : projects.filter((_, place) => places.includes(place));
        const scope: RunScope = {
          workspaceKey: workspace.key,
          lifecycle,
          filter,
          publicOnly,
          ...(projectKeys === null ? {} : { projectKeys }),
        };
        const inScope = models.filter(
          ({ run }) =>
            stagesOf[lifecycle].includes(stageOf(run)) &&
            (!publicOnly || projects.indexOf(run.projectKey) === 1) &&
            (projectKeys === null || projectKeys.includes(run.projectKey)),
        );
        const wanted = expected(inScope, filter, order).map(({ run }) => run);
        await expectRuns(subject.store, { search: { ...scope, order }, wanted, pageSize });
      }
    });
    await fc.assert(property, { numRuns: 12 });
  });
}

/** The search gives these runs: as a whole, as a count, page by page, and by offset. */
async function expectRuns(
  { read: { runs } }: Store,
  given: { search: Omit<RunSearch, 'limit'>; wanted: readonly Run[]; pageSize: number },
): Promise<void> {
  const { search, wanted, pageSize } = given;
  expect(await runs.search({ ...search, limit: 100 })).toEqual({ runs: wanted, next: null });
  expect(await runs.count(search)).toBe(wanted.length);
  const paged: Run[] = [];
  let page = await runs.search({ ...search, limit: pageSize });
  paged.push(...page.runs);
  while (page.next !== null && paged.length <= wanted.length) {
    page = await runs.search({ ...search, after: page.next, limit: pageSize });
    paged.push(...page.runs);
  }
  expect(paged).toEqual(wanted);
  const second = await runs.search({ ...search, offset: pageSize, limit: pageSize });
  expect(second.runs).toEqual(wanted.slice(pageSize, 2 * pageSize));
}

function paging(subject: Subject): void {
  it('goes on where it was when runs are added before and behind', async () => {
    const { workspace, project } = await aPlace(subject.store);
    const times = [10, 20, 30, 40];
    for (const createdAt of times) await aRun(subject.store, project, { createdAt });
    const search = {
      workspaceKey: workspace.key,
      lifecycle: 'active' as const,
      filter: everyRun,
      order: [{ field: attribute('createdAt'), direction: 'desc' as const }],
      limit: 2,
    };
    const first = await subject.store.read.runs.search(search);
    for (const createdAt of [15, 35, 50]) await aRun(subject.store, project, { createdAt });
    const after = first.next ?? '';
    const rest = await subject.store.read.runs.search({ ...search, after, limit: 9 });
    expect(first.runs.map((run) => run.createdAt)).toEqual([40, 30]);
    expect(rest.runs.map((run) => run.createdAt)).toEqual([20, 15, 10]);
    expect(rest.next).toBeNull();
  });

  it('refuses a cursor of another order and texts that are none', async () => {
    const { workspace, project } = await aPlace(subject.store);
    for (let count = 0; count < 3; count += 1) await aRun(subject.store, project);
    const search = { workspaceKey: workspace.key, lifecycle: 'active' as const, filter: everyRun, limit: 1 };
    const { runs } = subject.store.read;
    const { next } = await runs.search({ ...search, order: [] });
    const [mark = ''] = JSON.parse(Buffer.from(next ?? '', 'base64url').toString());
    const forge = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    expect((await runs.search({ ...search, order: [], after: forge(mark, '0', '0') })).runs).toHaveLength(1);
    for (const after of [
      '',
      'x',
      'null',
      'äöü',
      forge(),
      forge('other', '0', '0'),
      forge(mark, '0'),
      forge(mark, '0', '0', '0'),
      forge(mark, null, '0'),
      forge(mark, 'x', '0'),
      forge(mark, '', '0'),
      forge(mark, '1e400', '0'),
      forge(mark, '0.5', '0'),
      forge(mark, 0, 0),
      forge(mark, ['0'], {}),
    ])
      await expect(runs.search({ ...search, order: [], after })).rejects.toMatchObject({ code: 'invalid' });
    const byName = [{ field: attribute('name'), direction: 'asc' as const }];
    await expect(runs.search({ ...search, order: byName, after: next ?? '' })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it.each([0, -1, 1.5, Number.NaN, 50_001])('refuses pages of %d runs', async (limit) => {
    const { workspace } = await aPlace(subject.store);
    const search = { workspaceKey: workspace.key, lifecycle: 'active', filter: everyRun, order: [] } as const;
    await expect(subject.store.read.runs.search({ ...search, limit })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it('takes any offset that is a whole number, and no other', async () => {
    const { workspace, project } = await aPlace(subject.store);
    await aRun(subject.store, project);
    const search = { workspaceKey: workspace.key, lifecycle: 'active', filter: everyRun, order: [] } as const;
    const at = (offset: number) => subject.store.read.runs.search({ ...search, offset, limit: 50_000 });
    expect((await at(0)).runs).toHaveLength(1);
    for (const offset of [1, Number.MAX_SAFE_INTEGER]) expect((await at(offset)).runs).toEqual([]);
    for (const offset of [-1, 0.5, 2 ** 53, Number.NaN])
      await expect(at(offset)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('refuses what cannot be even where no project is asked for', async () => {
    const { workspace } = await aPlace(subject.store);
    const none = { workspaceKey: workspace.key, lifecycle: 'active', projectKeys: [], order: [] } as const;
    const filter = compare(param('k'), 'eq', 1);
    const { runs } = subject.store.read;
    await expect(runs.search({ ...none, filter, limit: 1 })).rejects.toMatchObject({ code: 'invalid' });
    await expect(runs.count({ ...none, filter })).rejects.toMatchObject({ code: 'invalid' });
    const after = 'x';
    await expect(runs.search({ ...none, filter: everyRun, after, limit: 1 })).rejects.toMatchObject({
      code: 'invalid',
    });
  });
}

const injections = [
  "' or 1=1 --",
  "'; delete from run; --",
  '") or ("1" = "1',
  '\\',
  '$1',
  '?',
  '%',
  '{{x}}',
  "x' union select * from token --",
];

function hostility(subject: Subject): void {
  it.each(injections)('takes %s as a value and as a key', async (text) => {
    const { workspace, project } = await aPlace(subject.store);
    const run = await aRun(subject.store, project);
    const search = { workspaceKey: workspace.key, lifecycle: 'active' as const, limit: 10 };
    const { runs } = subject.store.read;
    for (const field of [attribute('name'), param(text), tag(text), label, param('k'), tag('k')]) {
      for (const filter of [compare(field, 'eq', text), oneOf(field, [text]), contains(field, text)])
        expect((await runs.search({ ...search, filter, order: [] })).runs).toEqual([]);
    }
    const order = [param(text), tag(text), metric(text)].map((field) => ({
      field,
      direction: 'desc' as const,
    }));
    expect((await runs.search({ ...search, filter: not(exists(metric(text))), order })).runs).toEqual([run]);
  });

  it('takes no name of an extension but a word', async () => {
    const { workspace } = await aPlace(subject.store);
    for (const field of [extension('a"b', 'c'), extension('a', 'b.c')])
      await expect(
        subject.store.read.runs.count({
          workspaceKey: workspace.key,
          lifecycle: 'active',
          filter: exists(field),
        }),
      ).rejects.toMatchObject({ code: 'invalid' });
  });

  it('refuses text that no database holds', async () => {
    const { workspace } = await aPlace(subject.store);
    for (const text of ['a\0b', '\ud800'])
      for (const filter of [compare(param(text), 'eq', 'x'), contains(attribute('name'), text)])
        await expect(
          subject.store.read.runs.count({ workspaceKey: workspace.key, lifecycle: 'active', filter }),
        ).rejects.toMatchObject({ code: 'invalid' });
  });

  it('takes the largest filter and pattern that there may be, and refuses a larger one', async () => {
    const { workspace, project } = await aPlace(subject.store);
    const key = 'k'.repeat(10_000);
    await aRun(subject.store, project, { name: '['.repeat(10_000) });
    const scope = { workspaceKey: workspace.key, lifecycle: 'active' as const };
    const { runs } = subject.store.read;
    const tests = (count: number, field: (place: number) => Field) => {
      const filters = Array.from({ length: count }, (_, place) => not(compare(field(place), 'eq', 'x')));
      return and(...filters);
    };
    expect(await runs.count({ ...scope, filter: tests(50, (place) => tag(`t${place}`)) })).toBe(1);
    expect(await runs.count({ ...scope, filter: tests(124, () => attribute('description')) })).toBe(1);
    expect(await runs.count({ ...scope, filter: contains(attribute('name'), '['.repeat(10_000)) })).toBe(1);
    expect(
      await runs.count({
        ...scope,
        filter: oneOf(
          attribute('number'),
          Array.from({ length: 1000 }, (_, n) => n),
        ),
      }),
    ).toBe(1);
    expect(await runs.count({ ...scope, filter: exists(tag(key)) })).toBe(0);
    await expect(runs.count({ ...scope, filter: tests(5_000, () => label) })).rejects.toMatchObject({
      code: 'invalid',
    });
  });
}
