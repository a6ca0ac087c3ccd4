import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observation, RunPlan } from '../../../src/core/ports/runner.js';
import { attemptName, jobName } from '../../../src/runner/kubernetes/names.js';
import {
  createRecordStore,
  isOvertaken,
  objectOf,
  type RecordStore,
  type RunRecord,
  recordPlan,
  withJob,
} from '../../../src/runner/kubernetes/records.js';
import type { TrainingKind } from '../../../src/runner/kubernetes/workloads.js';
import { exec, planOf } from '../../conformance/runner/plans.js';
import { aRole } from '../../support/builders.js';

const workers = (replicas: number) => aRole({ name: 'Worker', replicas, command: exec('true') });
const ps = aRole({ name: 'Ps', kind: 'ps', command: exec('true') });

function record(
  plan: RunPlan,
  before: RunRecord | null = null,
  { kind = null, namespace = 'ns' }: { kind?: TrainingKind | null; namespace?: string } = {},
): RunRecord {
  return recordPlan(before, plan, { namespace, now: 7, kind });
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
    expect(first.objects.map(({ kind, name, uid }) => [kind, name, uid])).toEqual([
      ['Job', jobName(plan.runId, 1, 'Ps', null), null],
      ['Job', jobName(plan.runId, 1, 'Worker', null), null],
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

  it('has one object for all roles, if the training operator has such, and Jobs for what a revision adds', () => {
    const before = planOf({ roles: [ps, workers(2)] });
    const first = record(before, null, { kind: 'TFJob' });
    expect(placesOf(first)).toEqual([
      ['Ps', 0, '1', 0],
      ['Worker', 0, '1', 0],
      ['Worker', 1, '1', 1],
    ]);
    const object = {
      namespace: 'ns',
      kind: 'TFJob',
      name: attemptName(before.runId, 1),
      attempt: 1,
      uid: null,
    };
    expect(first.objects).toEqual([object]);
    expect(record(before, first, { kind: 'TFJob' })).toEqual(first);
    const more = planOf({ runId: before.runId, revision: 2, roles: [ps, workers(3)], keep: before.jobs });
    const grown = record(more, first, { kind: 'TFJob' });
    expect(placesOf(grown).at(-1)).toEqual(['Worker', 2, '1-worker-2', 0]);
    expect(grown.objects.map(({ kind }) => kind)).toEqual(['TFJob', 'Job']);
    const again = planOf({ runId: before.runId, attempt: 2, revision: 2, roles: [ps, workers(1)] });
    expect(record(again, grown, { kind: 'TFJob' }).objects.at(-1)).toEqual({
      ...object,
      name: attemptName(before.runId, 2),
      attempt: 2,
    });
  });

  it('goes on with Jobs where an attempt has begun so, whatever the cluster serves since', () => {
    const before = planOf({ roles: [ps, workers(1)] });
    const more = planOf({ runId: before.runId, revision: 2, roles: [ps, workers(2)], keep: before.jobs });
    expect(record(more, record(before), { kind: 'TFJob' }).objects.map(({ kind }) => kind)).toEqual([
      'Job',
      'Job',
      'Job',
    ]);
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
    const grown = record(more, first, { namespace: 'other' });
    expect(grown.objects.map(({ namespace }) => namespace)).toEqual(['ns', 'ns']);
    const again = record(planOf({ runId: before.runId, attempt: 2, roles: [workers(1)] }), grown, {
      namespace: 'other',
    });
    expect(again.namespace).toBe('other');
    expect(again.jobs.map((job) => objectOf(again, job).namespace)).toEqual(['ns', 'ns', 'other']);
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
});
