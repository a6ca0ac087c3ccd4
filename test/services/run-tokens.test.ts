import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../src/core/model.js';
import { type AuthenticationSettings, authenticate } from '../../src/services/accounts/authenticate.js';
import { issueRunToken, runTokenPrefix } from '../../src/services/accounts/run-token.js';
import { setRunBookmark } from '../../src/services/bookmarks/set.js';
import type { Context } from '../../src/services/context.js';
import { retryRun } from '../../src/services/lifecycle/begin-attempt.js';
import { finishRun } from '../../src/services/lifecycle/finish.js';
import { purgeRun } from '../../src/services/lifecycle/purge.js';
import { logMetrics } from '../../src/services/metrics/log.js';
import { createProject } from '../../src/services/projects/create.js';
import { deleteProject } from '../../src/services/projects/delete.js';
import { getProject } from '../../src/services/projects/get.js';
import { listProjects } from '../../src/services/projects/list.js';
import { updateProject } from '../../src/services/projects/update.js';
import { cloneRun } from '../../src/services/runs/clone.js';
import { createRun, createTrackedRun } from '../../src/services/runs/create.js';
import { deleteRun } from '../../src/services/runs/delete.js';
import { getRun } from '../../src/services/runs/get.js';
import { heartbeat } from '../../src/services/runs/heartbeat.js';
import { listRuns } from '../../src/services/runs/list.js';
import { reportStatus } from '../../src/services/runs/report-status.js';
import { updateRun } from '../../src/services/runs/update.js';
import { aSpec } from '../support/builders.js';
import { codeOf } from '../support/code-of.js';
import { aRequest, aTrackedRequest, type Bench, createBench } from '../support/services.js';

const key = new Uint8Array(32).fill(7);
const open: AuthenticationSettings = { required: false, defaultUser: 'root', tokenHash: null };
const closed = { ...open, required: true };

let bench: Bench;
let writer: Context;
let run: Run;

beforeEach(async () => {
  bench = await createBench();
  writer = await bench.as('ada', 'writer');
  ({ run } = await createRun(writer, aRequest()));
});

afterEach(() => bench.close());

const reload = async (): Promise<Run> => (await bench.store.read.runs.findByKey(run.key)) ?? run;

describe('the token of a run', () => {
  it('is the same however often it is made, and acts as the run’s creator in its run alone', async () => {
    const token = await issueRunToken(bench.ports, key, run);
    expect(await issueRunToken(bench.ports, key, await reload())).toBe(token);
    expect(token).toMatch(/^franca_run_[-\w]{43}$/);
    for (const settings of [open, closed]) {
      expect(await authenticate(bench.ports, settings, token)).toEqual({
        user: writer.actor.user,
        runKey: run.key,
      });
    }
  });

  it('differs by run, by attempt and by key', async () => {
    const other = (await createRun(writer, aRequest())).run;
    const made = [
      await issueRunToken(bench.ports, key, run),
      await issueRunToken(bench.ports, key, other),
      await issueRunToken(bench.ports, new Uint8Array(32).fill(8), run),
      await issueRunToken(bench.ports, key, { ...run, attempt: 2 }),
    ];
    expect(new Set(made).size).toBe(4);
  });

  it('ends when the next attempt gets its own', async () => {
    const first = await issueRunToken(bench.ports, key, run);
    await retryRun(bench.ports, run.key, 1, aSpec(), { reason: 'retry', message: 'again' });
    expect(await codeOf(authenticate(bench.ports, closed, first))).toBe('none');
    const second = await issueRunToken(bench.ports, key, await reload());
    for (const settings of [open, closed]) {
      expect(await codeOf(authenticate(bench.ports, settings, first))).toBe('unauthenticated');
      expect(await codeOf(authenticate(bench.ports, settings, second))).toBe('none');
    }
  });

  it.each([
    {
      end: 'the end of the run',
      bring: () =>
        finishRun(bench.ports, run.key, 1, { status: 'succeeded', reason: null, message: null, at: null }),
    },
    { end: 'its deletion', bring: () => deleteRun(bench.ctx, { key: run.key }) },
    {
      end: 'its purge',
      bring: async () => {
        await deleteRun(bench.ctx, { key: run.key });
        await purgeRun(bench.ports, run.key);
      },
    },
  ])('ends with $end, and is then nobody’s, even where none is needed', async ({ bring }) => {
    const token = await issueRunToken(bench.ports, key, run);
    await bring();
    for (const settings of [open, closed]) {
      expect(await codeOf(authenticate(bench.ports, settings, token))).toBe('unauthenticated');
    }
  });

  it('cannot be guessed from its form', async () => {
    expect(await codeOf(authenticate(bench.ports, open, `${runTokenPrefix}x`))).toBe('unauthenticated');
  });

  it('is not made for a run that nobody here has created', async () => {
    const foreign = { ...run, createdBy: { key: null, name: 'somebody' } };
    expect(await codeOf(issueRunToken(bench.ports, key, foreign))).toBe('conflict');
  });
});

describe('with the token of a run', () => {
  let inside: Context;
  let sibling: Run;
  let child: Run;
  let foreign: Run;

  beforeEach(async () => {
    inside = { ...writer, actor: { ...writer.actor, runKey: run.key } };
    sibling = (await createRun(writer, aRequest())).run;
    child = (await createTrackedRun(writer, aTrackedRequest({ parentRef: run.id }))).run;
    const { project } = await createProject(writer, {
      name: 'Other',
      description: null,
      isPublic: true,
      tags: [],
      extensions: {},
    });
    foreign = (await createRun(writer, aRequest({ projectNumber: project.number }))).run;
  });

  it.each([
    { whose: 'its own run', of: () => run, read: 'none', write: 'none' },
    { whose: 'a child', of: () => child, read: 'none', write: 'none' },
    { whose: 'another run of the project', of: () => sibling, read: 'none', write: 'forbidden' },
    {
      whose: 'a run of another project, though it is public',
      of: () => foreign,
      read: 'forbidden',
      write: 'forbidden',
    },
  ] as const)('$whose: read $read, write $write', async ({ of, read, write }) => {
    const ref = { id: of().id };
    expect(await codeOf(getRun(inside, ref))).toBe(read);
    expect(await codeOf(updateRun(inside, ref, { description: 'd' }))).toBe(write);
    expect(await codeOf(logMetrics(inside, ref, []))).toBe(write);
    expect(await codeOf(heartbeat(inside, ref))).toBe(write);
    const said = { at: null, message: null, traceback: null, details: null };
    expect(await codeOf(reportStatus(inside, ref, { status: 'running', ...said }))).toBe(write);
    expect(await codeOf(deleteRun(inside, ref))).toBe('forbidden');
    expect(await codeOf(setRunBookmark(inside, ref, true))).toBe('forbidden');
  });

  it('new runs are children of its run, in its project', async () => {
    const made = [
      await createRun(inside, aRequest()),
      await createTrackedRun(inside, aTrackedRequest()),
      await createTrackedRun(inside, aTrackedRequest({ parentRef: run.id.replaceAll('-', '') })),
      await cloneRun(inside, { id: sibling.id }, { kind: 'restart', name: null, tags: [] }),
    ];
    expect(made.map((view) => view.run.parentKey)).toEqual([run.key, run.key, run.key, run.key]);
    for (const parentRef of [sibling.id, 'nobody', child.id]) {
      expect(await codeOf(createTrackedRun(inside, aTrackedRequest({ parentRef })))).toBe('forbidden');
    }
    expect(await codeOf(createRun(inside, aRequest({ projectNumber: 1 })))).toBe('forbidden');
  });

  it('the project is seen and not changed, others are not seen', async () => {
    expect((await getProject(inside, { number: 0 })).project.number).toBe(0);
    expect(await codeOf(getProject(inside, { number: 1 }))).toBe('forbidden');
    expect(await codeOf(getProject(inside, { number: 9 }))).toBe('not_found');
    expect(await codeOf(updateProject(inside, { number: 0 }, { name: 'x' }))).toBe('forbidden');
    expect(await codeOf(deleteProject(inside, { number: 0 }))).toBe('forbidden');
    const listed = await listProjects(inside, { offset: 0, limit: 10 });
    expect(listed.views.map((view) => view.project.number)).toEqual([0]);
    const keys = [];
    for await (const page of await listRuns(inside, {})) keys.push(...page.map((view) => view.run.key));
    expect(keys).toEqual([run.key, sibling.key, child.key]);
  });

  it('an end that it reports is kept, and does not end its run', async () => {
    const said = { status: 'succeeded', at: null, message: 'done', traceback: null, details: null } as const;
    const { run: after, event } = await reportStatus(inside, { id: run.id }, said);
    expect(event).toMatchObject({ status: 'succeeded', effective: false, origin: 'client', message: 'done' });
    expect(after).toMatchObject({ status: 'created', finishedAt: null });
  });
});
