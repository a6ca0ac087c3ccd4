import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../src/core/model.js';
import type { Tag } from '../../src/core/params.js';
import { listProjectBookmarks, listRunBookmarks } from '../../src/services/bookmarks/list.js';
import { setProjectBookmark, setRunBookmark } from '../../src/services/bookmarks/set.js';
import { archiveRun } from '../../src/services/runs/archive.js';
import { type Clone, cloneRun } from '../../src/services/runs/clone.js';
import { createRun, createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun, deleteRuns } from '../../src/services/runs/delete.js';
import { getRun } from '../../src/services/runs/get.js';
import { relatedTo } from '../../src/services/runs/related.js';
import { replaceSpec } from '../../src/services/runs/replace-spec.js';
import { stopRun, stopRuns } from '../../src/services/runs/stop.js';
import { updateRun } from '../../src/services/runs/update.js';
import { aRole, aSpec } from '../support/builders.js';
import { codeOf } from '../support/code-of.js';
import { aRequest, aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;
let origin: Run;

const params = [{ key: 'lr', type: 'double' as const, text: '0.1', number: 0.1 }];
const codeRef = { commit: 'c', head: null, branch: null, url: null, isDirty: null, diff: null };

beforeEach(async () => {
  bench = await createBench();
  const fields = { description: 'd', tags: [{ key: 'a', value: null }], params, codeRef };
  origin = (await createRun(bench.ctx, aRequest({ ...fields, extensions: { polyaxon: { x: 1 } } }))).run;
});

afterEach(() => bench.close());

const cloned = (of: Run, clone: Partial<Clone> & Pick<Clone, 'kind'>) =>
  cloneRun(bench.ctx, { id: of.id }, { name: null, tags: [], ...clone });
const paramsOf = async (run: Run) => (await bench.store.read.params.list([run.key])).get(run.key) ?? [];

describe('a clone', () => {
  it.each([
    { kind: 'restart', shares: false },
    { kind: 'copy', shares: false },
    { kind: 'resume', shares: true },
  ] as const)('$kind: a new run with what the origin has', async ({ kind, shares }) => {
    const { run, spec, jobs, tags } = await cloned(origin, { kind });
    expect(run).toMatchObject({
      originKey: origin.key,
      originKind: kind,
      description: 'd',
      name: null,
      number: 2,
      managed: true,
      status: 'created',
      extensions: { polyaxon: { x: 1 } },
      codeRef,
    });
    expect(run.artifactRoot).toBe(shares ? origin.id : run.id);
    expect(spec).toEqual({ ...(await getRun(bench.ctx, { id: origin.id })).spec, createdAt: run.createdAt });
    expect(jobs).toHaveLength(2);
    expect(tags).toEqual([]);
    expect(await paramsOf(run)).toEqual(params);
    expect(bench.woken.at(-1)).toBe(run.key);
  });

  it('has what is given in place of the origin’s', async () => {
    const { run, jobs, tags } = await cloned(origin, {
      kind: 'restart',
      name: 'again',
      description: null,
      tags: [{ key: 'b', value: null }],
      params: [],
      codeRef: null,
      extensions: {},
      spec: aSpec({ roles: [aRole({ replicas: 1 })] }),
    });
    expect(run).toMatchObject({ name: 'again', description: null, codeRef: null, extensions: {} });
    expect(jobs).toHaveLength(1);
    expect(tags).toEqual([{ key: 'b', value: null }]);
    expect(await paramsOf(run)).toEqual([]);
  });

  it('that resumes a resumed run resumes the first; other kinds do not', async () => {
    const second = (await cloned(origin, { kind: 'resume' })).run;
    const third = (await cloned(second, { kind: 'resume', description: null })).run;
    expect(third).toMatchObject({ originKey: origin.key, artifactRoot: origin.id });
    expect((await cloned(second, { kind: 'restart' })).run.originKey).toBe(second.key);
    const restarted = (await cloned(origin, { kind: 'restart' })).run;
    expect((await cloned(restarted, { kind: 'resume' })).run).toMatchObject({
      originKey: restarted.key,
      artifactRoot: restarted.id,
    });
    await deleteRun(bench.ctx, { id: origin.id });
    expect((await cloned(third, { kind: 'resume' })).run).toMatchObject({
      originKey: third.key,
      artifactRoot: origin.id,
    });
  });

  it('needs a spec that can run, and the right to create', async () => {
    const tracked = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    expect(await codeOf(cloned(tracked, { kind: 'restart' }))).toBe('invalid');
    expect((await cloned(tracked, { kind: 'restart', spec: aSpec() })).run.managed).toBe(true);
    expect(await codeOf(cloned(origin, { kind: 'copy', spec: aSpec({ roles: [] }) }))).toBe('invalid');
    const reader = await bench.as('ada', 'reader');
    const clone = { kind: 'restart', name: null, tags: [] } as const;
    expect(await codeOf(cloneRun(reader, { id: origin.id }, clone))).toBe('forbidden');
  });

  it('is shown with its origin, its project and its workspace', async () => {
    const { run } = await cloned(origin, { kind: 'copy' });
    await setRunBookmark(bench.ctx, { id: run.id }, true);
    const related = await relatedTo(bench.ctx, [run]);
    expect([...related.origins]).toEqual([[origin.key, origin]]);
    expect(related.projects.get(run.projectKey)?.slug).toBe('default');
    expect([...related.workspaces.values()].map(({ name }) => name)).toEqual(['root']);
    expect(related.bookmarked).toEqual(new Set([run.key]));
    expect(related.params.get(run.key)).toEqual(params);
  });
});

describe('an archive', () => {
  it('hides the run and shows it again', async () => {
    const archived = await archiveRun(bench.ctx, { id: origin.id }, true);
    expect(archived.run.archivedAt).not.toBeNull();
    expect(await archiveRun(bench.ctx, { id: origin.id }, true)).toEqual(archived);
    expect((await archiveRun(bench.ctx, { id: origin.id }, false)).run.archivedAt).toBeNull();
    const reader = await bench.as('ada', 'reader');
    expect(await codeOf(archiveRun(reader, { id: origin.id }, true))).toBe('forbidden');
  });
});

describe('bookmarks', () => {
  const all = { offset: 0, limit: 10 };

  it('are each user’s own, and listed over workspaces', async () => {
    const ada = await bench.as('ada', 'reader');
    await setRunBookmark(ada, { id: origin.id }, true);
    await setRunBookmark(ada, { id: origin.id }, true);
    await setProjectBookmark(ada, { number: 0 }, true);
    const listed = await listRunBookmarks(ada, all);
    expect([listed.total, ...listed.items.map((view) => view.run.id)]).toEqual([1, origin.id]);
    expect((await listProjectBookmarks(ada, all)).items.map(({ view }) => view.project.number)).toEqual([0]);
    expect((await listRunBookmarks(bench.ctx, all)).total).toBe(0);
    await setRunBookmark(ada, { id: origin.id }, false);
    expect((await listRunBookmarks(ada, all)).total).toBe(0);
  });

  it('need the right to read', async () => {
    const stranger = await bench.as('eve', null);
    expect(await codeOf(setRunBookmark(stranger, { id: origin.id }, true))).toBe('forbidden');
  });
});

describe('several runs', () => {
  const refs = (runs: readonly Run[]) => runs.map(({ projectKey, number }) => ({ projectKey, number }));

  it('are stopped together, ended and missing ones passed over', async () => {
    const tracked = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    const wanted = [...refs([tracked, origin, tracked]), { projectKey: origin.projectKey, number: 99 }];
    expect(await stopRuns(bench.ctx, wanted)).toBe(2);
    expect((await getRun(bench.ctx, { id: origin.id })).run.status).toBe('stopping');
    expect((await getRun(bench.ctx, { id: tracked.id })).run.status).toBe('stopped');
    expect(await stopRuns(bench.ctx, [])).toBe(0);
  });

  it('are deleted together, or none of them', async () => {
    const ada = await bench.as('ada', 'writer');
    const own = (await createRun(ada, aRequest())).run;
    expect(await codeOf(deleteRuns(ada, refs([own, origin])))).toBe('forbidden');
    expect((await getRun(ada, { id: own.id })).run.deletedAt).toBeNull();
    expect(await deleteRuns(bench.ctx, refs([own, origin]))).toBe(2);
    expect(await deleteRuns(bench.ctx, refs([own, origin]))).toBe(0);
    expect(await bench.store.read.runs.unfinished()).toEqual([origin.key, own.key]);
    const reader = await bench.as('bob', 'reader');
    const { run } = await createRun(bench.ctx, aRequest());
    expect(await codeOf(stopRuns(reader, refs([run])))).toBe('forbidden');
    expect((await stopRun(bench.ctx, { id: run.id })).run.status).toBe('stopping');
  });
});

describe('what a run says of itself', () => {
  const said = { framework: 'Keras', backend: 'native', groupRef: '3', buildRef: 'b.1' };

  it('is stored, changed, and taken over by clones', async () => {
    const { run } = await createRun(bench.ctx, aRequest({ ...said }));
    expect(run).toMatchObject(said);
    const changed = { backend: 'kubeflow', groupRef: null };
    expect((await updateRun(bench.ctx, { id: run.id }, changed)).run).toMatchObject({ ...said, ...changed });
    expect((await cloned(run, { kind: 'restart' })).run).toMatchObject({ ...said, ...changed });
    const given = { framework: 'none', backend: null, groupRef: '4', buildRef: null };
    expect((await cloned(run, { kind: 'copy', ...given })).run).toMatchObject(given);
  });

  it('of its framework is its spec’s where it says nothing, and follows it', async () => {
    const pytorch = aSpec({ framework: 'pytorch' });
    const respecified = async (of: Run) => {
      const change = { name: null, spec: pytorch, retag: (tags: readonly Tag[]) => tags };
      return (await replaceSpec(bench.ctx, { id: of.id }, change)).run.framework;
    };
    const silent = (await createRun(bench.ctx, aRequest({ spec: aSpec({ framework: 'tensorflow' }) }))).run;
    expect(silent).toMatchObject({ framework: 'tensorflow', backend: null, groupRef: null, buildRef: null });
    expect((await cloned(silent, { kind: 'copy', spec: pytorch })).run.framework).toBe('pytorch');
    expect((await cloned(silent, { kind: 'copy', spec: aSpec() })).run.framework).toBe('tensorflow');
    expect(await respecified(silent)).toBe('pytorch');
    const spoken = (await createRun(bench.ctx, aRequest({ ...said, spec: aSpec({ framework: 'mpi' }) }))).run;
    expect(await respecified(spoken)).toBe('Keras');
  });

  it('of its code is its spec’s where it says nothing, and follows it', async () => {
    const git = (branch: string) => ({ kind: 'git', url: 'https://example.org/a.git', branch }) as const;
    const inGit = (branch: string) => ({
      ...{ commit: null, head: null, isDirty: null, diff: null },
      url: 'https://example.org/a.git',
      branch,
    });
    const respecified = async (of: Run) => {
      const change = { name: null, spec: aSpec({ code: git('b') }), retag: (tags: readonly Tag[]) => tags };
      return (await replaceSpec(bench.ctx, { id: of.id }, change)).run.codeRef;
    };
    const silent = (await createRun(bench.ctx, aRequest({ spec: aSpec({ code: git('a') }) }))).run;
    expect(silent.codeRef).toEqual(inGit('a'));
    expect(await respecified(silent)).toEqual(inGit('b'));
    const bare = (await createRun(bench.ctx, aRequest())).run;
    expect(bare.codeRef).toBeNull();
    expect(await respecified(bare)).toEqual(inGit('b'));
    const spoken = (await createRun(bench.ctx, aRequest({ codeRef, spec: aSpec({ code: git('a') }) }))).run;
    expect(await respecified(spoken)).toEqual(codeRef);
  });
});
