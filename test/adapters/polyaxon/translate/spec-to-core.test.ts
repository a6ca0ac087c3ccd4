import { describe, expect, it } from 'vitest';
import { readFile } from '../../../../adapters/polyaxon/translate/polyaxonfile.js';
import { type BesideFile, paramsOf, toCore } from '../../../../adapters/polyaxon/translate/spec-to-core.js';
import type { Role, SpecInput } from '../../../../src/core/spec.js';

const none = { requests: {}, limits: {} };

function specOf(sections: object, beside: BesideFile = {}): SpecInput {
  const text = JSON.stringify({ version: 1, kind: 'experiment', run: { cmd: 'x' }, ...sections });
  const { spec } = toCore(readFile(text), beside);
  if (spec === null) throw new Error('nothing is to be started');
  return spec;
}

const counts = (spec: SpecInput) => spec.roles.map(({ name, replicas }) => `${name} ${replicas}`);

describe('a whole file', () => {
  const text = `---
version: 1
kind: experiment
name: mnist-1
description: a try
tags: [examples, mnist]
logging:
  level: INFO
params:
  lr: 0.00001
  layers: [64, 32]
  model: {act: relu}
  debug: true
framework: tensorflow
environment:
  max_restarts: 2
  node_selector: {polyaxon: experiments}
  resources:
    cpu: {requests: 0.5, limits: 2}
    memory: {requests: 512}
  replicas:
    n_workers: 2
    n_ps: 1
    default_worker:
      resources:
        gpu: {requests: 1, limits: 1}
    worker:
      - index: 1
        resources: {gpu: {requests: 2, limits: 2}}
build:
  image: tensorflow/tensorflow:1.4.1-py3
  build_steps:
    - pip install x
    - echo {{ model.act }}
  env_vars: [[A, 1], [B, '{{ lr }}'], [C, true]]
run:
  cmd:
    - python prepare.py --debug={{ debug }}
    - python model.py --lr={{ lr }} --layers="{{ layers }}"
`;
  const shared = {
    image: 'tensorflow/tensorflow:1.4.1-py3',
    command: {
      kind: 'shell',
      script: 'python prepare.py --debug=True && python model.py --lr=1e-05 --layers="[64, 32]"',
    },
    setup: 'pip install x\necho relu',
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '1e-05' },
      { name: 'C', value: 'True' },
    ],
  } as const;
  const gpu = { 'nvidia.com/gpu': '1' };
  const roles: readonly Role[] = [
    {
      ...shared,
      name: 'master',
      kind: 'master',
      replicas: 1,
      resources: { requests: { cpu: '0.5', memory: '512Mi' }, limits: { cpu: '2' } },
      placement: { nodeSelector: { polyaxon: 'experiments' }, tolerations: [], affinity: null },
    },
    {
      ...shared,
      name: 'worker',
      kind: 'worker',
      replicas: 2,
      resources: { requests: gpu, limits: gpu },
      placement: null,
    },
    { ...shared, name: 'ps', kind: 'ps', replicas: 1, resources: none, placement: null },
  ];

  it('is translated, with its text as it came', () => {
    const { spec, config, ...rest } = toCore(readFile(text));
    expect(spec).toEqual({
      source: { dialect: 'polyaxon', mediaType: 'application/yaml', text },
      framework: 'tensorflow',
      namespace: null,
      roles,
      code: null,
      termination: { completion: { kind: 'job', role: 'master', index: 0 }, maxRetries: 2 },
    });
    expect(rest).toEqual({
      params: [
        { key: 'lr', type: 'double', text: '0.00001', number: 0.00001 },
        { key: 'layers', type: 'json', text: '[64,32]', number: null },
        { key: 'model', type: 'json', text: '{"act":"relu"}', number: null },
        { key: 'debug', type: 'boolean', text: 'true', number: null },
      ],
      framework: 'tensorflow',
      backend: null,
      name: 'mnist-1',
      description: 'a try',
      tags: ['examples', 'mnist'],
    });
    expect(config).toMatchObject({
      version: 1,
      run: { cmd: ['python prepare.py --debug=True', expect.anything()] },
    });
  });

  it('shows the example of the seed as it came', () => {
    const seed = {
      build: {
        image: 'tensorflow/tensorflow:1.4.1-py3',
        build_steps: ['pip3 install --no-cache-dir -U polyaxon-client'],
      },
      version: 1,
      kind: 'experiment',
      run: { cmd: 'python3 model.py' },
    };
    const { config, params, spec } = toCore(readFile(JSON.stringify(seed)));
    expect([config, params, spec?.roles[0]?.setup]).toEqual([seed, [], seed.build.build_steps[0]]);
  });
});

describe('what a request says beside the file', () => {
  const file = { declarations: { lr: 0.1, units: 3 }, run: { cmd: 'x {{ lr }} {{ units }} {{ more }}' } };

  it('has params that win, and are added', () => {
    const beside = { params: { lr: '0.5', more: 1 } };
    expect(specOf(file, beside).roles[0]?.command).toEqual({ kind: 'shell', script: 'x 0.5 3 1' });
    const { params, config } = toCore(
      readFile(JSON.stringify({ version: 1, kind: 'experiment', ...file })),
      beside,
    );
    expect(params.map(({ key, type, text }) => [key, type, text])).toEqual([
      ['lr', 'string', '0.5'],
      ['units', 'integer', '3'],
      ['more', 'integer', '1'],
    ]);
    expect(config.params).toEqual({ lr: '0.5', units: 3, more: 1 });
    expect(config).not.toHaveProperty('declarations');
  });

  it('has a framework that wins', () => {
    const environment = { replicas: { n_workers: 1 } };
    expect(specOf({ environment, framework: 'tensorflow' }, { framework: 'PyTorch' }).framework).toBe(
      'pytorch',
    );
    expect(() => specOf({ environment }, { framework: 'caffe' })).toThrow('framework: caffe has no replicas');
  });
});

describe('replicas', () => {
  it.each<[string, object, readonly string[]]>([
    ['none', {}, ['master 1']],
    ['none asked for', { environment: { replicas: { n_workers: 0, n_ps: null } } }, ['master 1']],
    [
      'mxnet',
      { framework: 'mxnet', environment: { replicas: { n_workers: 2, n_ps: 3 } } },
      ['master 1', 'worker 2', 'ps 3'],
    ],
    [
      'pytorch',
      { framework: 'pytorch', environment: { replicas: { n_workers: 2 } } },
      ['master 1', 'worker 2'],
    ],
    [
      'horovod',
      { framework: 'horovod', environment: { replicas: { n_workers: '2' } } },
      ['master 1', 'worker 2'],
    ],
    [
      'mpi',
      { framework: 'mpi', environment: { replicas: { n_workers: 2, n_ps: 0 } } },
      ['master 1', 'worker 2'],
    ],
    [
      'the backend mpi',
      { backend: 'mpi', framework: 'tensorflow', environment: { replicas: { n_workers: 2 } } },
      ['master 1', 'worker 2'],
    ],
    [
      'in a section of 0.4',
      { environment: { tensorflow: { n_workers: 1, n_ps: 1 } } },
      ['master 1', 'worker 1', 'ps 1'],
    ],
    [
      'as many as a run may have',
      { framework: 'pytorch', environment: { replicas: { n_workers: 999 } } },
      ['master 1', 'worker 999'],
    ],
  ])('%s', (_name, sections, roles) => {
    expect(counts(specOf(sections))).toEqual(roles);
  });

  it.each([
    [{ framework: 'MXNet' }, 'mxnet'],
    [{ environment: { pytorch: { n_workers: 1 } } }, 'pytorch'],
    [{ backend: 'mpi' }, 'mpi'],
    [{ framework: 'scikit-learn' }, null],
    [{}, null],
  ])('of %j are of %s', (sections, framework) => {
    expect(specOf(sections).framework).toBe(framework);
  });

  it('keeps the name of a framework that the core does not know', () => {
    const text = JSON.stringify({ version: 1, kind: 'experiment', framework: 'scikit-learn' });
    expect(toCore(readFile(text))).toMatchObject({ spec: null, framework: 'scikit-learn' });
  });
});

describe('where replicas shall run', () => {
  const placementsOf = (environment: object) =>
    specOf({ framework: 'tensorflow', environment }).roles.map(({ placement }) => placement);

  it('is said of the master, and of each kind of replica besides', () => {
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { x: [1] } } };
    const environment = {
      node_selector: { 'example.org/disk': 'ssd' },
      replicas: {
        n_workers: 2,
        n_ps: 1,
        default_worker: { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] },
        default_ps: { affinity },
        worker: [{ index: 0, node_selector: { disk: 'other' } }],
      },
    };
    const none = { nodeSelector: {}, tolerations: [], affinity: null };
    expect(placementsOf(environment)).toEqual([
      { ...none, nodeSelector: { 'example.org/disk': 'ssd' } },
      { ...none, tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] },
      { ...none, affinity },
    ]);
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['nulls', { node_selector: null, tolerations: null, affinity: null }],
    ['what is empty', { node_selector: {}, tolerations: [], affinity: { nodeAffinity: null } }],
  ])('is all the same for %s', (_name, environment) => {
    expect(placementsOf(environment)).toEqual([null]);
  });

  it('takes for text what YAML does not', () => {
    const [placement] = placementsOf({
      node_selector: { gpu: true, zone: 3 },
      tolerations: [
        { key: 'gpu', value: true },
        { key: '', operator: 'Exists', value: '', effect: 'NoExecute', tolerationSeconds: 0 },
      ],
    });
    expect(placement).toEqual({
      nodeSelector: { gpu: 'true', zone: '3' },
      tolerations: [
        { key: 'gpu', operator: 'Equal', value: 'true' },
        { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
      ],
      affinity: null,
    });
  });

  it('may be filled by params', () => {
    const file = { params: { disk: 'ssd' }, environment: { node_selector: { disk: '{{ disk }}' } } };
    expect(specOf(file).roles[0]?.placement?.nodeSelector).toEqual({ disk: 'ssd' });
  });

  it.each<[string, object, string]>([
    ['a selector that is a text', { node_selector: 'disk=ssd' }, 'node_selector'],
    ['a label that is no name', { node_selector: { 'a b': 'c' } }, 'node_selector.a b'],
    ['a value that is none of a label', { node_selector: { disk: 'a b' } }, 'node_selector.disk'],
    ['a value that is a list', { node_selector: { disk: ['ssd'] } }, 'node_selector.disk'],
    ['a value that is null', { node_selector: { disk: null } }, 'node_selector.disk'],
    ['one toleration without a list', { tolerations: { key: 'a' } }, 'tolerations'],
    ['a toleration that is a text', { tolerations: ['gpu'] }, 'tolerations.0'],
    [
      'a field that Kubernetes writes otherwise',
      { tolerations: [{ key: 'a', toleration_seconds: 1 }] },
      'tolerations.0.toleration_seconds',
    ],
    ['a key that is none', { tolerations: [{ key: '*', operator: 'Exists' }] }, 'tolerations.0.key'],
    ['another operator', { tolerations: [{ key: 'a', operator: 'In' }] }, 'tolerations.0.operator'],
    ['another effect', { tolerations: [{ key: 'a', effect: 'Always' }] }, 'tolerations.0.effect'],
    ['no key, without Exists', { tolerations: [{ effect: 'NoSchedule' }] }, 'tolerations.0'],
    [
      'a value beside Exists',
      { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
      'tolerations.0',
    ],
    [
      'seconds of another effect',
      { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }] },
      'tolerations.0',
    ],
    ['an affinity that is a list', { affinity: [] }, 'affinity'],
    ['an affinity of another kind', { affinity: { node_affinity: {} } }, 'affinity.node_affinity'],
    ['an affinity that is a text', { affinity: { nodeAffinity: 'ssd' } }, 'affinity.nodeAffinity'],
  ])('is not taken from %s', (_name, environment, path) => {
    const of = (section: object) => () => specOf({ framework: 'tensorflow', environment: section });
    const issue = (place: string) =>
      expect.objectContaining({
        detail: { code: 'invalid', issues: [expect.objectContaining({ path: place })] },
      });
    expect(of(environment)).toThrow(issue(`content.environment.${path}`));
    const replicas = { n_workers: 1, default_worker: environment };
    expect(of({ replicas })).toThrow(issue(`content.environment.replicas.default_worker.${path}`));
  });
});

describe('commands', () => {
  it.each([
    ['python x.py', 'python x.py'],
    [['a', 'b', 'c'], 'a && b && c'],
    // As YAML folds the lines of Polyaxon's own quick start.
    ['python x.py --a=1 \\ --b=2 \\ --c=3', 'python x.py --a=1 --b=2 --c=3'],
    ['python x.py \\\n  --a=1 \\\r\n  --b=2\n', 'python x.py   --a=1   --b=2'],
    ['cat My\\ File', 'cat My\\ File'],
    ['a\nb', 'a\nb'],
  ])('%j', (cmd, script) => {
    expect(specOf({ run: { cmd } }).roles[0]?.command).toEqual({ kind: 'shell', script });
  });
});

describe('other sections', () => {
  it('of the environment win over those of the build', () => {
    const { roles } = specOf({
      build: {
        image: '',
        env_vars: [
          ['A', 'build'],
          ['B', null],
        ],
      },
      environment: { env_vars: { A: 'environment' } },
    });
    expect(roles[0]).toMatchObject({
      image: null,
      setup: null,
      env: [
        { name: 'A', value: 'environment' },
        { name: 'B', value: '' },
      ],
    });
  });

  it('of inputs give names to templates, and no params', () => {
    const file = {
      inputs: [
        { name: 'lr', type: 'float', default: 0.1, is_optional: true },
        { name: 'fast', type: 'bool', is_flag: true },
        { name: 'slow', type: 'bool', is_flag: true, default: false },
      ],
      params: { fast: true },
      run: { cmd: 'x {{ lr }} {{ fast }} {{ slow }}' },
    };
    expect(specOf(file).roles[0]?.command).toEqual({ kind: 'shell', script: 'x 0.1 --fast' });
    expect(paramsOf(readFile(JSON.stringify(file)).document)).toEqual({ fast: true });
  });

  it('that nobody acts upon are taken', () => {
    const environment = {
      labels: { a: 'b' },
      annotations: { a: 1 },
      service_account: 'admin',
      persistence: { outputs: 'x' },
      outputs: { experiments: [1] },
      secret_refs: ['a'],
    };
    expect(specOf({ environment, build: { dockerfile: 'D', nocache: true } }).roles[0]?.image).toBeNull();
  });
});
