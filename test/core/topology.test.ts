import { describe, expect, it } from 'vitest';
import type { Framework, RoleKind, SpecInput } from '../../src/core/spec.js';
import { clusterOf, topologyEnvironment } from '../../src/core/topology.js';

function spec(framework: Framework | null, roles: readonly [string, RoleKind, number][]): SpecInput {
  return {
    source: { dialect: 'submarine', mediaType: 'application/json', text: '' },
    framework,
    namespace: null,
    roles: roles.map(([name, kind, replicas]) => ({
      name,
      kind,
      replicas,
      image: null,
      command: null,
      setup: null,
      env: [],
      resources: { requests: {}, limits: {} },
      placement: null,
    })),
    code: null,
    termination: { completion: { kind: 'all' }, maxRetries: 0 },
  };
}

/** Every replica on a host of its own, so that each address shows whose it is. */
const address = (role: string, index: number) => ({ host: `${role}-${index}`, port: 9000 + index });

function variables(input: SpecInput, role: string, index: number) {
  return topologyEnvironment(input, address)(role, index);
}

describe('TensorFlow', () => {
  const distributed = spec('tensorflow', [
    ['Ps', 'ps', 1],
    ['Worker', 'worker', 2],
    ['Evaluator', 'evaluator', 0],
  ]);

  it('tells every replica the whole cluster and its own place', () => {
    expect(JSON.parse(variables(distributed, 'Worker', 1).TF_CONFIG ?? '')).toEqual({
      cluster: { ps: ['Ps-0:9000'], worker: ['Worker-0:9000', 'Worker-1:9001'] },
      task: { type: 'worker', index: 1 },
      environment: 'cloud',
    });
    expect(JSON.parse(variables(distributed, 'ps', 0).TF_CONFIG ?? '').task).toEqual({
      type: 'ps',
      index: 0,
    });
  });

  it('tells a single replica nothing', () => {
    expect(variables(spec('tensorflow', [['Worker', 'worker', 1]]), 'Worker', 0)).toEqual({});
  });
});

describe('PyTorch', () => {
  const distributed = spec('pytorch', [
    ['Worker', 'worker', 2],
    ['Master', 'master', 1],
  ]);
  const shared = { MASTER_ADDR: 'Master-0', MASTER_PORT: '9000', WORLD_SIZE: '3', PYTHONUNBUFFERED: '0' };

  it.each([
    { role: 'Master', index: 0, rank: '0' },
    { role: 'Worker', index: 0, rank: '1' },
    { role: 'worker', index: 1, rank: '2' },
  ])('gives $role $index rank $rank', ({ role, index, rank }) => {
    expect(variables(distributed, role, index)).toEqual({ ...shared, RANK: rank });
  });

  it('without a master only keeps Python from holding output back', () => {
    expect(variables(spec('pytorch', [['Worker', 'worker', 2]]), 'Worker', 1)).toEqual({
      PYTHONUNBUFFERED: '0',
    });
  });
});

describe('XGBoost', () => {
  it('counts workers on from the masters and names them', () => {
    const distributed = spec('xgboost', [
      ['Master', 'master', 2],
      ['Worker', 'worker', 2],
    ]);
    expect(variables(distributed, 'Worker', 1)).toEqual({
      MASTER_ADDR: 'Master-0',
      MASTER_PORT: '9000',
      WORLD_SIZE: '4',
      RANK: '3',
      PYTHONUNBUFFERED: '0',
      WORKER_PORT: '9000',
      WORKER_ADDRS: 'Worker-0,Worker-1',
    });
  });

  it('names no workers where there are none', () => {
    expect(variables(spec('xgboost', [['Master', 'master', 1]]), 'Master', 0)).toEqual({
      MASTER_ADDR: 'Master-0',
      MASTER_PORT: '9000',
      WORLD_SIZE: '1',
      RANK: '0',
      PYTHONUNBUFFERED: '0',
    });
  });
});

describe('MXNet', () => {
  const distributed = spec('mxnet', [
    ['Master', 'master', 1],
    ['Worker', 'worker', 3],
    ['Ps', 'ps', 2],
  ]);

  it.each([
    { role: 'master', as: 'scheduler' },
    { role: 'Worker', as: 'worker' },
    { role: 'ps', as: 'server' },
  ])('tells $role that it is a $as, and where the scheduler is', ({ role, as }) => {
    expect(variables(distributed, role, 0)).toEqual({
      DMLC_ROLE: as,
      DMLC_PS_ROOT_URI: 'Master-0',
      DMLC_PS_ROOT_PORT: '9000',
      DMLC_NUM_SERVER: '2',
      DMLC_NUM_WORKER: '3',
    });
  });

  it('leaves a single replica alone', () => {
    expect(variables(spec('mxnet', [['Master', 'master', 1]]), 'Master', 0)).toEqual({});
  });
});

describe('a cluster', () => {
  it('names every replica by its role in lower case, and the one that asks, whatever the framework', () => {
    const roles = spec(null, [
      ['Master', 'master', 1],
      ['Worker', 'worker', 2],
      ['Ps', 'ps', 0],
    ]);
    expect(clusterOf(roles, address, 'Worker', 1)).toEqual({
      addresses: { master: ['Master-0:9000'], worker: ['Worker-0:9000', 'Worker-1:9001'] },
      task: { role: 'worker', index: 1 },
    });
  });
});

it.each([null, 'mpi', 'mxnet', 'horovod'] as const)('adds nothing for %s', (framework) => {
  expect(variables(spec(framework, [['Worker', 'worker', 2]]), 'Worker', 0)).toEqual({});
});
