import fc from 'fast-check';
import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { ProjectId } from '../../../src/core/ids.js';
import type { Project } from '../../../src/core/model.js';
import type { Tag } from '../../../src/core/params.js';
import type { ProjectScope, ProjectSearch, Store } from '../../../src/core/ports/index.js';
import {
  compare,
  contains,
  everyProject,
  exists,
  not,
  oneOf,
  type ProjectAttributeName,
  type ProjectField,
  projectAttribute,
  projectAttributeTypes,
  projectLabel,
  projectTag,
  type Value,
} from '../../../src/core/query.js';
import { type Lifecycle, type Stage, stageOf } from '../../../src/core/stage.js';
import { aPlace, aProject, nobody, now } from './fixtures.js';
import { filterOf, key, maybe, orderOf, text, time } from './query-arbitraries.js';
import { expectedOf } from './query-model.js';
import type { Subject } from './suite.js';

/** What a generated project is made of; its name is made unique. */
interface ProjectPlan {
  readonly name: string;
  readonly description: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly stage: Stage;
  readonly isPublic: boolean;
  readonly tags: readonly Tag[];
}

const projectPlan: fc.Arbitrary<ProjectPlan> = fc.record({
  name: text,
  description: maybe(text),
  createdBy: text,
  createdAt: time,
  updatedAt: time,
  stage: fc.constantFrom<Stage>('active', 'active', 'active', 'trashed', 'purging'),
  isPublic: fc.boolean(),
  tags: fc.uniqueArray(fc.record({ key, value: maybe(text) }), { selector: (tag) => tag.key }),
});

const attribute = fc.record({
  kind: fc.constant('attribute' as const),
  name: fc.constantFrom(...(Object.keys(projectAttributeTypes) as ProjectAttributeName[])),
});
const tag = fc.record({ kind: fc.constant('tag' as const), key });
const orderField = fc.oneof({ weight: 2, arbitrary: attribute }, tag);
const field: fc.Arbitrary<ProjectField> = fc.oneof(
  { weight: 6, arbitrary: orderField },
  fc.constant({ kind: 'label' as const }),
);

const model = {
  valuesOf({ createdBy, tags, ...plain }: Project, of: ProjectField): Value[] {
    if (of.kind === 'label') return tags.filter((each) => each.value === null).map((each) => each.key);
    if (of.kind === 'tag') return tags.filter((each) => each.key === of.key).map((each) => each.value ?? '');
    const value = of.name === 'createdBy' ? createdBy.name : plain[of.name];
    return value === null ? [] : [value];
  },
  keyOf: (project: Project) => project.key,
  createdAt: (project: Project) => project.createdAt,
};

const stagesOf: Readonly<Record<Lifecycle, readonly Stage[]>> = {
  active: ['active'],
  deleted: ['trashed'],
  any: ['active', 'trashed'],
};

const query = fc.record({
  filter: filterOf(field),
  order: orderOf<ProjectField>(orderField),
  lifecycle: fc.constantFrom<Lifecycle>('active', 'active', 'deleted', 'any'),
  publicOnly: fc.constantFrom(false, false, true),
  /** Of the projects, the places of those that are asked for. */
  places: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 5 })), { freq: 4 }),
  pageSize: fc.integer({ min: 1, max: 6 }),
});

async function storeProjects(store: Store, plans: readonly ProjectPlan[]) {
  const { workspace, project: first } = await aPlace(store);
  const projects = await store.transaction(async (tx) => {
    const made: Project[] = [];
    for (const [place, { createdBy, updatedAt, stage, ...plan }] of plans.entries()) {
      const { key: projectKey } = await tx.projects.insert({
        ...plan,
        id: v7() as ProjectId,
        workspaceKey: workspace.key,
        name: `${plan.name}${place}`,
        createdBy: { key: null, name: createdBy },
        extensions: {},
      });
      const deletedAt = stage === 'active' ? null : now();
      const purgeAt = stage === 'purging' ? now() : null;
      made.push(await tx.projects.update(projectKey, { deletedAt, purgeAt }, updatedAt));
    }
    return made;
  });
  // Another workspace's, which no search may find.
  await aPlace(store);
  return { workspace, projects: [first, ...projects] };
}

/** Searches of projects by filter and order, and the tags that they are found by. */
export function projectSearchCases(subject: Subject): void {
  describe('a search of projects', () => {
    it('finds what a plain evaluation of the rules finds, in its order, whole and in pages', async () => {
      const plans = fc.array(projectPlan, { maxLength: 10 });
      const queries = fc.array(query, { minLength: 25, maxLength: 25 });
      const property = fc.asyncProperty(plans, queries, async (plans, queries) => {
        const { workspace, projects } = await storeProjects(subject.store, plans);
        for (const { filter, order, lifecycle, publicOnly, places, pageSize } of queries) {
          const asked = places === null ? null : projects.filter((_, place) => places.includes(place));
          const scope: ProjectScope = {
            workspaceKey: workspace.key,
            lifecycle,
            filter,
            publicOnly,
            ...(asked === null ? {} : { projectKeys: asked.map((project) => project.key) }),
          };
          const inScope = (asked ?? projects).filter(
            (project) => stagesOf[lifecycle].includes(stageOf(project)) && (project.isPublic || !publicOnly),
          );
          const wanted = expectedOf(model, inScope, filter, order);
          await expectProjects(subject.store, { search: { ...scope, order }, wanted, pageSize });
        }
      });
      await fc.assert(property, { numRuns: 12 });
    });

    it('looks among more projects than a statement has parameters', async () => {
      const { workspace, project } = await aPlace(subject.store);
      const keys = Array.from({ length: 70_000 }, (_, place) => nobody.project + place);
      const projectKeys = [...keys, project.key] as Project['key'][];
      const search = { workspaceKey: workspace.key, lifecycle: 'active', order: [], limit: 5 } as const;
      const found = await subject.store.read.projects.search({
        ...search,
        projectKeys,
        filter: everyProject,
      });
      expect(found.projects).toEqual([project]);
    });

    it('refuses what cannot be', async () => {
      const { workspace } = await aPlace(subject.store);
      const search = { workspaceKey: workspace.key, lifecycle: 'active', order: [], limit: 5 } as const;
      const { projects } = subject.store.read;
      for (const wrong of [
        { filter: compare(projectAttribute('number'), 'eq', 'text') },
        { filter: contains(projectAttribute('createdAt'), '1') },
        { filter: everyProject, after: 'x' },
        { filter: everyProject, limit: 0 },
        { filter: everyProject, projectKeys: [], after: 'x' },
      ])
        await expect(projects.search({ ...search, ...wrong })).rejects.toMatchObject({ code: 'invalid' });
      const filter = compare(projectTag('k'), 'eq', 1);
      await expect(projects.count({ ...search, filter })).rejects.toMatchObject({ code: 'invalid' });
    });

    it('takes hostile text as a value and as a key', async () => {
      const { workspace, project } = await aPlace(subject.store);
      const search = { workspaceKey: workspace.key, lifecycle: 'active', limit: 5 } as const;
      const { projects } = subject.store.read;
      for (const hostile of ["' or 1=1 --", '"; drop table project; --', '%', '*']) {
        for (const of of [projectAttribute('name'), projectTag(hostile), projectTag('k'), projectLabel])
          for (const filter of [compare(of, 'eq', hostile), oneOf(of, [hostile])])
            expect((await projects.search({ ...search, filter, order: [] })).projects).toEqual([]);
        const order = [{ field: projectTag(hostile), direction: 'desc' as const }];
        const filter = not(exists(projectTag(hostile)));
        expect((await projects.search({ ...search, filter, order })).projects).toEqual([project]);
      }
    });
  });

  describe('tags of projects', () => {
    it('are set and removed one by one, in the order in which they came', async () => {
      const { store } = subject;
      const { workspace, project } = await aPlace(store);
      const label = { key: 'label', value: null };
      const hostile = { key: 'a"b\\c 🦆', value: '{"x": [1]}\n\u0001' };
      await store.transaction((tx) => tx.projectTags.upsert(project.key, [label, hostile]));
      await store.transaction((tx) => tx.projectTags.upsert(project.key, [{ key: 'k', value: '1' }]));
      await store.transaction((tx) => tx.projectTags.upsert(project.key, [{ key: 'label', value: 'v' }]));
      const tags = [{ key: 'label', value: 'v' }, hostile, { key: 'k', value: '1' }];
      expect(await store.read.projects.find(project.key)).toEqual({ ...project, tags });
      expect(await store.read.projects.findByName(workspace.key, 'Default')).toMatchObject({ tags });
      expect([...(await store.read.projects.findMany([project.key])).values()]).toMatchObject([{ tags }]);
      expect((await store.read.projectTags.list([project.key])).get(project.key)).toEqual(tags);
      await store.transaction((tx) => tx.projectTags.remove(project.key, ['label', 'none']));
      expect((await store.read.projects.find(project.key))?.tags).toEqual(tags.slice(1));
    });

    it('go with their project, and are those of none', async () => {
      const { store } = subject;
      const { workspace } = await aPlace(store);
      const old = await store.transaction(async (tx) => {
        const made = await aProject(tx, workspace.key, 'old');
        await tx.projectTags.upsert(made.key, [{ key: 'k', value: 'v' }]);
        await tx.projects.update(made.key, { deletedAt: 1, purgeAt: 1 }, 1);
        await tx.projects.removeIfEmpty(made.key);
        return made;
      });
      expect((await store.read.projectTags.list([old.key])).size).toBe(0);
      const write = store.transaction((tx) => tx.projectTags.upsert(old.key, [{ key: 'k', value: 'v' }]));
      await expect(write).rejects.toMatchObject({ detail: { code: 'not_found', entity: 'project' } });
      await expect(store.transaction((tx) => tx.projectTags.remove(old.key, ['k']))).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });
}

/** The search gives these projects: as a whole, as a count, page by page, and by offset. */
async function expectProjects(
  { read: { projects } }: Store,
  given: { search: Omit<ProjectSearch, 'limit'>; wanted: readonly Project[]; pageSize: number },
): Promise<void> {
  const { search, wanted, pageSize } = given;
  expect(await projects.search({ ...search, limit: 100 })).toEqual({ projects: wanted, next: null });
  expect(await projects.count(search)).toBe(wanted.length);
  const paged: Project[] = [];
  for (let after: string | null | undefined; after !== null && paged.length <= wanted.length; ) {
    const page = await projects.search({
      ...search,
      ...(after === undefined ? {} : { after }),
      limit: pageSize,
    });
    paged.push(...page.projects);
    after = page.next;
  }
  expect(paged).toEqual(wanted);
  const second = await projects.search({ ...search, offset: pageSize, limit: pageSize });
  expect(second.projects).toEqual(wanted.slice(pageSize, 2 * pageSize));
}
