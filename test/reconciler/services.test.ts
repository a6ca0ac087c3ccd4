import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runRoot } from '../../src/core/artifact-path.js';
import type { Project, Run } from '../../src/core/model.js';
import type { Waker } from '../../src/core/ports/index.js';
import type { Service } from '../../src/core/service.js';
import { createReconciler, type Reconciler } from '../../src/reconciler/index.js';
import { createLocalRunner } from '../../src/runner/local/local-runner.js';
import type { Context } from '../../src/services/context.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { getService } from '../../src/services/services/get.js';
import { openService } from '../../src/services/services/open.js';
import { startService } from '../../src/services/services/start.js';
import { stopService } from '../../src/services/services/stop.js';
import type { SubjectRef } from '../../src/services/services/subject.js';
import { optionsFor, processesOf } from '../runner/local/harness.js';
import { aTrackedRequest, type Bench, createBench } from '../support/services.js';
import { type FakeTensorboard, installTensorboard, pageOf } from '../support/tensorboard.js';

const kind = 'tensorboard';
const silent = { info() {}, warn() {} };
const patience = { timeout: 20_000, interval: 20 };
const prefix = '/tensorboard/root/p';

let folder: string;
let bench: Bench;
let program: FakeTensorboard;
let reconciler: Reconciler;
let ctx: Context;
let project: Project;
let run: Run;

/** What a server does at its start. */
async function begin(): Promise<void> {
  reconciler = createReconciler({
    ports: bench.ports,
    runner: createLocalRunner(
      optionsFor(folder, {
        logs: bench.logs,
        artifacts: bench.artifacts,
        serverEnvironment: { PATH: program.path },
      }),
    ),
    runToken: async () => 'secret',
    jobEnvironment: () => ({}),
    takeIn: async () => undefined,
    collectSeconds: 3600,
    graceSeconds: 1,
    resyncSeconds: 3600,
    logger: silent,
  });
  await reconciler.start();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'franca-service-loop-'));
  program = installTensorboard(folder);
  bench = await createBench(null, { path: program.path });
  const waker: Waker = {
    wake: (key) => reconciler.wake(key),
    wakeService: (key) => reconciler.wakeService(key),
    wakeProject: (key) => reconciler.wakeProject(key),
  };
  ctx = { ...bench.ctx, ports: { ...bench.ports, waker } };
  const fields = { name: 'P', description: null, isPublic: false, tags: [], extensions: {} };
  ({ project } = await createProject(ctx, fields));
  run = await aRun('digits');
  await begin();
});

afterEach(async () => {
  for (const key of await bench.store.read.services.keys()) {
    await bench.store.transaction((tx) => tx.services.update(key, { desiredState: 'stopped' }, 0));
    reconciler.wakeService(key);
  }
  await untilNothingIsLeft();
  await reconciler.stop();
  await bench.close();
  rmSync(folder, { recursive: true });
});

async function aRun(name: string | null): Promise<Run> {
  const made = (await createTrackedRun(ctx, aTrackedRequest({ projectNumber: project.number, name }))).run;
  writeFileSync(join(await bench.artifacts.localFolder(runRoot(made.id)), 'events'), '');
  return made;
}

const ofRun = (): SubjectRef => ({ run: { id: run.id } });
const ofProject = (): SubjectRef => ({ project: { number: project.number } });
const start = async (ref: SubjectRef): Promise<Service> =>
  (await startService(ctx, ref, { kind, pathPrefix: prefix, spec: null })).service;
const pageAt = async (ref: SubjectRef) => pageOf((await openService(ctx, ref, kind)).port, `${prefix}/data`);

/** No process, file, log or row of a service. */
async function untilNothingIsLeft(): Promise<void> {
  await vi.waitFor(async () => {
    expect(await bench.store.read.services.keys()).toEqual([]);
    expect(processesOf(folder)).toEqual([]);
    const below = (name: string) => (existsSync(name) ? readdirSync(name) : []);
    for (const name of ['plans', 'active', 'jobs', 'states'])
      expect(below(join(folder, 'runner', name))).toEqual([]);
    expect(below(join(bench.folder, 'logs'))).toEqual([]);
    expect(below(join(bench.folder, 'artifacts')).filter((name) => name.startsWith('service'))).toEqual([]);
  }, patience);
}

async function untilFailed(ref: SubjectRef): Promise<Service | null> {
  return vi.waitFor(async () => {
    const service = await getService(ctx, ref, kind);
    expect(service?.status).toBe('failed');
    return service;
  }, patience);
}

describe('a service of a run', () => {
  it('shows its outputs at its address, and leaves nothing when it is stopped', async () => {
    await start(ofRun());
    expect(await pageAt(ofRun())).toMatchObject({ url: `${prefix}/data`, files: ['1-digits/events'] });
    await stopService(ctx, ofRun(), kind);
    await untilNothingIsLeft();
  });

  it('outlives the server, and is found again at the same address', async () => {
    await start(ofRun());
    const before = await pageAt(ofRun());
    expect(before).not.toBeNull();
    await reconciler.stop();
    await begin();
    expect(await pageAt(ofRun())).toEqual(before);
    await start(ofRun());
    expect(await pageAt(ofRun())).toEqual(before);
  });

  it('has failed when its end came while no server ran', async () => {
    await start(ofRun());
    const page = await pageAt(ofRun());
    await reconciler.stop();
    process.kill(page?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), patience);
    await begin();
    expect(await untilFailed(ofRun())).toMatchObject({ reason: 'signal' });
  });

  it('ends with its run, before anything of the run is removed', async () => {
    await start(ofRun());
    expect(await pageAt(ofRun())).not.toBeNull();
    await deleteRun(ctx, { id: run.id });
    await untilNothingIsLeft();
    await vi.waitFor(async () => {
      expect(await bench.store.read.runs.findByKey(run.key)).toBeNull();
    }, patience);
    expect(readdirSync(join(bench.folder, 'artifacts'))).toEqual(['.tmp']);
  });

  it('that ignores SIGTERM and hides a child is ended all the same', async () => {
    program.setMode('stubborn');
    await start(ofRun());
    expect(await pageAt(ofRun())).not.toBeNull();
    await stopService(ctx, ofRun(), kind);
    await untilNothingIsLeft();
  });

  it('can be stopped before it listens', async () => {
    program.setMode('mute');
    await start(ofRun());
    await vi.waitFor(async () => {
      expect((await getService(ctx, ofRun(), kind))?.status).toBe('starting');
    }, patience);
    await stopService(ctx, ofRun(), kind);
    await untilNothingIsLeft();
  });

  it('that is started while it stops goes on as another process', async () => {
    program.setMode('stubborn');
    await start(ofRun());
    const before = await pageAt(ofRun());
    await stopService(ctx, ofRun(), kind);
    await start(ofRun());
    const after = await pageAt(ofRun());
    expect(after?.files).toEqual(before?.files);
    expect(after?.pid).not.toBe(before?.pid);
    await vi.waitFor(() => expect(existsSync(`/proc/${before?.pid}`)).toBe(false), patience);
  });
});

describe('a service of a project', () => {
  it('shows the outputs of all of its runs, also of those that come later', async () => {
    await aRun(null);
    await start(ofProject());
    expect((await pageAt(ofProject()))?.files).toEqual(['1-digits/events', 'run-2/events']);
    await aRun('Ünusual / näme');
    await vi.waitFor(async () => {
      const page = await pageAt(ofProject());
      expect(page?.files).toEqual(['1-digits/events', '3-nusual-n-me/events', 'run-2/events']);
    }, patience);
  });

  it('ends with its project, and the project with it', async () => {
    await start(ofProject());
    await start(ofRun());
    for (const ref of [ofProject(), ofRun()]) expect(await pageAt(ref)).not.toBeNull();
    await deleteProject(ctx, { number: project.number });
    await untilNothingIsLeft();
    await vi.waitFor(async () => {
      expect(await bench.store.read.projects.find(project.key)).toBeNull();
    }, patience);
  });
});

describe('a program that ends by itself', () => {
  it('is a failure with its last line, and can be started again', async () => {
    program.setMode('die');
    await start(ofRun());
    expect(await untilFailed(ofRun())).toMatchObject({
      reason: 'exit_nonzero',
      message: 'exit code 3: no data: bell',
    });
    await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), patience);
    program.setMode('serve');
    await start(ofRun());
    expect(await pageAt(ofRun())).not.toBeNull();
  });
});
