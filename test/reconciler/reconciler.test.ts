import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Run } from '../../src/core/model.js';
import { createReconciler, type Reconciler } from '../../src/reconciler/index.js';
import { createLocalRunner } from '../../src/runner/local/local-runner.js';
import { authenticate } from '../../src/services/accounts/authenticate.js';
import { issueRunToken } from '../../src/services/accounts/run-token.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { createRun, createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { getRun } from '../../src/services/runs/get.js';
import { optionsFor } from '../runner/local/harness.js';
import { aRole, aSpec } from '../support/builders.js';
import { codeOf } from '../support/code-of.js';
import { aRequest, aTrackedRequest, type Bench, createBench } from '../support/services.js';

const key = new Uint8Array(32).fill(3);
const silent = { info() {}, warn() {} };
const patience = { timeout: 20_000, interval: 20 };

let bench: Bench;
let folder: string;
let reconciler: Reconciler;

beforeEach(async () => {
  bench = await createBench();
  folder = mkdtempSync(join(tmpdir(), 'franca-reconciler-'));
  reconciler = createReconciler({
    ports: bench.ports,
    runner: createLocalRunner(optionsFor(folder, { logs: bench.logs, artifacts: bench.artifacts })),
    runToken: (run) => issueRunToken(bench.ports, key, run),
    jobEnvironment: (told) => ({ TOKEN: told.token, TOLD: JSON.stringify(told) }),
    graceSeconds: 1,
    resyncSeconds: 3600,
    logger: silent,
  });
  await reconciler.start();
});

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
