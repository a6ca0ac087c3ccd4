import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observation, RunPlan } from '../../../src/core/ports/runner.js';
import { jobName } from '../../../src/runner/kubernetes/names.js';
import {
  createRecordStore,
  isOvertaken,
  namespaceOfJob,
  type RecordStore,
  type RunRecord,
  recordPlan,
  withJob,
} from '../../../src/runner/kubernetes/records.js';
import { hasIndex } from '../../../src/runner/kubernetes/run-keeper.js';
import { exec, planOf } from '../../conformance/runner/plans.js';
import { aRole } from '../../support/builders.js';

const workers = (replicas: number) => aRole({ name: 'Worker', replicas, command: exec('true') });
const ps = aRole({ name: 'Ps', kind: 'ps', command: exec('true') });

function record(plan: RunPlan, before: RunRecord | null = null, namespace = 'ns'): RunRecord {
  return recordPlan(before, plan, { namespace, now: 7 });
}

function placesOf({ jobs }: RunRecord): [string, number, string, number][] {
  return jobs.map(({ role, index, object, place }) => [
    role,
    index,
    object.replace(/^r-[a-z2-7]{26}-/, ''),
    place,
  ]);
}

const end = { status: 'succeeded' } as Observation;

describe('what is recorded of a run', () => {
  it('has a Job for each role', () => {
    const plan = planOf({ roles: [ps, workers(2)] });
    const first = record(plan);
    expect(placesOf(first)).toEqual([
      ['Ps', 0, '1-ps', 0],
      ['Worker', 0, '1-worker', 0],
      ['Worker', 1, '1-worker', 1],
    ]);
    expect(first.objects.map(({ name, uid }) => [name, uid])).toEqual([
      [jobName(plan.runId, 1, 'Ps', null), null],
      [jobName(plan.runId, 1, 'Worker', null), null],
    ]);
    expect(record(plan, first)).toEqual(first);
  });

  it('has another Job for replicas that a revision adds, and ends those that it takes away', () => {
    const before = planOf({ roles: [workers(2)] });
    const more = planOf({ runId: before.runId, revision: 2, roles: [workers(4)], keep: before.jobs });
    const grown = record(more, record(before));
    expect(placesOf(grown)).toEqual([
      ['Worker', 0, '1-worker', 0],
      ['Worker', 1, '1-worker', 1],
      ['Worker', 2, '1-worker-2', 0],
      ['Worker', 3, '1-worker-2', 1],
    ]);
    const fewer = planOf({ runId: before.runId, revision: 3, roles: [workers(1)], keep: before.jobs });
    const shrunk = record(fewer, grown);
    expect(shrunk.jobs.map(({ stop }) => stop)).toEqual([null, 'respecified', 'respecified', 'respecified']);
    expect(shrunk.revision).toBe(3);
  });

  it('ends what is left of the attempt before, and leaves alone what has ended', () => {
    const before = planOf({ roles: [workers(2)] });
    const [first] = before.jobs;
    if (first === undefined) throw new Error('no job');
    const half = withJob(record(before), first.id, { end });
    const after = planOf({ runId: before.runId, attempt: 2, revision: 2, roles: [workers(1)] });
    const next = record(after, half);
    expect(next.jobs.map(({ stop, attempt }) => [stop, attempt])).toEqual([
      [null, 1],
      ['respecified', 1],
      [null, 2],
    ]);
    expect(placesOf(next).at(-1)).toEqual(['Worker', 0, '2-worker', 0]);
  });

  it('has a namespace by attempt: what is there stays where it was made', () => {
    const before = planOf({ roles: [workers(1)] });
    const first = record(before);
    const more = planOf({ runId: before.runId, revision: 2, roles: [workers(2)], keep: before.jobs });
    const grown = record(more, first, 'other');
    expect(grown.objects.map(({ namespace }) => namespace)).toEqual(['ns', 'ns']);
    const again = record(planOf({ runId: before.runId, attempt: 2, roles: [workers(1)] }), grown, 'other');
    expect(again.namespace).toBe('other');
    expect(again.jobs.map(({ object }) => namespaceOfJob(again, object))).toEqual(['ns', 'ns', 'other']);
  });

  it('knows what it was overtaken by', () => {
    const plan = planOf({ attempt: 2, revision: 5, roles: [ps] });
    const now = record(plan);
    expect(isOvertaken(plan, now)).toBe(false);
    expect(isOvertaken({ ...plan, attempt: 1 }, now)).toBe(true);
    expect(isOvertaken({ ...plan, spec: { ...plan.spec, revision: 4 } }, now)).toBe(true);
    expect(isOvertaken({ ...plan, attempt: 3, spec: { ...plan.spec, revision: 1 } }, now)).toBe(false);
  });
});

describe('records on disk', () => {
  let folder: string;
  let store: RecordStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'franca-records-'));
    store = createRecordStore(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are active until all jobs have ended, and are read after that too', async () => {
    const plan = planOf({ roles: [ps] });
    const [job] = plan.jobs;
    if (job === undefined) throw new Error('no job');
    const living = record(plan);
    await store.write(living);
    expect(await createRecordStore(folder).listActive()).toEqual([plan.runId]);
    const ended = withJob(living, job.id, { end });
    await store.write(ended);
    expect(await store.listActive()).toEqual([]);
    expect(await createRecordStore(folder).read(plan.runId)).toEqual(ended);
    await store.remove(plan.runId);
    await store.remove(plan.runId);
    expect(await store.read(plan.runId)).toBeNull();
  });

  it('of earlier versions, which said of the run alone where it is, are read', async () => {
    const living = record(planOf({ roles: [ps] }));
    const objects = living.objects.map(({ name, role, attempt, uid }) => ({ name, role, attempt, uid }));
    await store.write({ ...living, objects } as unknown as RunRecord);
    expect(await store.read(living.runId)).toEqual(living);
  });
});

it.each([
  ['', 0, false],
  [undefined, 0, false],
  ['0', 0, true],
  ['1', 0, false],
  ['0,2-5,9', 4, true],
  ['0,2-5,9', 1, false],
  ['0,2-5,9', 9, true],
])('the cluster’s %j holds %d: %s', (ranges, index, expected) => {
  expect(hasIndex(ranges, index)).toBe(expected);
});
