import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ArtifactRoot, artifactPath, modelRoot, runRoot } from '../../src/core/artifact-path.js';
import type { Run } from '../../src/core/model.js';
import { isTerminal } from '../../src/core/status.js';
import { createReconciler, type Reconciler } from '../../src/reconciler/index.js';
import { createLocalRunner } from '../../src/runner/local/local-runner.js';
import { authenticate } from '../../src/services/accounts/authenticate.js';
import { issueRunToken } from '../../src/services/accounts/run-token.js';
import { writeArtifact } from '../../src/services/artifacts/write.js';
import { createLoggedModel } from '../../src/services/logged-models/create.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { cloneRun } from '../../src/services/runs/clone.js';
import { createRun, createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { getRun } from '../../src/services/runs/get.js';
import { stopRun } from '../../src/services/runs/stop.js';
import { treeOf } from '../conformance/artifacts/fixtures.js';
import { bytesOf } from '../conformance/artifacts/tar.js';
import { optionsFor } from '../runner/local/harness.js';
import { aRole, aSpec } from '../support/builders.js';
import { codeOf } from '../support/code-of.js';
import { aModel } from '../support/logged-models.js';
import { aProject, aRequest, aTrackedRequest, type Bench, createBench } from '../support/services.js';

const key = new Uint8Array(32).fill(3);
const silent = { info() {}, warn() {} };
const patience = { timeout: 20_000, interval: 20 };

let bench: Bench;
let folder: string;
let reconciler: Reconciler;
/** What happens when a copy of outputs begins. */
let beforeCopy: () => Promise<unknown>;

beforeEach(async () => {
  bench = await createBench();
  folder = mkdtempSync(join(tmpdir(), 'franca-reconciler-'));
  beforeCopy = async () => undefined;
  await begin();
});

/** Starts a reconciler over what the bench holds. */
async function begin(): Promise<void> {
  const { artifacts } = bench;
  const copying = {
    ...artifacts,
    async copy(from: ArtifactRoot, to: ArtifactRoot) {
      await beforeCopy();
      await artifacts.copy(from, to);
    },
  };
  reconciler = createReconciler({
    ports: { ...bench.ports, artifacts: copying },
    runner: createLocalRunner(optionsFor(folder, { logs: bench.logs, artifacts: bench.artifacts })),
    runToken: (run) => issueRunToken(bench.ports, key, run),
    jobEnvironment: (told) => ({ TOKEN: told.token, OUTPUTS: told.outputs, TOLD: JSON.stringify(told) }),
    takeIn: async () => undefined,
    collectSeconds: 3600,
    graceSeconds: 1,
    resyncSeconds: 3600,
    logger: silent,
  });
  await reconciler.start();
}

afterEach(async () => {
  await reconciler.stop();
  await bench.close();
  rmSync(folder, { recursive: true });
});

async function printed(run: Run): Promise<string> {
  const { jobs } = await getRun(bench.ctx, { id: run.id });
  let text = '';
  for (const job of jobs) {
    for await (const records of bench.logs.read({ runId: run.id, jobId: job.id })) {
      for (const record of records) text += Buffer.from(record.bytes).toString('utf8');
    }
  }
  return text;
}

describe('a job', () => {
  it('is given the token of its run, which ends with the run', async () => {
    const argv = ['sh', '-c', 'printf %s "$TOKEN"'];
    const spec = aSpec({ roles: [aRole({ command: { kind: 'exec', argv } })] });
    const { run } = await createRun(bench.ctx, aRequest({ spec }));
    reconciler.wake(run.key);
    await vi.waitFor(async () => {
      expect((await getRun(bench.ctx, { id: run.id })).run.status).toBe('succeeded');
    }, patience);
    const token = await printed(run);
    expect(token).toBe(await issueRunToken(bench.ports, key, run));
    const settings = { required: false, defaultUser: 'root', tokenHash: null };
    expect(await codeOf(authenticate(bench.ports, settings, token))).toBe('unauthenticated');
  });
});

describe('what a job can be told', () => {
  it('is all that its client may ask of its run', async () => {
    const spec = aSpec({ roles: [aRole({ command: { kind: 'shell', script: 'printf %s "$TOLD"' } })] });
    const params = [{ key: 'lr', type: 'double', text: '0.5', number: 0.5 }] as const;
    const { run, jobs } = await createRun(bench.ctx, aRequest({ spec, params }));
    reconciler.wake(run.key);
    await vi.waitFor(async () => {
      expect((await getRun(bench.ctx, { id: run.id })).run.status).toBe('succeeded');
    }, patience);
    const told = JSON.parse(await printed(run));
    expect(told).toMatchObject({
      run: { id: run.id },
      job: { id: jobs[0]?.id },
      spec: { revision: 1, roles: spec.roles },
      project: { number: 0, slug: 'default' },
      workspace: { name: 'root' },
      params,
      token: await issueRunToken(bench.ports, key, run),
      outputs: join(bench.folder, 'artifacts', run.id),
      cluster: { addresses: { worker: [expect.any(String)] }, task: { role: 'worker', index: 0 } },
    });
  });
});

describe('a run that was made as a copy', () => {
  const script = 'ls "$OUTPUTS"; echo made > "$OUTPUTS/made"; rm -f "$OUTPUTS/model"; exit 1';
  const spec = aSpec({
    roles: [aRole({ command: { kind: 'shell', script } })],
    termination: { completion: { kind: 'all' }, maxRetries: 1 },
  });
  const model = artifactPath('model');

  async function aCopy(): Promise<{ origin: Run; copy: Run }> {
    const { run: origin } = await createTrackedRun(bench.ctx, aTrackedRequest({ spec }));
    await writeArtifact(bench.ctx, { id: origin.id }, model, bytesOf('weights'));
    const clone = { kind: 'copy', name: null, tags: [] } as const;
    return { origin, copy: (await cloneRun(bench.ctx, { id: origin.id }, clone)).run };
  }

  async function untilEnded(run: Run): Promise<Run> {
    reconciler.wake(run.key);
    return vi.waitFor(async () => {
      const { run: now } = await getRun(bench.ctx, { id: run.id });
      expect(isTerminal(now.status)).toBe(true);
      return now;
    }, patience);
  }

  it('begins with what the other had put out, once: another attempt goes on with its own', async () => {
    const { origin, copy } = await aCopy();
    expect(await untilEnded(copy)).toMatchObject({ status: 'failed', attempt: 2 });
    expect(await printed(copy)).toBe('modelmade');
    expect(await treeOf(bench.artifacts, runRoot(origin.id))).toEqual({ model: 'weights' });
  });

  it('is left what is there already', async () => {
    const { copy } = await aCopy();
    await writeArtifact(bench.ctx, { id: copy.id }, artifactPath('there'), bytesOf(''));
    await untilEnded(copy);
    expect(await printed(copy)).toBe('theremadethere');
  });

  it('of one that was deleted fails, and says why', async () => {
    const { origin, copy } = await aCopy();
    await deleteRun(bench.ctx, { id: origin.id });
    reconciler.wake(origin.key);
    expect(await untilEnded(copy)).toMatchObject({
      status: 'failed',
      statusReason: 'config_error',
      statusMessage: expect.stringContaining('the run whose outputs were to be copied was deleted'),
    });
    expect(await printed(copy)).toBe('');
  });

  it('of one that is deleted while it is copied fails, and has nothing of it', async () => {
    const { origin, copy } = await aCopy();
    beforeCopy = () => deleteRun(bench.ctx, { id: origin.id });
    expect(await untilEnded(copy)).toMatchObject({ status: 'failed', statusReason: 'config_error' });
    expect(await treeOf(bench.artifacts, runRoot(copy.id))).toEqual({});
  });

  it('and stopped while it is copied never starts', async () => {
    const { copy } = await aCopy();
    beforeCopy = () => stopRun(bench.ctx, { id: copy.id });
    expect(await untilEnded(copy)).toMatchObject({ status: 'stopped' });
    expect(await printed(copy)).toBe('');
  });

  it('and deleted while it is copied leaves nothing', async () => {
    const { copy } = await aCopy();
    beforeCopy = () => deleteRun(bench.ctx, { id: copy.id });
    reconciler.wake(copy.key);
    await vi.waitFor(async () => {
      expect(await bench.store.read.runs.findByKey(copy.key)).toBeNull();
    }, patience);
    expect(existsSync(join(bench.folder, 'artifacts', copy.id))).toBe(false);
  });
});

describe('a deleted run that only reported here', () => {
  it('is removed, with or without a spec', async () => {
    for (const spec of [null, aSpec({ roles: [] })]) {
      const { run } = await createTrackedRun(bench.ctx, aTrackedRequest({ spec }));
      reconciler.wake(run.key);
      await deleteRun(bench.ctx, { id: run.id });
      reconciler.wake(run.key);
      await vi.waitFor(async () => {
        expect(await bench.store.read.runs.findByKey(run.key)).toBeNull();
      }, patience);
    }
  });

  it('goes with its project, and the project with its last run', async () => {
    const fields = { name: 'P', description: null, isPublic: false, tags: [], extensions: {} };
    const { project } = await createProject(bench.ctx, fields);
    const projectNumber = project.number;
    await createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber }));
    await createRun(bench.ctx, aRequest({ projectNumber }));
    bench.woken.length = 0;
    await deleteProject(bench.ctx, { number: projectNumber });
    for (const runKey of bench.woken) reconciler.wake(runKey);
    await vi.waitFor(async () => {
      expect(await bench.store.read.projects.find(project.key)).toBeNull();
    }, patience);
    expect(await bench.store.read.runs.unfinished()).toEqual([]);
  });
});

describe('the models of a deleted project', () => {
  const file = artifactPath('MLmodel');

  async function aProjectWithModel() {
    const { project } = await createProject(bench.ctx, aProject());
    const { model } = await createLoggedModel(bench.ctx, { number: project.number }, aModel());
    await writeArtifact(bench.ctx, { model: model.id }, file, bytesOf('flavors'));
    return { project, folder: join(bench.folder, 'artifacts', modelRoot(model.id)) };
  }

  async function expectNothingOf({ project, folder }: Awaited<ReturnType<typeof aProjectWithModel>>) {
    await vi.waitFor(async () => {
      expect(await bench.store.read.projects.find(project.key)).toBeNull();
    }, patience);
    expect(existsSync(folder)).toBe(false);
  }

  it('are removed with their files, and with the last of them the project', async () => {
    const made = await aProjectWithModel();
    await deleteProject(bench.ctx, { number: made.project.number });
    for (const projectKey of bench.wokenProjects) reconciler.wakeProject(projectKey);
    await expectNothingOf(made);
  });

  it('are found by the next start', async () => {
    const made = await aProjectWithModel();
    await reconciler.stop();
    await deleteProject(bench.ctx, { number: made.project.number });
    await begin();
    await expectNothingOf(made);
  });
});
