import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.js';
import { classify } from '../../src/core/metrics.js';
import type { Param, Tag } from '../../src/core/params.js';
import { isTerminal, type Status, statuses } from '../../src/core/status.js';
import { logMetricBatches } from '../../src/services/metrics/log.js';
import { readMetricRows } from '../../src/services/metrics/rows.js';
import { readParams } from '../../src/services/params/read.js';
import type { ParamMode } from '../../src/services/params/replace.js';
import { setParams } from '../../src/services/params/set.js';
import { createProject } from '../../src/services/projects/create.js';
import { createRun, createTrackedRun } from '../../src/services/runs/create.js';
import { getRun } from '../../src/services/runs/get.js';
import { getJob } from '../../src/services/runs/get-job.js';
import { heartbeat } from '../../src/services/runs/heartbeat.js';
import { replaceSpec } from '../../src/services/runs/replace-spec.js';
import { type ClientReport, reportStatus } from '../../src/services/runs/report-status.js';
import { readStatuses, statusNumber } from '../../src/services/runs/statuses.js';
import { stopRun } from '../../src/services/runs/stop.js';
import { updateRun } from '../../src/services/runs/update.js';
import { setTags } from '../../src/services/tags/set.js';
import { aSpec } from '../support/builders.js';
import { codeOf } from '../support/code-of.js';
import { aRequest, aTrackedRequest, type Bench, createBench } from '../support/services.js';

let bench: Bench;

beforeEach(async () => {
  bench = await createBench();
});

afterEach(() => bench.close());

const saying = (status: Status, fields: Partial<ClientReport> = {}): ClientReport => ({
  status,
  at: null,
  message: null,
  traceback: null,
  details: null,
  ...fields,
});

const aParam = (key: string, text: string): Param => ({ key, type: 'string', text, number: null });

describe('a tracked run', () => {
  it('is stored with all that its client says, and nothing of it is started', async () => {
    const codeRef = { commit: 'c0ffee', head: 'h', branch: 'main', url: null, isDirty: true, diff: '+a' };
    const view = await createTrackedRun(
      bench.ctx,
      aTrackedRequest({
        spec: aSpec({ roles: [] }),
        params: [aParam('lr', '0.1')],
        tags: [{ key: 'a', value: null }],
        codeRef,
        extensions: { polyaxon: { backend: 'other' } },
      }),
    );
    expect(view.run).toMatchObject({
      managed: false,
      status: 'created',
      specRevision: 1,
      codeRef,
      number: 1,
    });
    expect(view.run.artifactRoot).toBe(view.run.id);
    expect(view.jobs).toEqual([]);
    expect(bench.woken).toEqual([]);
    expect(await bench.store.read.runs.unfinished()).toEqual([]);
    expect(await readParams(bench.ctx, { id: view.run.id })).toEqual([aParam('lr', '0.1')]);
    expect(await getRun(bench.ctx, { id: view.run.id })).toEqual(view);
    const started = await createTrackedRun(bench.ctx, aTrackedRequest({ status: 'running', at: 5 }));
    expect(started.run).toMatchObject({ status: 'running', startedAt: 5 });
    expect(started.events.map((event) => event.status)).toEqual(['created', 'running']);
  });

  it('is found again by its idempotency key, which a managed run does not share', async () => {
    const request = aTrackedRequest({ idempotencyKey: 'k' });
    const first = await createTrackedRun(bench.ctx, request);
    expect((await createTrackedRun(bench.ctx, request)).run.id).toBe(first.run.id);
    expect(await codeOf(createRun(bench.ctx, aRequest({ idempotencyKey: 'k' })))).toBe('conflict');
  });

  it('knows its parent, or keeps the id that names none', async () => {
    const parent = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    const ofParent = async (parentRef: string) => {
      const { run } = await createTrackedRun(bench.ctx, aTrackedRequest({ parentRef }));
      return [run.parentKey, run.parentRef];
    };
    expect(await ofParent(parent.id.replaceAll('-', '').toUpperCase())).toEqual([parent.key, null]);
    expect(await ofParent('no run at all')).toEqual([null, 'no run at all']);
    const gone = '01890000-0000-7000-8000-000000000001';
    expect(await ofParent(gone)).toEqual([null, gone]);
    const workspace = await bench.store.transaction((tx) =>
      tx.accounts.insertWorkspace({ name: 'elsewhere', createdAt: 1 }),
    );
    const elsewhere = { ...bench.ctx, workspace };
    const project = { name: 'P', description: null, isPublic: false, tags: [], extensions: {} };
    await createProject(elsewhere, project);
    const foreign = (await createTrackedRun(elsewhere, aTrackedRequest())).run;
    expect(await ofParent(foreign.id)).toEqual([null, foreign.id]);
  });

  it('cannot be given another spec, since nothing of it runs here', async () => {
    const { run } = await createTrackedRun(bench.ctx, aTrackedRequest());
    const change = { name: 'x', spec: aSpec(), retag: (tags: readonly Tag[]) => tags };
    expect(await codeOf(replaceSpec(bench.ctx, { id: run.id }, change))).toBe('conflict');
  });
});

describe('reported statuses', () => {
  const report = async (id: RunId, ...said: ClientReport[]) => {
    for (const each of said) await reportStatus(bench.ctx, { id }, each);
    return (await getRun(bench.ctx, { id })).run;
  };

  it('move the run, with their own times, and keep what the client says', async () => {
    const { id } = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    await report(id, saying('running', { at: 70 }));
    const failure = { at: 90, message: 'm', traceback: 't', details: { node: 'n1' } };
    const { event } = await reportStatus(bench.ctx, { id }, saying('failed', failure));
    expect(event).toMatchObject({ ...failure, status: 'failed', effective: true, origin: 'client' });
    expect((await getRun(bench.ctx, { id })).run).toMatchObject({
      status: 'failed',
      statusMessage: 'm',
      startedAt: 70,
      finishedAt: 90,
    });
  });

  it('after the end: another end replaces it, anything else opens the run again', async () => {
    const { id } = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    const ended = await report(id, saying('running'), saying('failed'), saying('succeeded', { at: 7 }));
    expect(ended).toMatchObject({ status: 'succeeded', attempt: 1, finishedAt: 7 });
    expect(await report(id, saying('running'))).toMatchObject({
      status: 'running',
      attempt: 2,
      finishedAt: null,
    });
  });

  it('that the dialect does not allow are kept and move nothing', async () => {
    const { id } = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    const isLegal = (current: Status) => !isTerminal(current);
    const after = await report(id, saying('succeeded', { isLegal }), saying('failed', { isLegal }));
    expect(after.status).toBe('succeeded');
    const { events } = await getRun(bench.ctx, { id });
    expect(events.map((event) => [event.status, event.effective])).toEqual([
      ['created', true],
      ['succeeded', true],
      ['failed', false],
    ]);
  });

  it('leave the run where its last effective event is, and never end a managed one', async () => {
    const said = fc.array(fc.constantFrom(...statuses), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(said, fc.boolean(), async (sequence, managed) => {
        const { run } = managed
          ? await createRun(bench.ctx, aRequest())
          : await createTrackedRun(bench.ctx, aTrackedRequest());
        const after = await report(run.id, ...sequence.map((status) => saying(status)));
        const { events } = await getRun(bench.ctx, { id: run.id });
        expect(events.map((event) => event.status)).toEqual(['created', ...sequence]);
        const shown = events.filter((event) => event.effective).at(-1);
        expect([after.status, after.attempt]).toEqual([shown?.status, shown?.attempt]);
        expect(after.finishedAt === null).toBe(!isTerminal(after.status));
        if (managed) expect([isTerminal(after.status), after.attempt]).toEqual([false, 1]);
        const last = sequence.at(-1);
        if (!managed && last !== undefined && isTerminal(last)) expect(after.status).toBe(last);
      }),
      { numRuns: 60 },
    );
  });

  it('are read in parts, numbered by what a dialect shows', async () => {
    const { id } = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    await report(id, saying('queued'), saying('running'), saying('warning'));
    const shown = ['created', 'running', 'warning'] as const;
    const page = await readStatuses(bench.ctx, { id }, { statuses: shown, offset: 1, limit: 1 });
    expect(page).toMatchObject({ total: 3, job: null, events: [{ status: 'running' }] });
    const [event] = page.events;
    if (event === undefined) throw new Error('the page has an event');
    expect(await statusNumber(bench.ctx, event, shown)).toBe(2);
    expect(await statusNumber(bench.ctx, event, statuses)).toBe(3);
  });
});

describe('a stop', () => {
  it('ends a tracked run at once, and its client may open it again', async () => {
    const { id } = (await createTrackedRun(bench.ctx, aTrackedRequest({ status: 'running' }))).run;
    expect((await stopRun(bench.ctx, { id })).run).toMatchObject({
      status: 'stopped',
      statusReason: 'user_stop',
    });
    const again = await stopRun(bench.ctx, { id });
    expect(again.events.map((event) => event.status)).toEqual(['created', 'running', 'stopped']);
    const { run } = await reportStatus(bench.ctx, { id }, saying('running'));
    expect(run).toMatchObject({ status: 'running', desiredState: 'running', attempt: 2 });
  });
});

describe('params', () => {
  const pairs = fc.array(
    fc.tuple(fc.constantFrom('a', 'b', 'c', 'ä'), fc.constantFrom('1', '2')).map(([k, t]) => aParam(k, t)),
    { maxLength: 4 },
  );
  const change = fc.record({ mode: fc.constantFrom<ParamMode>('replace', 'merge', 'once'), params: pairs });

  /** What the change makes of the params, or null where it is refused; without the code under test. */
  function expected(present: ReadonlyMap<string, string>, mode: ParamMode, added: readonly Param[]) {
    const after = new Map(present);
    if (mode === 'replace') {
      for (const key of present.keys()) if (!added.some((param) => param.key === key)) after.delete(key);
    }
    for (const { key, text } of added) {
      if (mode === 'once' && after.has(key) && after.get(key) !== text) return null;
      after.set(key, text);
    }
    return after;
  }

  it('are replaced, merged or written once, all or none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
        const { id } = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
        let model: ReadonlyMap<string, string> = new Map();
        for (const { mode, params } of changes) {
          const after = expected(model, mode, params);
          const code = await codeOf(setParams(bench.ctx, { id }, { mode, params }));
          expect(code).toBe(after === null ? 'conflict' : 'none');
          model = after ?? model;
          const stored = await readParams(bench.ctx, { id });
          expect(stored.map(({ key, text }) => [key, text])).toEqual([...model]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a change', () => {
  it('changes what it names as a whole, or nothing', async () => {
    const tags: Tag[] = [{ key: 'a', value: null }];
    const params = [aParam('lr', '0.1')];
    const before = (await createTrackedRun(bench.ctx, aTrackedRequest({ tags, params }))).run;
    const ref = { id: before.id };
    const refused = updateRun(bench.ctx, ref, {
      name: 'new',
      retag: () => [],
      params: { mode: 'once', params: [aParam('x', '1'), aParam('lr', '0.2')] },
    });
    expect(await codeOf(refused)).toBe('conflict');
    expect((await getRun(bench.ctx, ref)).run).toEqual(before);
    expect(await readParams(bench.ctx, ref)).toEqual(params);
    const after = await updateRun(bench.ctx, ref, {
      name: 'new',
      description: 'd',
      extend: (present) => ({ ...present, polyaxon: { ttl: 5 } }),
      retag: (present) => [...present, { key: 'b', value: 'c' }],
      params: { mode: 'merge', params: [aParam('lr', '0.2')] },
    });
    expect(after.run).toMatchObject({ name: 'new', description: 'd', extensions: { polyaxon: { ttl: 5 } } });
    expect(after.tags).toEqual([...tags, { key: 'b', value: 'c' }]);
    expect((await setTags(bench.ctx, ref, () => [])).tags).toEqual([]);
    await heartbeat(bench.ctx, ref);
    expect((await getRun(bench.ctx, ref)).run.heartbeatAt).not.toBeNull();
  });
});

describe('rows of metrics', () => {
  it('are one for each batch, and are read in parts, large ones too', async () => {
    const { id } = (await createTrackedRun(bench.ctx, aTrackedRequest())).run;
    const point = (key: string, value: number) => ({
      key,
      ...classify(value),
      step: null,
      timestampMs: 1n,
      timestampUs: 0,
    });
    const wide = Array.from({ length: 2500 }, (_, index) => point(`m${index}`, index));
    const { points: stored } = await logMetricBatches(bench.ctx, { id }, [
      [point('loss', 1), point('acc', 2)],
      [point('loss', 3)],
      wide,
    ]);
    await logMetricBatches(bench.ctx, { id }, [[point('loss', 4)]]);
    expect(stored.slice(0, 3).map((each) => each.row)).toEqual([1, 1, 2]);
    const rows = async (offset: number, limit?: number) => {
      const part = limit === undefined ? { offset } : { offset, limit };
      const page = await readMetricRows(bench.ctx, { id }, part);
      const found: unknown[] = [page.total];
      for await (const { row, points } of page.rows) found.push([row, points.length]);
      return found;
    };
    expect(await rows(0, 100)).toEqual([4, [1, 2], [2, 1], [3, 2500], [4, 1]]);
    expect(await rows(2)).toEqual([4, [3, 2500], [4, 1]]);
    expect(await rows(1, 2)).toEqual([4, [2, 1], [3, 2500]]);
    expect(await rows(3, 1)).toEqual([4, [4, 1]]);
    expect(await rows(4, 10)).toEqual([4]);
    expect(await rows(2, 0)).toEqual([4]);
  });
});

describe('jobs', () => {
  it('are found by their number, with their histories', async () => {
    const { run, jobs } = await createRun(bench.ctx, aRequest());
    const ref = { projectKey: run.projectKey, number: run.number };
    expect(await getJob(bench.ctx, ref, 2)).toEqual({ run, job: jobs[1] });
    expect(await codeOf(getJob(bench.ctx, ref, 3))).toBe('not_found');
    const history = await readStatuses(bench.ctx, ref, { jobNumber: 1, offset: 0, limit: 10 });
    expect(history).toEqual({ run, job: jobs[0], events: [], total: 0 });
  });
});
