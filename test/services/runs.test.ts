import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CoreErrorCode } from '../../src/core/errors.js';
import type { RunId } from '../../src/core/ids.js';
import { createRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { getRun } from '../../src/services/runs/get.js';
import { listRuns } from '../../src/services/runs/list.js';
import { replaceSpec } from '../../src/services/runs/replace-spec.js';
import { stopRun } from '../../src/services/runs/stop.js';
import { updateRun } from '../../src/services/runs/update.js';
import type { RunView } from '../../src/services/runs/view.js';
import { aRole, aSpec } from '../support/builders.js';
import { aRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;

beforeEach(async () => {
  bench = await createBench();
});

afterEach(() => bench.close());

async function codeOf(work: Promise<unknown>): Promise<CoreErrorCode | 'none'> {
  return work.then(
    () => 'none' as const,
    (error) => error.code,
  );
}

async function all(pages: AsyncIterable<readonly RunView[]>): Promise<RunView[]> {
  const views: RunView[] = [];
  for await (const page of pages) views.push(...page);
  return views;
}

describe('create', () => {
  it('stores the run, its spec, its jobs and its first event, and wakes the reconciler', async () => {
    const tags = [
      { key: 'label', value: null },
      { key: 'k', value: 'v' },
    ];
    const view = await createRun(bench.ctx, aRequest({ name: 'My Job', tags }));
    expect(view.run).toMatchObject({
      number: 1,
      name: 'My Job',
      status: 'created',
      attempt: 1,
      managed: true,
    });
    expect(view.jobs.map((job) => [job.name, job.number, job.status])).toEqual([
      ['my-job-worker-0', 1, 'created'],
      ['my-job-worker-1', 2, 'created'],
    ]);
    expect(view.events.map((event) => event.status)).toEqual(['created']);
    expect(view.tags).toEqual(tags);
    expect(bench.woken).toEqual([view.run.key]);
    expect(await getRun(bench.ctx, { id: view.run.id })).toEqual(view);
  });

  it('names the jobs of a run without a name by its number', async () => {
    const view = await createRun(bench.ctx, aRequest({ name: null }));
    expect(view.jobs[0]?.name).toBe('run-1-worker-0');
  });

  it.each([
    { name: 'no replica', roles: [aRole({ replicas: 0 })], path: 'spec' },
    { name: 'no role', roles: [], path: 'spec' },
    { name: 'too many replicas', roles: [aRole({ replicas: 1001 })], path: 'spec' },
    { name: 'one role twice', roles: [aRole({ name: 'Worker' }), aRole({ name: 'worker' })], path: 'spec' },
  ])('refuses $name, and stores nothing', async ({ roles, path }) => {
    const attempt = createRun(bench.ctx, aRequest({ spec: aSpec({ roles }) }));
    await expect(attempt).rejects.toMatchObject({ detail: { code: 'invalid', issues: [{ path }] } });
    expect(await all(await listRuns(bench.ctx, {}))).toEqual([]);
  });

  it('gives the first run again for the same key and request, and a conflict for another request', async () => {
    const first = await createRun(bench.ctx, aRequest({ idempotencyKey: 'k' }));
    const again = await createRun(bench.ctx, aRequest({ idempotencyKey: 'k' }));
    expect(again.run.id).toBe(first.run.id);
    expect(await codeOf(createRun(bench.ctx, aRequest({ idempotencyKey: 'k', name: 'other' })))).toBe(
      'conflict',
    );
    const other = await createRun(await bench.as('ada', 'writer'), aRequest({ idempotencyKey: 'k' }));
    expect(other.run.id).not.toBe(first.run.id);
  });

  it('forgets a key after a day', async () => {
    bench.setClock(1_000_000);
    const first = await createRun(bench.ctx, aRequest({ idempotencyKey: 'k' }));
    bench.setClock(25 * 3600 * 1_000_000);
    const later = await createRun(bench.ctx, aRequest({ idempotencyKey: 'k', name: 'other' }));
    expect(later.run.id).not.toBe(first.run.id);
  });
});

describe('who may', () => {
  it.each([
    { role: null, create: 'forbidden', read: 'forbidden', deleteOwn: 'none', deleteOther: 'forbidden' },
    { role: 'reader', create: 'forbidden', read: 'none', deleteOwn: 'none', deleteOther: 'forbidden' },
    { role: 'writer', create: 'none', read: 'none', deleteOwn: 'none', deleteOther: 'forbidden' },
    { role: 'owner', create: 'none', read: 'none', deleteOwn: 'none', deleteOther: 'none' },
  ] as const)('$role', async ({ role, create, read, deleteOther }) => {
    const others = await createRun(bench.ctx, aRequest());
    const ctx = await bench.as('ada', role);
    expect(await codeOf(createRun(ctx, aRequest()))).toBe(create);
    expect(await codeOf(getRun(ctx, { id: others.run.id }))).toBe(read);
    expect(await codeOf(listRuns(ctx, {}))).toBe(read);
    expect(await codeOf(stopRun(ctx, { id: others.run.id }))).toBe(create);
    expect(
      await codeOf(replaceSpec(ctx, { id: others.run.id }, { name: 'x', spec: aSpec(), retag: () => [] })),
    ).toBe(create);
    expect(await codeOf(deleteRun(ctx, { id: others.run.id }))).toBe(deleteOther);
  });

  it('a writer deletes its own runs', async () => {
    const ctx = await bench.as('ada', 'writer');
    const { run } = await createRun(ctx, aRequest());
    expect(await codeOf(deleteRun(ctx, { id: run.id }))).toBe('none');
  });

  it('a run of another workspace is not there', async () => {
    const { run } = await createRun(bench.ctx, aRequest());
    const workspace = await bench.store.transaction((tx) =>
      tx.accounts.insertWorkspace({ name: 'elsewhere', createdAt: 1 }),
    );
    const ctx = { ...bench.ctx, workspace };
    expect(await codeOf(getRun(ctx, { id: run.id }))).toBe('not_found');
    expect(await codeOf(deleteRun(ctx, { key: run.key }))).toBe('not_found');
  });
});

describe('delete', () => {
  it('hides the run at once, marks it for purging, and a second one finds nothing', async () => {
    const { run } = await createRun(bench.ctx, aRequest());
    const before = await deleteRun(bench.ctx, { id: run.id });
    expect(before.run.status).toBe('created');
    expect(await codeOf(getRun(bench.ctx, { id: run.id }))).toBe('not_found');
    expect(await codeOf(deleteRun(bench.ctx, { id: run.id }))).toBe('not_found');
    expect(await all(await listRuns(bench.ctx, {}))).toEqual([]);
    expect(await bench.store.read.runs.unfinished()).toEqual([run.key]);
    const audit = await bench.store.read.audit.list(`run ${run.id}`);
    expect(audit.map((event) => event.action)).toEqual(['create', 'delete']);
  });

  it('knows no run of an unknown id', async () => {
    expect(await codeOf(deleteRun(bench.ctx, { id: '01890000-0000-7000-8000-000000000001' as RunId }))).toBe(
      'not_found',
    );
  });
});

describe('stop', () => {
  it('is told once, however often it is asked for', async () => {
    const { run } = await createRun(bench.ctx, aRequest());
    await stopRun(bench.ctx, { id: run.id });
    const view = await stopRun(bench.ctx, { id: run.id });
    expect(view.run).toMatchObject({ status: 'stopping', desiredState: 'stopped' });
    expect(view.events.map((event) => event.status)).toEqual(['created', 'stopping']);
  });
});

describe('replace the spec', () => {
  const workers = (replicas: number, image: string | null = null) =>
    aSpec({ roles: [aRole({ replicas, image })] });
  const replace = (id: RunId, replicas: number, image: string | null = null) =>
    replaceSpec(bench.ctx, { id }, { name: 'job', spec: workers(replicas, image), retag: () => [] });
  const current = (view: RunView) =>
    view.jobs.filter((job) => job.attempt === view.run.attempt && !job.retired).map((job) => job.name);

  it('rescales up, down and up again within the attempt; a retired replica never comes back', async () => {
    const { run, jobs } = await createRun(bench.ctx, aRequest());
    const up = await replace(run.id, 3);
    expect(up.run).toMatchObject({ attempt: 1, specRevision: 2 });
    expect(current(up)).toEqual(['job-worker-0', 'job-worker-1', 'job-worker-2']);
    const down = await replace(run.id, 1);
    expect(current(down)).toEqual(['job-worker-0']);
    const again = await replace(run.id, 2);
    expect(current(again)).toEqual(['job-worker-0', 'job-worker-1']);
    expect(again.jobs.filter((job) => !job.retired).map((job) => job.id)).not.toContain(jobs[1]?.id);
    expect(again.run.attempt).toBe(1);
  });

  it('is a new attempt for any other change, with jobs of the same names', async () => {
    const { run } = await createRun(bench.ctx, aRequest());
    const view = await replace(run.id, 2, 'other');
    expect(view.run).toMatchObject({ attempt: 2, status: 'resuming', specRevision: 2 });
    expect(view.jobs.map((job) => [job.name, job.attempt, job.status])).toEqual([
      ['job-worker-0', 1, 'skipped'],
      ['job-worker-1', 1, 'skipped'],
      ['job-worker-0', 2, 'created'],
      ['job-worker-1', 2, 'created'],
    ]);
  });

  it('replaces the tags by what the caller makes of those that are there', async () => {
    const tags = [
      { key: 'old', value: null },
      { key: 'kept', value: null },
      { key: 'k', value: 'v' },
    ];
    const { run } = await createRun(bench.ctx, aRequest({ tags }));
    const view = await replaceSpec(
      bench.ctx,
      { id: run.id },
      {
        name: 'job',
        spec: workers(2),
        retag: (present) => [...present.filter(({ key }) => key !== 'old'), { key: 'new', value: null }],
      },
    );
    expect(view.tags).toEqual([
      { key: 'kept', value: null },
      { key: 'k', value: 'v' },
      { key: 'new', value: null },
    ]);
  });
});

describe('list', () => {
  it('gives every run once, in the order of creation, over the pages, and by status', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await createRun(bench.ctx, aRequest())).run.id);
    expect((await all(await listRuns(bench.ctx, {}))).map((view) => view.run.id)).toEqual(ids);
    expect(await all(await listRuns(bench.ctx, { statuses: ['running'] }))).toEqual([]);
    expect(await all(await listRuns(bench.ctx, { statuses: ['created', 'queued'] }))).toHaveLength(5);
    expect(await all(await listRuns(bench.ctx, { statuses: [] }))).toEqual([]);
  });
});

describe('unique names', () => {
  it('get a number where they are taken, the least free one', async () => {
    const made: (string | null)[] = [];
    for (let count = 0; count < 12; count += 1) {
      made.push((await createRun(bench.ctx, aRequest({ name: 'a', uniqueName: true }))).run.name);
    }
    expect(made).toEqual(['a', ...Array.from({ length: 11 }, (_, index) => `a-${index + 2}`)]);
    expect((await createRun(bench.ctx, aRequest({ name: 'a' }))).run.name).toBe('a');
    expect((await createRun(bench.ctx, aRequest({ name: null, uniqueName: true }))).run.name).toBeNull();
  });

  it('are refused to a run that another has, and not to itself', async () => {
    const { run } = await createRun(bench.ctx, aRequest({ name: 'first' }));
    const other = await createRun(bench.ctx, aRequest({ name: 'second' }));
    const rename = (name: string) => updateRun(bench.ctx, { id: other.run.id }, { name, uniqueName: true });
    expect(await codeOf(rename(run.name ?? ''))).toBe('already_exists');
    expect((await rename('second')).run.name).toBe('second');
    expect((await rename('third')).run.name).toBe('third');
  });
});
