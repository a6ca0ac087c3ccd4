import fc from 'fast-check';
import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { type LoggedModelId, uuidToHex } from '../../../src/core/ids.js';
import {
  compareMeasurements,
  type DatasetName,
  type LoggedModel,
  type LoggedModelStatus,
  loggedModelStatuses,
  type Measurement,
  type ModelParam,
} from '../../../src/core/logged-model.js';
import { pointNumber } from '../../../src/core/metrics.js';
import type { Project, Run } from '../../../src/core/model.js';
import type { Tag } from '../../../src/core/params.js';
import type { LoggedModelScope, LoggedModelSearch, Store } from '../../../src/core/ports/index.js';
import {
  compare,
  everyModel,
  exists,
  type JoinedPiece,
  type LoggedModelAttributeName,
  type LoggedModelField,
  latestMeasurement,
  loggedModelAttributeTypes,
  measurement,
  modelAttribute,
  modelTag,
  not,
  type OrderField,
  type Value,
} from '../../../src/core/query.js';
import type { Lifecycle } from '../../../src/core/stage.js';
import { aPlace, aPoint, aProject, aRun, now } from './fixtures.js';
import { filterOf, key, maybe, orderOf, point, text, time } from './query-arbitraries.js';
import { expectedOf } from './query-model.js';
import type { Subject } from './suite.js';

/** What a generated model is made of. */
interface ModelPlan {
  readonly name: string;
  readonly sourceRef: string | null;
  readonly modelType: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly status: LoggedModelStatus;
  readonly statusMessage: string | null;
  readonly trashed: boolean;
  readonly inSecondProject: boolean;
  readonly params: readonly ModelParam[];
  readonly tags: readonly Tag[];
  readonly measurements: readonly Measurement[];
}

const dataset: fc.Arbitrary<DatasetName> = fc.record({
  name: fc.constantFrom('train', 'test', "'q"),
  digest: fc.constantFrom(null, 'd1', 'd2'),
});

const measured: fc.Arbitrary<Measurement> = fc
  .tuple(
    key,
    point,
    fc.constantFrom(0n, 1n, 2n ** 60n),
    fc.constantFrom(1n, 2n, -(2n ** 60n)),
    maybe(dataset),
  )
  .map(([name, value, step, timestampMs, of]) => ({
    ...aPoint(name, value, { step, timestampMs }),
    dataset: of,
  }));

const modelPlan: fc.Arbitrary<ModelPlan> = fc.record({
  name: text,
  sourceRef: maybe(text),
  modelType: maybe(text),
  createdBy: text,
  createdAt: time,
  updatedAt: time,
  status: fc.constantFrom(...loggedModelStatuses),
  statusMessage: maybe(text),
  trashed: fc.constantFrom(false, false, false, true),
  inSecondProject: fc.boolean(),
  params: fc.uniqueArray(fc.record({ key, text }), { selector: (param) => param.key }),
  tags: fc.uniqueArray(fc.record({ key, value: maybe(text) }), { selector: (tag) => tag.key }),
  measurements: fc.array(measured, { maxLength: 5 }),
});

const datasets = fc.option(fc.array(dataset, { maxLength: 2 }), { freq: 2 });

const orderField: fc.Arbitrary<OrderField<LoggedModelField>> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('attribute' as const),
      name: fc.constantFrom(...(Object.keys(loggedModelAttributeTypes) as LoggedModelAttributeName[])),
    }),
  },
  fc.record({
    kind: fc.constant('joined' as const),
    pieces: fc.array(
      fc.constantFrom<JoinedPiece>('m-', { attribute: 'projectNumber' }, { attribute: 'idHex' }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constant('rank' as const),
    name: fc.constantFrom('status' as const, 'modelType' as const),
    groups: fc.constantFrom([], [['ready'], ['pending', 'a']]),
  }),
  fc.record({ kind: fc.constant('param' as const), key, as: fc.constant('text' as const) }),
  fc.record({ kind: fc.constant('tag' as const), key }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('latestMeasurement' as const), key, datasets }) },
);

const field: fc.Arbitrary<LoggedModelField> = fc.oneof(
  { weight: 3, arbitrary: orderField },
  fc.record({ kind: fc.constant('measurement' as const), key: fc.option(key, { freq: 4 }), datasets }),
);

/** A model with what searches see of it, held in memory. */
interface ModelThing {
  readonly model: LoggedModel;
  readonly project: Project;
  readonly params: readonly ModelParam[];
  readonly tags: readonly Tag[];
  /** In the order of arrival; of what counts as the same, the last. */
  readonly measurements: readonly Measurement[];
}

type Measured = Extract<LoggedModelField, { kind: 'measurement' | 'latestMeasurement' }>;

function measuredValues({ measurements }: ModelThing, of: Measured): Value[] {
  const within = measurements.filter(
    (each) =>
      (of.key === null || each.key === of.key) &&
      (of.datasets === null ||
        of.datasets.some(
          ({ name, digest }) =>
            each.dataset?.name === name && (digest === null || each.dataset.digest === digest),
        )),
  );
  if (of.kind === 'measurement') return within.map((each) => pointNumber(each) ?? 0);
  const nameOf = ({ dataset: set }: Measurement) => `${set?.name ?? ''}\0${set?.digest ?? ''}`;
  // Of equal ones on several datasets the first by name; within one dataset the last that came.
  const latest = within.reduce<Measurement | null>((best, each) => {
    if (best === null) return each;
    const sign = compareMeasurements(each, best);
    if (sign !== 0) return sign > 0 ? each : best;
    return nameOf(each) <= nameOf(best) ? each : best;
  }, null);
  return latest === null ? [] : [pointNumber(latest) ?? 0];
}

const searched = {
  valuesOf(thing: ModelThing, of: LoggedModelField): Value[] {
    const { model, project, params, tags } = thing;
    const idHex = uuidToHex(model.id);
    switch (of.kind) {
      case 'attribute': {
        const { createdBy, ...plain } = model;
        const values: Record<string, unknown> = {
          ...plain,
          idHex,
          createdBy: createdBy.name,
          projectNumber: project.number,
        };
        const value = values[of.name];
        return value === null ? [] : [value as Value];
      }
      case 'rank': {
        const value = model[of.name as 'status' | 'modelType'];
        const place = of.groups.findIndex((group) => group.some((each) => each === value));
        return place < 0 ? [] : [place];
      }
      case 'joined': {
        const attributes = { idHex, projectNumber: project.number };
        const texts = of.pieces.map((piece) =>
          typeof piece === 'string' ? piece : attributes[piece.attribute],
        );
        return [texts.join('')];
      }
      case 'param':
        return params.filter((each) => each.key === of.key).map((each) => each.text);
      case 'tag':
        return tags.filter((each) => each.key === of.key).map((each) => each.value ?? '');
      default:
        return measuredValues(thing, of);
    }
  },
  keyOf: ({ model }: ModelThing) => model.key,
  createdAt: ({ model }: ModelThing) => model.createdAt,
};

/** What counts as the same measurement of one run. */
function identityOf({ key: name, step, timestampMs, dataset: of }: Measurement): string {
  return JSON.stringify([name, `${step}`, `${timestampMs}`, of?.name ?? '', of?.digest ?? '']);
}

async function storeModels(store: Store, plans: readonly ModelPlan[]) {
  const { workspace, project } = await aPlace(store);
  const second = await store.transaction((tx) => aProject(tx, workspace.key, 'Other'));
  const run = await aRun(store, project);
  const things: ModelThing[] = [];
  for (const plan of plans) {
    const home = plan.inSecondProject ? second : project;
    things.push({ ...plan, project: home, ...(await storeModel(store, plan, home, run)) });
  }
  return { projects: [project, second], things };
}

async function storeModel(store: Store, plan: ModelPlan, home: Project, run: Run) {
  const { name, sourceRef, modelType, createdBy, createdAt, params, tags, measurements } = plan;
  const model = await store.transaction(async (tx) => {
    const { key: modelKey } = await tx.loggedModels.insert({
      id: v7() as LoggedModelId,
      projectKey: home.key,
      name,
      sourceRunKey: null,
      sourceRef,
      modelType,
      createdBy: { key: null, name: createdBy },
      createdAt,
      extensions: {},
    });
    await tx.modelParams.insert(modelKey, params);
    await tx.modelTags.upsert(modelKey, tags);
    const { status, statusMessage } = plan;
    const deletedAt = plan.trashed ? now() : null;
    for (const each of measurements.slice(0, 2)) await tx.measurements.add(modelKey, run.key, [each]);
    await tx.measurements.add(modelKey, run.key, measurements.slice(2));
    return tx.loggedModels.update(modelKey, { status, statusMessage, deletedAt }, plan.updatedAt);
  });
  const distinct = new Map<string, Measurement>();
  for (const each of measurements) {
    distinct.delete(identityOf(each));
    distinct.set(identityOf(each), each);
  }
  return { model, measurements: [...distinct.values()] };
}

const query = fc.record({
  filter: filterOf(field),
  order: orderOf<LoggedModelField>(orderField),
  lifecycle: fc.constantFrom<Lifecycle>('active', 'active', 'deleted', 'any'),
  /** Of the two projects, the places of those that are asked for. */
  places: fc.constantFrom<readonly number[]>([0], [0, 1], [0, 1], []),
  pageSize: fc.integer({ min: 1, max: 6 }),
});

/** Searches of logged models by filter and order. */
export function modelSearchCases(subject: Subject): void {
  describe('a search of logged models', () => {
    it('finds what a plain evaluation of the rules finds, in its order, whole and in pages', async () => {
      const plans = fc.array(modelPlan, { minLength: 1, maxLength: 10 });
      const queries = fc.array(query, { minLength: 25, maxLength: 25 });
      const property = fc.asyncProperty(plans, queries, async (plans, queries) => {
        const { projects, things } = await storeModels(subject.store, plans);
        for (const { filter, order, lifecycle, places, pageSize } of queries) {
          const asked = projects.filter((_, place) => places.includes(place));
          const scope: LoggedModelScope = {
            projectKeys: asked.map((project) => project.key),
            lifecycle,
            filter,
          };
          const inScope = things.filter(
            ({ model, project }) =>
              asked.includes(project) &&
              (lifecycle === 'any' || (lifecycle === 'deleted') === (model.deletedAt !== null)),
          );
          const wanted = expectedOf(searched, inScope, filter, order).map(({ model }) => model);
          await expectModels(subject.store, { search: { ...scope, order }, wanted, pageSize });
        }
      });
      await fc.assert(property, { numRuns: 12 });
    });

    it('refuses what cannot be', async () => {
      const { project } = await aPlace(subject.store);
      const search = { projectKeys: [project.key], lifecycle: 'active', order: [], limit: 5 } as const;
      const { loggedModels } = subject.store.read;
      const many = Array.from({ length: 101 }, () => ({ name: 'd', digest: null }));
      for (const wrong of [
        { filter: compare(modelAttribute('status'), 'eq', 1) },
        { filter: compare(measurement('m'), 'gt', 'text') },
        { filter: compare(measurement('m'), 'gt', Number.NaN) },
        { filter: exists(measurement('m', many)) },
        { filter: exists(measurement('m', [{ name: 'd'.repeat(10_001), digest: null }])) },
        { filter: everyModel, order: [{ field: latestMeasurement('m', many), direction: 'asc' as const }] },
        { filter: everyModel, after: 'x' },
        { filter: everyModel, limit: 0 },
        { filter: everyModel, projectKeys: [], after: 'x' },
      ])
        await expect(loggedModels.search({ ...search, ...wrong })).rejects.toMatchObject({ code: 'invalid' });
    });

    it('takes hostile text as a value, a key and a dataset', async () => {
      const { project } = await aPlace(subject.store);
      const model = await subject.store.transaction((tx) =>
        tx.loggedModels.insert({
          id: v7() as LoggedModelId,
          projectKey: project.key,
          name: 'net',
          sourceRunKey: null,
          sourceRef: null,
          modelType: null,
          createdBy: { key: null, name: 'somebody' },
          createdAt: now(),
          extensions: {},
        }),
      );
      const search = { projectKeys: [project.key], lifecycle: 'active', limit: 5 } as const;
      const { loggedModels } = subject.store.read;
      for (const hostile of ["' or 1=1 --", '"; drop table logged_model; --', '%', '*']) {
        const sets = [{ name: hostile, digest: hostile }];
        for (const filter of [
          compare(modelAttribute('name'), 'eq', hostile),
          compare(modelTag(hostile), 'eq', hostile),
          exists(measurement(hostile, sets)),
        ])
          expect((await loggedModels.search({ ...search, filter, order: [] })).models).toEqual([]);
        const order = [{ field: latestMeasurement(hostile, sets), direction: 'desc' as const }];
        const filter = not(exists(measurement(null, sets)));
        expect((await loggedModels.search({ ...search, filter, order })).models).toEqual([model]);
      }
    });
  });
}

/** The search gives these models: as a whole, as a count, page by page, and by offset. */
async function expectModels(
  { read: { loggedModels } }: Store,
  given: { search: Omit<LoggedModelSearch, 'limit'>; wanted: readonly LoggedModel[]; pageSize: number },
): Promise<void> {
  const { search, wanted, pageSize } = given;
  expect(await loggedModels.search({ ...search, limit: 100 })).toEqual({ models: wanted, next: null });
  expect(await loggedModels.count(search)).toBe(wanted.length);
  const paged: LoggedModel[] = [];
  for (let after: string | null | undefined; after !== null && paged.length <= wanted.length; ) {
    const page = await loggedModels.search({
      ...search,
      ...(after === undefined ? {} : { after }),
      limit: pageSize,
    });
    paged.push(...page.models);
    after = page.next;
  }
  expect(paged).toEqual(wanted);
  const second = await loggedModels.search({ ...search, offset: pageSize, limit: pageSize });
  expect(second.models).toEqual(wanted.slice(pageSize, 2 * pageSize));
}
