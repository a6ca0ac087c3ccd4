import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactPath } from '../../src/core/artifact-path.js';
import { type LoggedModelId, uuidToHex } from '../../src/core/ids.js';
import type { Measurement } from '../../src/core/logged-model.js';
import type { Run } from '../../src/core/model.js';
import {
  compare,
  everyModel,
  latestMeasurement,
  measurement,
  modelAttribute,
  modelTag,
} from '../../src/core/query.js';
import { addUser } from '../../src/services/accounts/add-user.js';
import { inWorkspace } from '../../src/services/accounts/in-workspace.js';
import { writeArtifact } from '../../src/services/artifacts/write.js';
import type { Context } from '../../src/services/context.js';
import { createLoggedModel, type NewModelInput } from '../../src/services/logged-models/create.js';
import { finalizeLoggedModel } from '../../src/services/logged-models/finalize.js';
import { getLoggedModel } from '../../src/services/logged-models/get.js';
import { linkModels } from '../../src/services/logged-models/link.js';
import { logModelParams } from '../../src/services/logged-models/log-params.js';
import { searchLoggedModels } from '../../src/services/logged-models/search.js';
import { removeModelTag, setModelTags } from '../../src/services/logged-models/set-tags.js';
import { trashLoggedModel } from '../../src/services/logged-models/trash.js';
import { createProject } from '../../src/services/projects/create.js';
import { trashProject } from '../../src/services/projects/trash.js';
import { createTrackedRun } from '../../src/services/runs/create.js';
import { getRun } from '../../src/services/runs/get.js';
import { logBatch } from '../../src/services/runs/log-batch.js';
import { bytesOf } from '../conformance/artifacts/tar.js';
import { codeOf } from '../support/code-of.js';
import { aModel, measured } from '../support/logged-models.js';
import { aProject, aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
let run: Run;

const project = { number: 1 };
const path = artifactPath('MLmodel');

beforeEach(async () => {
  bench = await createBench();
  await createProject(bench.ctx, aProject());
  run = (await createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber: 1 }))).run;
});

afterEach(() => bench.close());

async function create(fields: Partial<NewModelInput> = {}, ctx: Context = bench.ctx): Promise<LoggedModelId> {
  return (await createLoggedModel(ctx, project, aModel(fields))).model.id;
}

/** What the token of a run may do. */
const asJob = ({ key }: Run): Context => ({ ...bench.ctx, actor: { ...bench.ctx.actor, runKey: key } });

const measure = (modelId: LoggedModelId, ...measurements: readonly Measurement[]) =>
  logBatch(
    bench.ctx,
    { id: run.id },
    { measurements: measurements.map((each) => ({ modelId, measurement: each })) },
  );

describe('a logged model', () => {
  it('is created pending, with params and tags, and shown with the run that made it', async () => {
    const view = await createLoggedModel(
      bench.ctx,
      project,
      aModel({
        sourceRef: run.id.toUpperCase(),
        modelType: 'agent',
        params: [
          { key: 'lr', text: '0.1' },
          { key: 'depth', text: '' },
          { key: 'lr', text: '0.1' },
        ],
        tags: [{ key: 't', value: 'v' }],
        extensions: { some: { x: 1 } },
      }),
    );
    expect(view).toMatchObject({
      model: {
        name: 'net',
        status: 'pending',
        sourceRunKey: run.key,
        sourceRef: uuidToHex(run.id),
        modelType: 'agent',
        createdBy: { name: 'root' },
        deletedAt: null,
        extensions: { some: { x: 1 } },
      },
      project: { number: 1 },
      sourceRun: { id: run.id },
      params: [
        { key: 'lr', text: '0.1' },
        { key: 'depth', text: '' },
      ],
      tags: [{ key: 't', value: 'v' }],
      measurements: [],
    });
    expect(await getLoggedModel(bench.ctx, view.model.id)).toEqual(view);
    const audit = await bench.store.read.audit.list(`model ${view.model.id}`);
    expect(audit.map((event) => event.action)).toEqual(['create']);
  });

  it('may be made by a run that is not here, and of no other workspace', async () => {
    const view = await createLoggedModel(bench.ctx, project, aModel({ sourceRef: 'somewhere' }));
    expect(view).toMatchObject({ model: { sourceRunKey: null, sourceRef: 'somewhere' }, sourceRun: null });
    await addUser(bench.ports, { name: 'ada', role: 'none', workspace: 'root', superuser: false });
    const elsewhere = await inWorkspace(bench.ctx, 'ada');
    const other = await createLoggedModel(elsewhere, { number: 0 }, aModel({ sourceRef: run.id }));
    expect(other.model).toMatchObject({ sourceRunKey: null, sourceRef: uuidToHex(run.id) });
    expect(await codeOf(getLoggedModel(bench.ctx, other.model.id))).toBe('not_found');
    expect(await codeOf(getLoggedModel(elsewhere, view.model.id))).toBe('not_found');
  });

  it.each([
    { name: 'no name', fields: { name: ' ' }, code: 'invalid' },
    {
      name: 'a param of two values',
      fields: {
        params: [
          { key: 'k', text: '1' },
          { key: 'k', text: '2' },
        ],
      },
      code: 'conflict',
    },
    { name: 'text that no database holds', fields: { name: 'a\0b' }, code: 'invalid' },
  ])('is not made with $name', async ({ fields, code }) => {
    expect(await codeOf(create(fields))).toBe(code);
    const keys = [(await bench.store.read.projects.findByNumber(bench.ctx.workspace.key, 1))?.key];
    const projectKeys = keys.filter((key) => key !== undefined);
    const found = await searchLoggedModels(bench.ctx, { ...all, projectKeys });
    expect(found.views).toEqual([]);
  });

  it('is told the end of its upload, which moves its time; params, tags and metrics do not', async () => {
    const id = await create();
    const before = (await getLoggedModel(bench.ctx, id)).model;
    await logModelParams(bench.ctx, id, [{ key: 'k', text: '1' }]);
    await setModelTags(bench.ctx, id, [{ key: 't', value: 'v' }]);
    await measure(id, measured(1));
    expect((await getLoggedModel(bench.ctx, id)).model).toEqual(before);
    const ready = await finalizeLoggedModel(bench.ctx, id, 'ready');
    expect(ready.model).toEqual({ ...before, status: 'ready', updatedAt: ready.model.updatedAt });
    expect(ready.model.updatedAt).toBeGreaterThan(before.updatedAt);
    const failed = await finalizeLoggedModel(bench.ctx, id, 'failed', 'no room');
    expect(failed.model).toMatchObject({ status: 'failed', statusMessage: 'no room' });
  });

  it('has each param once, all or none of them', async () => {
    const id = await create({ params: [{ key: 'a', text: '1' }] });
    await logModelParams(bench.ctx, id, [
      { key: 'a', text: '1' },
      { key: 'b', text: '2' },
    ]);
    const clash = [
      { key: 'c', text: '3' },
      { key: 'b', text: 'other' },
    ];
    expect(await codeOf(logModelParams(bench.ctx, id, clash))).toBe('conflict');
    expect((await getLoggedModel(bench.ctx, id)).params).toEqual([
      { key: 'a', text: '1' },
      { key: 'b', text: '2' },
    ]);
  });

  it('has tags that are set and removed', async () => {
    const id = await create({ tags: [{ key: 'a', value: '1' }] });
    await setModelTags(bench.ctx, id, [
      { key: 'b', value: '' },
      { key: 'a', value: '2' },
    ]);
    expect(await removeModelTag(bench.ctx, id, 'b')).toBe(true);
    expect(await removeModelTag(bench.ctx, id, 'b')).toBe(false);
    expect((await getLoggedModel(bench.ctx, id)).tags).toEqual([{ key: 'a', value: '2' }]);
  });

  it('shows of each metric and dataset what was measured last, by time and step', async () => {
    const id = await create();
    const dataset = { name: 'test', digest: 'd1' };
    await measure(
      id,
      measured(0.5, { timestampMs: 5n }),
      measured(0.1, { timestampMs: 1n, step: 99n }),
      measured(0.6, { timestampMs: 5n, step: 1n }),
      measured(0.9, { dataset }),
      measured(0.8, { dataset: { name: 'test', digest: null } }),
      measured(Number.NaN, { key: 'loss' }),
      measured(Number.POSITIVE_INFINITY, { key: 'loss', timestampMs: 2n ** 62n, step: -(2n ** 63n) }),
    );
    await measure(id, measured(0.7, { timestampMs: 4n }));
    const { measurements } = await getLoggedModel(bench.ctx, id);
    expect(measurements).toEqual([
      { ...measured(0.6, { timestampMs: 5n, step: 1n }), runKey: run.key, runId: run.id },
      { ...measured(0.8, { dataset: { name: 'test', digest: null } }), runKey: run.key, runId: run.id },
      { ...measured(0.9, { dataset }), runKey: run.key, runId: run.id },
      {
        ...measured(Number.POSITIVE_INFINITY, {
          key: 'loss',
          timestampMs: 2n ** 62n,
          step: -(2n ** 63n),
        }),
        runKey: run.key,
        runId: run.id,
      },
    ]);
  });

  it('takes no measurement of a dataset that no index holds, nor of a model that is not there', async () => {
    const id = await create();
    const long = (name: number, digest: number) =>
      measured(1, { dataset: { name: 'n'.repeat(name), digest: 'd'.repeat(digest) } });
    await measure(id, long(500, 36));
    expect(await codeOf(measure(id, long(501, 1)))).toBe('invalid');
    expect(await codeOf(measure(id, measured(1), long(1, 37)))).toBe('invalid');
    expect(await codeOf(measure(run.id as string as LoggedModelId, measured(1)))).toBe('not_found');
    expect((await getLoggedModel(bench.ctx, id)).measurements).toHaveLength(1);
  });

  it('is measured by a batch as a whole or not at all', async () => {
    const id = await create();
    const nowhere = run.id as string as LoggedModelId;
    const batch = (...modelIds: LoggedModelId[]) =>
      logBatch(
        bench.ctx,
        { id: run.id },
        {
          tags: [{ key: 't', value: 'v' }],
          measurements: modelIds.map((modelId) => ({ modelId, measurement: measured(1) })),
        },
      );
    expect(await codeOf(batch(id, nowhere))).toBe('not_found');
    expect((await getLoggedModel(bench.ctx, id)).measurements).toEqual([]);
    expect((await getRun(bench.ctx, { id: run.id })).tags).toEqual([]);
    await batch(id, id);
    expect((await getLoggedModel(bench.ctx, id)).measurements).toHaveLength(1);
    expect((await getRun(bench.ctx, { id: run.id })).tags).toHaveLength(1);
  });
});

const all = {
  filter: everyModel,
  order: [{ field: modelAttribute('createdAt'), direction: 'desc' }] as const,
  limit: 10,
};

describe('a search of models', () => {
  it('looks in the projects that are asked for, by attributes, tags and what was measured', async () => {
    const second = await createProject(bench.ctx, aProject({ name: 'Second' }));
    const first = await bench.store.read.projects.findByNumber(bench.ctx.workspace.key, 1);
    if (first === null) throw new Error('the first project is there');
    const a = await create({ name: 'a', tags: [{ key: 't', value: '1' }] });
    const b = (await createLoggedModel(bench.ctx, { number: 2 }, aModel({ name: 'b' }))).model.id;
    await create({ name: 'c' });
    const dataset = { name: 'test', digest: null };
    await measure(a, measured(0.9, { dataset }), measured(0.1, { timestampMs: 9n }));
    await measure(b, measured(0.5));
    const names = async (query: Partial<Parameters<typeof searchLoggedModels>[1]>) =>
      (
        await searchLoggedModels(bench.ctx, {
          ...all,
          projectKeys: [first.key, second.project.key],
          ...query,
        })
      ).views.map((view) => view.model.name);
    expect(await names({})).toEqual(['c', 'b', 'a']);
    expect(await names({ projectKeys: [second.project.key] })).toEqual(['b']);
    expect(await names({ projectKeys: [] })).toEqual([]);
    expect(await names({ filter: compare(modelTag('t'), 'eq', '1') })).toEqual(['a']);
    expect(await names({ filter: compare(measurement('acc'), 'gt', 0.4) })).toEqual(['b', 'a']);
    expect(await names({ filter: compare(measurement('acc', [dataset]), 'gt', 0.4) })).toEqual(['a']);
    const best = (datasets: Parameters<typeof latestMeasurement>[1]) =>
      names({ order: [{ field: latestMeasurement('acc', datasets), direction: 'desc' }] });
    expect(await best(null)).toEqual(['b', 'a', 'c']);
    expect(await best([dataset])).toEqual(['a', 'c', 'b']);
    const { total, next } = await searchLoggedModels(
      bench.ctx,
      { ...all, limit: 2, projectKeys: [first.key, second.project.key] },
      { total: true },
    );
    expect(total).toBe(3);
    expect(await names({ ...(next === null ? {} : { after: next }) })).toEqual(['a']);
  });

  it('wants a role for projects that are not public, and the trash in sight for trashed ones', async () => {
    const id = await create();
    const { project: home } = await getLoggedModel(bench.ctx, id);
    const query = { ...all, projectKeys: [home.key] };
    expect(await codeOf(searchLoggedModels(await bench.as('ada', null), query))).toBe('forbidden');
    expect((await searchLoggedModels(await bench.as('bob', 'reader'), query)).views).toHaveLength(1);
    await trashProject(bench.ctx, project);
    expect(await codeOf(searchLoggedModels(bench.ctx, query))).toBe('not_found');
    const seeing = { ...bench.ctx, seesTrash: true };
    expect((await searchLoggedModels(seeing, query)).views).toHaveLength(1);
    expect(await codeOf(setModelTags(seeing, id, []))).toBe('trashed');
    expect(await codeOf(createLoggedModel(seeing, project, aModel()))).toBe('trashed');
    expect(await codeOf(getLoggedModel(bench.ctx, id))).toBe('not_found');
  });
});

describe('a trashed model', () => {
  it('is in no search and given to those alone who ask for trashed ones; trashing it again changes nothing', async () => {
    const id = await create();
    const { model, project: home } = await trashLoggedModel(bench.ctx, id);
    expect(model.deletedAt).not.toBeNull();
    expect((await trashLoggedModel(bench.ctx, id)).model).toEqual(model);
    expect(await codeOf(getLoggedModel(bench.ctx, id))).toBe('not_found');
    expect((await getLoggedModel(bench.ctx, id, { trashed: true })).model).toEqual(model);
    const find = async (lifecycle: 'active' | 'deleted' | 'any') =>
      (await searchLoggedModels(bench.ctx, { ...all, projectKeys: [home.key], lifecycle })).views.length;
    expect([await find('active'), await find('deleted'), await find('any')]).toEqual([0, 1, 1]);
  });

  it('still takes what is logged for it', async () => {
    const id = await create();
    await trashLoggedModel(bench.ctx, id);
    await setModelTags(bench.ctx, id, [{ key: 't', value: 'v' }]);
    await measure(id, measured(1));
    await finalizeLoggedModel(bench.ctx, id, 'ready');
    const view = await getLoggedModel(bench.ctx, id, { trashed: true });
    expect(view).toMatchObject({ model: { status: 'ready' }, tags: [{ key: 't' }], measurements: [{}] });
  });
});

describe('who may', () => {
  it.each([
    { role: null, read: 'forbidden', write: 'forbidden', trash: 'forbidden' },
    { role: 'reader', read: 'none', write: 'forbidden', trash: 'forbidden' },
    { role: 'writer', read: 'none', write: 'none', trash: 'forbidden' },
    { role: 'owner', read: 'none', write: 'none', trash: 'none' },
  ] as const)('$role', async ({ role, read, write, trash }) => {
    const id = await create();
    const ctx = await bench.as('ada', role);
    expect(await codeOf(getLoggedModel(ctx, id))).toBe(read);
    expect(await codeOf(createLoggedModel(ctx, project, aModel()))).toBe(write);
    expect(await codeOf(finalizeLoggedModel(ctx, id, 'ready'))).toBe(write);
    expect(await codeOf(logModelParams(ctx, id, []))).toBe(write);
    expect(await codeOf(setModelTags(ctx, id, []))).toBe(write);
    expect(await codeOf(removeModelTag(ctx, id, 'k'))).toBe(write);
    expect(await codeOf(writeArtifact(ctx, { model: id }, path, bytesOf('x')))).toBe(write);
    expect(
      await codeOf(
        logBatch(ctx, { id: run.id }, { measurements: [{ modelId: id, measurement: measured(1) }] }),
      ),
    ).toBe(write);
    expect(await codeOf(linkModels(ctx, { id: run.id }, 'input', [{ id }]))).toBe(write);
    expect(await codeOf(trashLoggedModel(ctx, id))).toBe(trash);
    const nowhere = run.id as string as LoggedModelId;
    expect(await codeOf(getLoggedModel(ctx, nowhere))).toBe(role === null ? 'forbidden' : 'not_found');
  });

  it('a run’s own token makes and writes its models, reads those of its project, and measures them', async () => {
    const job = asJob(run);
    const others = await create();
    const { model } = await createLoggedModel(job, project, aModel());
    expect(model).toMatchObject({ sourceRunKey: run.key, sourceRef: uuidToHex(run.id) });
    const named = await createLoggedModel(job, project, aModel({ sourceRef: run.id }));
    expect(named.model.sourceRunKey).toBe(run.key);
    await finalizeLoggedModel(job, model.id, 'ready');
    await writeArtifact(job, { model: model.id }, path, bytesOf('x'));
    await getLoggedModel(job, others);
    await logBatch(job, { id: run.id }, { measurements: [{ modelId: others, measurement: measured(1) }] });
    await linkModels(job, { id: run.id }, 'input', [{ id: others }]);
    const other = await createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber: 1 }));
    for (const sourceRef of [other.run.id, 'somewhere'])
      expect(await codeOf(createLoggedModel(job, project, aModel({ sourceRef })))).toBe('forbidden');
    expect(await codeOf(createLoggedModel(job, { number: 0 }, aModel()))).toBe('forbidden');
    expect(await codeOf(finalizeLoggedModel(job, others, 'ready'))).toBe('forbidden');
    expect(await codeOf(setModelTags(job, others, []))).toBe('forbidden');
    expect(await codeOf(trashLoggedModel(job, model.id))).toBe('forbidden');
  });
});
