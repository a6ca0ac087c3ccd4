import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../src/core/model.js';
import type { Service } from '../../src/core/service.js';
import type { Context } from '../../src/services/context.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { getProject } from '../../src/services/projects/get.js';
import { restoreProject, trashProject } from '../../src/services/projects/trash.js';
import { createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { relatedTo } from '../../src/services/runs/related.js';
import { restoreRun, trashRun } from '../../src/services/runs/trash.js';
import { getService } from '../../src/services/services/get.js';
import { loadService } from '../../src/services/services/load.js';
import { openService } from '../../src/services/services/open.js';
import { recordService, removeService } from '../../src/services/services/record.js';
import { startService } from '../../src/services/services/start.js';
import { stopService } from '../../src/services/services/stop.js';
import type { SubjectRef } from '../../src/services/services/subject.js';
import { codeOf } from '../support/code-of.js';
import { aTrackedRequest, type Bench, createBench } from '../support/services.js';
import { installTensorboard } from '../support/tensorboard.js';

const kind = 'tensorboard';
const whole = { project: { number: 0 } };

let folder: string;
let bench: Bench;
let run: Run;
let one: SubjectRef;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'franca-services-'));
  bench = await createBench(null, { path: installTensorboard(folder).path, limit: 2 });
  run = await aRun();
  one = { run: { id: run.id } };
});

afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true });
});

const aRun = async (): Promise<Run> => (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
const start = (ref: SubjectRef, ctx: Context = bench.ctx, spec: Service['spec'] = null) =>
  startService(ctx, ref, { kind, pathPrefix: '/tensorboard/root/default/', spec });
const record = (service: Service, news: Parameters<typeof recordService>[2]) =>
  recordService(bench.ports, service, news);
const messageOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  return error instanceof Error ? error.message : 'none';
};

describe('starting', () => {
  it('says whether it was started now, and once it is up changes nothing', async () => {
    const first = await start(one, bench.ctx, { image: 'x' });
    expect(first).toMatchObject({
      startedNow: true,
      service: {
        runKey: run.key,
        status: 'created',
        pathPrefix: '/tensorboard/root/default',
        spec: { image: 'x' },
        createdBy: { name: 'root' },
      },
    });
    expect(await start(one)).toEqual({ startedNow: false, service: first.service });
    expect(await getService(bench.ctx, one, kind)).toEqual(first.service);
    expect(await getService(bench.ctx, whole, kind)).toBeNull();
    expect(bench.wokenServices).toContain(first.service.key);
    const audited = await bench.store.read.audit.list(`service ${first.service.id}`);
    expect(audited).toMatchObject([{ actor: 'root', action: 'create' }]);
  });

  it('takes a failed one up again, as another process', async () => {
    const { service } = await start(one);
    await record(service, { status: 'failed', reason: 'exit_nonzero', message: 'exit code 1', port: 25_000 });
    const again = await start(one);
    const fresh = { status: 'created', reason: null, message: null, port: null };
    expect(again).toMatchObject({
      startedNow: true,
      service: { key: service.key, id: service.id, ...fresh },
    });
    expect(again.service.jobId).not.toBe(service.jobId);
    await record(service, { status: 'failed', reason: null, message: 'the old one' });
    expect((await getService(bench.ctx, one, kind))?.status).toBe('created');
  });

  it('is refused in words where the program is not there, but not where it runs', async () => {
    const bare = { ...bench.ports.serviceHost, hasProgram: async () => false };
    const ctx = { ...bench.ctx, ports: { ...bench.ports, serviceHost: bare } };
    const refused = start(one, ctx);
    expect(await codeOf(refused)).toBe('invalid');
    expect(await messageOf(refused)).toMatch(/^tensorboard is not installed on this server: /);
    expect(await bench.store.read.services.keys()).toEqual([]);
    await start(one);
    expect(await start(one, ctx)).toMatchObject({ startedNow: false });
  });

  it('is refused when as many run as may, until one has failed or is gone', async () => {
    const [first, second] = [await start(one), await start(whole)];
    const other = { run: { id: (await aRun()).id } };
    const refused = start(other);
    expect(await codeOf(refused)).toBe('limited');
    expect(await messageOf(refused)).toContain('FRANCA_LOCAL_SERVICES=2');
    await stopService(bench.ctx, one, kind);
    expect(await codeOf(start(other))).toBe('limited');
    expect(await start(one)).toMatchObject({ startedNow: true, service: { desiredState: 'running' } });
    await stopService(bench.ctx, one, kind);
    expect(await removeService(bench.ports, first.service.key)).toBe(true);
    await start(other);
    await record(second.service, { status: 'failed', reason: null, message: null });
    await start(one);
    expect(await codeOf(start(whole))).toBe('limited');
  });

  it('lets no more in though many ask at once', async () => {
    const refs = await Promise.all(
      Array.from({ length: 6 }, async () => ({ run: { id: (await aRun()).id } })),
    );
    const codes = await Promise.all(refs.map((ref) => codeOf(start(ref))));
    expect(codes.filter((code) => code === 'none')).toHaveLength(2);
    expect(codes.filter((code) => code === 'limited')).toHaveLength(4);
  });

  it('takes no more of what it is asked for than it keeps', async () => {
    expect(await codeOf(start(one, bench.ctx, { a: 'x'.repeat(70_000) }))).toBe('too_large');
  });
});

describe('who may', () => {
  it('start and stop: writers; look: readers; a run’s own token: look', async () => {
    const [reader, stranger] = [await bench.as('rea', 'reader'), await bench.as('str', null)];
    const writer = await bench.as('wri', 'writer');
    const job: Context = { ...bench.ctx, actor: { ...bench.ctx.actor, runKey: run.key } };
    for (const ref of [one, whole]) {
      for (const ctx of [reader, stranger, job]) {
        expect(await codeOf(start(ref, ctx))).toBe('forbidden');
        expect(await codeOf(stopService(ctx, ref, kind))).toBe('forbidden');
      }
      expect(await start(ref, writer)).toMatchObject({ startedNow: true });
      for (const ctx of [reader, job]) expect(await getService(ctx, ref, kind)).not.toBeNull();
      expect(await codeOf(getService(stranger, ref, kind))).toBe('forbidden');
      expect(await codeOf(openService(stranger, ref, kind))).toBe('forbidden');
    }
  });

  it('nobody, of what is deleted', async () => {
    await start(one);
    await deleteRun(bench.ctx, { id: run.id });
    for (const work of [start(one), stopService(bench.ctx, one, kind), openService(bench.ctx, one, kind)]) {
      expect(await codeOf(work)).toBe('not_found');
    }
  });
});

describe('stopping', () => {
  it('hides it at once, and of none is no fault', async () => {
    const { service } = await start(one);
    bench.wokenServices.length = 0;
    expect(await stopService(bench.ctx, one, kind)).toBe(true);
    expect(bench.wokenServices).toEqual([service.key]);
    expect(await stopService(bench.ctx, one, kind)).toBe(false);
    expect(await getService(bench.ctx, one, kind)).toBeNull();
    expect(await codeOf(openService(bench.ctx, one, kind))).toBe('not_found');
    await record(service, { status: 'running', port: 25_000 });
    expect((await bench.store.read.services.findByKey(service.key))?.status).toBe('stopping');
    expect(await stopService(bench.ctx, whole, kind)).toBe(false);
  });
});

describe('opening', () => {
  it('waits until the program listens', async () => {
    const { service } = await start(one);
    const opening = openService(bench.ctx, one, kind);
    await record(service, { status: 'starting', port: 25_000 });
    await record(service, { status: 'running' });
    expect(await opening).toEqual({ port: 25_000, pathPrefix: '/tensorboard/root/default' });
  });

  it('ends in words when it fails, takes too long, or nobody waits any more', async () => {
    const { service } = await start(one);
    const late = openService(bench.ctx, one, kind, { patienceMillis: 0 });
    expect([await codeOf(late), await messageOf(late)]).toEqual([
      'unavailable',
      'tensorboard is still starting',
    ]);
    const left = openService(bench.ctx, one, kind, { signal: AbortSignal.abort() });
    expect(await codeOf(left)).toBe('unavailable');
    const opening = openService(bench.ctx, one, kind);
    await record(service, { status: 'failed', reason: 'exit_nonzero', message: 'exit code 1: no data' });
    expect(await messageOf(opening)).toBe('tensorboard has ended: exit code 1: no data');
  });
});

describe('what is shown with runs and projects', () => {
  it('tells which have a service that is up', async () => {
    const other = await aRun();
    const kinds = new Set([kind]);
    await start(one);
    await start(whole);
    expect((await relatedTo(bench.ctx, [run, other])).services).toEqual(new Map([[run.key, kinds]]));
    expect((await getProject(bench.ctx, { number: 0 })).services).toEqual(kinds);
    await stopService(bench.ctx, one, kind);
    await stopService(bench.ctx, whole, kind);
    expect((await relatedTo(bench.ctx, [run, other])).services).toEqual(new Map());
    expect((await getProject(bench.ctx, { number: 0 })).services).toEqual(new Set());
  });
});

describe('deletion of what is shown', () => {
  it('of a project wakes its service, and waits for it', async () => {
    const fields = { name: 'P', description: null, isPublic: false, tags: [], extensions: {} };
    const { project } = await createProject(bench.ctx, fields);
    const { service } = await start({ project: { number: project.number } });
    bench.wokenServices.length = 0;
    await deleteProject(bench.ctx, { number: project.number });
    expect(bench.wokenServices).toEqual([service.key]);
    expect(await bench.store.read.projects.find(project.key)).not.toBeNull();
    expect(await loadService(bench.store.read, service.key)).toMatchObject({ isWanted: false });
    expect(await removeService(bench.ports, service.key)).toBe(true);
    expect(await bench.store.read.projects.find(project.key)).toBeNull();
    expect(await loadService(bench.store.read, service.key)).toBeNull();
  });

  it('may be undone, and ends the services of a run and of a project meanwhile', async () => {
    const fields = { name: 'P', description: null, isPublic: false, tags: [], extensions: {} };
    const { project } = await createProject(bench.ctx, fields);
    const there = { project: { number: project.number } };
    const ofRun = (await start(one)).service;
    const ofProject = (await start(there)).service;
    bench.wokenServices.length = 0;
    await trashRun(bench.ctx, { id: run.id });
    await trashProject(bench.ctx, there.project);
    expect(bench.wokenServices).toEqual([ofRun.key, ofProject.key]);
    for (const { key } of [ofRun, ofProject])
      expect(await loadService(bench.store.read, key)).toMatchObject({ isWanted: false });
    const seeing = { ...bench.ctx, seesTrash: true };
    for (const ref of [one, there]) {
      expect(await codeOf(start(ref))).toBe('not_found');
      expect(await codeOf(start(ref, seeing))).toBe('trashed');
    }
    await restoreRun(bench.ctx, { id: run.id });
    await restoreProject(bench.ctx, there.project);
    for (const { key } of [ofRun, ofProject])
      expect(await loadService(bench.store.read, key)).toMatchObject({ isWanted: true });
  });

  it('never removes one that is wanted again', async () => {
    const { service } = await start(one);
    await stopService(bench.ctx, one, kind);
    expect(await loadService(bench.store.read, service.key)).toMatchObject({ isWanted: false });
    await start(one);
    expect(await removeService(bench.ports, service.key)).toBe(false);
    expect(await getService(bench.ctx, one, kind)).not.toBeNull();
  });
});
