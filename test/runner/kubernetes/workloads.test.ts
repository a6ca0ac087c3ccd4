import { describe, expect, it } from 'vitest';
import type { Framework } from '../../../src/core/spec.js';
import { trainingKindOf } from '../../../src/runner/kubernetes/training-kind.js';
import { hasIndex, isPodOf, rulesOf, type WorkloadObject } from '../../../src/runner/kubernetes/workloads.js';
import { aRole, aSpec } from '../../support/builders.js';

describe('the kind of the training operator that a run is', () => {
  const kindOf = (framework: Framework | null, replicas: Readonly<Record<string, number>>) =>
    trainingKindOf(
      aSpec({
        revision: 1,
        framework,
        roles: Object.entries(replicas).map(([name, count]) => aRole({ name, replicas: count })),
      }),
    );

  it.each<[Framework | null, Readonly<Record<string, number>>, string | null]>([
    ['tensorflow', { Ps: 1, Worker: 2 }, 'TFJob'],
    ['tensorflow', { master: 1, worker: 2, ps: 3 }, 'TFJob'],
    ['tensorflow', { Chief: 1, Evaluator: 1 }, 'TFJob'],
    ['pytorch', { Master: 1, Worker: 2 }, 'PyTorchJob'],
    ['xgboost', { Master: 1, Worker: 1 }, 'XGBoostJob'],
    // One role is what a Job is for.
    ['tensorflow', { Worker: 5 }, null],
    ['tensorflow', { Worker: 5, Ps: 0 }, null],
    // The operator would never take it for ended.
    ['tensorflow', { Ps: 1, Evaluator: 1 }, null],
    // The operator's own rules: one leader.
    ['tensorflow', { Chief: 1, Master: 1, Worker: 1 }, null],
    ['pytorch', { Master: 2, Worker: 2 }, null],
    ['pytorch', { Worker: 1, Helper: 1 }, null],
    ['mpi', { master: 1, worker: 2 }, null],
    ['mxnet', { master: 1, worker: 2 }, null],
    [null, { Master: 1, Worker: 2 }, null],
  ])('%s, %j: %s', (framework, replicas, kind) => {
    expect(kindOf(framework, replicas)).toBe(kind);
  });
});

const at = (second: number) => `2026-11-26T12:00:${String(second).padStart(2, '0')}Z`;
const micros = (second: number) => Date.parse(at(second)) * 1000;

describe('what an object of the training operator says', () => {
  const stateOf = (object: WorkloadObject) => rulesOf('TFJob').stateOf(object);
  const condition = (type: string, message = '') => ({
    type,
    status: 'True',
    message,
    lastTransitionTime: at(9),
  });

  it('while it lives: it makes anew what goes, and is due by its own deadline', () => {
    const metadata = { creationTimestamp: at(1) };
    expect(stateOf({ metadata })).toMatchObject({
      isGoing: false,
      isSuspended: false,
      mayBeOver: false,
      remakes: true,
      dueAt: null,
      overAt: null,
    });
    const spec = { runPolicy: { activeDeadlineSeconds: 20 } };
    expect(stateOf({ metadata, spec }).dueAt).toBe(micros(21));
    expect(stateOf({ metadata, spec, status: { startTime: at(5) } }).dueAt).toBe(micros(25));
    const suspended = { conditions: [condition('Suspended')] };
    expect(stateOf({ metadata, spec, status: suspended })).toMatchObject({ isSuspended: true, dueAt: null });
  });

  it.each([
    ['Succeeded', { completionTime: at(8) }, micros(8)],
    ['Failed', {}, micros(9)],
  ])('once it has %s: since when, and that it makes no more', (type, status, overAt) => {
    expect(stateOf({ status: { ...status, conditions: [condition(type)] } })).toMatchObject({
      mayBeOver: true,
      remakes: false,
      isOverdue: false,
      overAt,
    });
  });

  it('once it is removed, and once its deadline has ended it', () => {
    expect(stateOf({ metadata: { deletionTimestamp: at(3) } })).toMatchObject({
      isGoing: true,
      mayBeOver: true,
      remakes: false,
    });
    const message = 'Job x has failed because it was active longer than specified deadline';
    expect(stateOf({ status: { conditions: [condition('Failed', message)] } }).isOverdue).toBe(true);
  });
});

describe('a pod is known by what its controller writes on it', () => {
  const place = { object: 'r-x-1', role: 'Worker', place: 1 };
  const labels = { 'franca/role': 'worker' };
  it.each([
    ['a Job’s', 'batch.kubernetes.io/job-name', {}, { 'batch.kubernetes.io/job-completion-index': '1' }],
    ['a TFJob’s', 'training.kubeflow.org/job-name', { 'training.kubeflow.org/replica-index': '1' }, {}],
  ])('%s', (_, name, more, annotations) => {
    const metadata = { labels: { ...labels, ...more, [name]: 'r-x-1' }, annotations };
    expect(isPodOf({ metadata }, place)).toBe(true);
    expect(isPodOf({ metadata }, { ...place, place: 0 })).toBe(false);
    expect(isPodOf({ metadata }, { ...place, role: 'Ps' })).toBe(false);
    expect(isPodOf({ metadata }, { ...place, object: 'r-x-2' })).toBe(false);
  });
});

it.each([
  ['', 0, false],
  ['0', 0, true],
  ['1', 0, false],
  ['0,2-5,9', 4, true],
  ['0,2-5,9', 1, false],
  ['0,2-5,9', 9, true],
])('the cluster’s %j holds %d: %s', (ranges, index, expected) => {
  expect(hasIndex(ranges, index)).toBe(expected);
});
