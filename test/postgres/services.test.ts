import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { authenticate } from '../../src/services/accounts/authenticate.js';
import { issueRunToken } from '../../src/services/accounts/run-token.js';
import { purgeRun } from '../../src/services/lifecycle/purge.js';
import { readParams } from '../../src/services/params/read.js';
import { setParams } from '../../src/services/params/set.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { cloneRun } from '../../src/services/runs/clone.js';
import { createRun, createTrackedRun } from '../../src/services/runs/create.js';
import { reportStatus } from '../../src/services/runs/report-status.js';
import { codeOf } from '../support/code-of.js';
import { aRequest, aTrackedRequest, type Bench, createBench } from '../support/services.js';
import { createDatabase, dropDatabase } from './database.js';

// Transactions of SQLite run one after another; here they meet.
describe('verbs that meet on PostgreSQL', () => {
  let url = '';
  let bench: Bench;

  beforeEach(async () => {
    url = await createDatabase(inject('postgresUrl'));
    bench = await createBench(url);
  });

  afterEach(async () => {
    await bench.close();
    await dropDatabase(inject('postgresUrl'), url);
  });

  const many = <T>(work: (index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 12 }, (_, index) => work(index)));

  it('purges of the last runs of a deleted project leave no project', async () => {
    const fields = { name: 'P', description: null, isPublic: false, tags: [], extensions: {} };
    const { project } = await createProject(bench.ctx, fields);
    const projectNumber = project.number;
    const views = await many(() => createTrackedRun(bench.ctx, aTrackedRequest({ projectNumber })));
    expect(new Set(views.map((view) => view.run.number)).size).toBe(12);
    await deleteProject(bench.ctx, { number: projectNumber });
    await Promise.all(views.map((view) => purgeRun(bench.ports, view.run.key)));
    expect(await bench.store.read.projects.find(project.key)).toBeNull();
  });

  it('a param that is written once has one of the texts that were sent at the same time', async () => {
    const { run } = await createTrackedRun(bench.ctx, aTrackedRequest());
    const ref = { id: run.id };
    const param = (text: string) => ({ key: 'lr', type: 'string' as const, text, number: null });
    const codes = await many((index) =>
      codeOf(setParams(bench.ctx, ref, { mode: 'once', params: [param(String(index))] })),
    );
    expect(codes.filter((code) => code === 'none')).toHaveLength(1);
    expect(codes.filter((code) => code === 'conflict')).toHaveLength(11);
    expect(await readParams(bench.ctx, ref)).toEqual([param(String(codes.indexOf('none')))]);
  });

  it('tokens of one attempt, made at the same time, are one', async () => {
    const { run } = await createRun(bench.ctx, aRequest());
    const key = new Uint8Array(32).fill(1);
    const tokens = await many(() => issueRunToken(bench.ports, key, run));
    expect(new Set(tokens).size).toBe(1);
    const settings = { required: true, defaultUser: 'root', tokenHash: null };
    expect((await authenticate(bench.ports, settings, tokens[0] ?? null)).runKey).toBe(run.key);
  });

  it('clones and reports of one run all arrive', async () => {
    const { run } = await createRun(bench.ctx, aRequest());
    const said = { status: 'running', at: null, message: null, traceback: null, details: null } as const;
    await many(async (index) =>
      index % 2 === 0
        ? cloneRun(bench.ctx, { id: run.id }, { kind: 'resume', name: null, tags: [] })
        : reportStatus(bench.ctx, { id: run.id }, said),
    );
    const ofRun = { runKey: run.key, jobKey: null };
    expect(await bench.store.read.statuses.count({ ...ofRun, statuses: ['running'] })).toBe(6);
    const page = await bench.store.read.runs.page({ workspaceKey: bench.ctx.workspace.key, limit: 100 });
    expect(page.filter((each) => each.originKey === run.key)).toHaveLength(6);
  });
});
