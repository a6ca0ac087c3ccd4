import { describe, expect, it } from 'vitest';
import { commandOf } from '../../../adapters/submarine/translate/spec-to-core.js';
import type { WorkspaceKey } from '../../../src/core/ids.js';
import type { Environment } from '../../../src/core/model.js';
import type { Completion, Role, RoleKind, SpecInput } from '../../../src/core/spec.js';
import { seedExperiment } from './harness.js';
import { fromCore, json, toCore } from './wire-specs.js';

const meta = { name: 'a', framework: 'TensorFlow', cmd: 'run it', envVars: { A: '1' } };
const one = { Worker: { replicas: 1, resources: 'cpu=1,memory=1024M' } };

function specOf(document: unknown, environment: Environment | null = null): SpecInput {
  return toCore(json(document), environment).spec;
}

function roleOf(document: unknown, environment: Environment | null = null): Role | undefined {
  return specOf(document, environment).roles[0];
}

function stored(fields: Partial<Environment>): Environment {
  const times = { createdAt: 0, updatedAt: 0 };
  const texts = { name: 'env', image: null, dockerImage: null, description: null };
  return { sequence: 1, workspaceKey: 1 as WorkspaceKey, document: {}, ...texts, ...times, ...fields };
}

/** What is shown beside what was sent, where nothing was sent. */
const absentTask = { name: null, image: null, cmd: null, envVars: null };
const absentEnvironment = { name: null, image: null, dockerImage: null, kernelSpec: null, description: null };

interface Row {
  readonly name: string;
  readonly wire: unknown;
  readonly core: Partial<SpecInput>;
  readonly shown: unknown;
}

const tensorflowRole = {
  image: 'apache/submarine:tf-mnist-with-summaries-1.0',
  command: { kind: 'exec', argv: seedExperiment.meta.cmd.split(' ') },
  setup: null,
  env: [{ name: 'ENV_1', value: 'ENV1' }],
  replicas: 1,
  placement: null,
} as const;

const rows: readonly Row[] = [
  {
    name: 'the first example of seed 002',
    wire: seedExperiment,
    core: {
      framework: 'tensorflow',
      // It names `default`.
      namespace: null,
      roles: [
        {
          ...tensorflowRole,
          name: 'Ps',
          kind: 'ps',
          resources: { requests: { cpu: '1', memory: '1024M' }, limits: { memory: '2048M' } },
        },
        {
          ...tensorflowRole,
          name: 'Worker',
          kind: 'worker',
          resources: { requests: { cpu: '1', memory: '2048M' }, limits: { memory: '4096M' } },
        },
      ],
      code: null,
      termination: { completion: { kind: 'job', role: 'Worker', index: 0 }, maxRetries: 0 },
    },
    shown: {
      meta: { ...seedExperiment.meta, tags: [], experimentId: 'experiment_1586156073228_0001' },
      environment: { ...absentEnvironment, image: 'apache/submarine:tf-mnist-with-summaries-1.0' },
      spec: {
        Ps: { ...seedExperiment.spec.Ps, ...absentTask, resourceMap: { cpu: '1', memory: '1024M' } },
        Worker: { ...seedExperiment.spec.Worker, ...absentTask, resourceMap: { cpu: '1', memory: '2048M' } },
      },
      code: null,
      experimentHandlerSpec: null,
    },
  },
  {
    name: 'the least that is taken',
    wire: { meta: { name: 'Least', framework: 'pytorch' }, spec: { master: {} } },
    core: {
      framework: 'pytorch',
      namespace: null,
      roles: [
        {
          name: 'master',
          kind: 'master',
          replicas: 1,
          image: null,
          command: null,
          setup: null,
          env: [],
          resources: { requests: {}, limits: {} },
          placement: null,
        },
      ],
      code: null,
      termination: { completion: { kind: 'job', role: 'master', index: 0 }, maxRetries: 0 },
    },
    shown: {
      meta: {
        name: 'least',
        framework: 'pytorch',
        namespace: 'default',
        cmd: null,
        envVars: {},
        tags: [],
        experimentId: 'experiment_1586156073228_0001',
      },
      environment: absentEnvironment,
      spec: { master: { ...absentTask, replicas: 1, resources: '', resourceMap: {} } },
      code: null,
      experimentHandlerSpec: null,
    },
  },
  {
    name: 'everything at once, with keys that nobody knows',
    wire: {
      meta: { ...meta, tags: ['b', 'a', 'b'], namespace: 'team', color: 'red' },
      environment: {
        name: 'env',
        dockerImage: 'd',
        kernelSpec: { name: 'k', channels: ['c'], more: 1 },
        description: 'x',
        size: 3,
      },
      spec: {
        Worker: {
          replicas: '2',
          resources: 'cpu=1,nvidia.com/gpu=1',
          image: 'i',
          cmd: 'other',
          envVars: { B: 2 },
          name: 'w',
          cpu: '1',
        },
        Chief: { replicas: 0 },
      },
      code: {
        syncMode: 'git',
        git: { url: 'https://github.com/a/b.git', branch: 'dev', username: 'u', password: 'secret' },
      },
      experimentHandlerSpec: { HDFS_PORT: 9000 },
      extra: [null, { deep: true }],
    },
    core: {
      framework: 'tensorflow',
      namespace: 'team',
      roles: [
        {
          name: 'Worker',
          kind: 'worker',
          replicas: 2,
          image: 'i',
          command: { kind: 'exec', argv: ['other'] },
          setup: null,
          env: [{ name: 'B', value: '2' }],
          resources: { requests: { cpu: '1', 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } },
          placement: null,
        },
        {
          name: 'Chief',
          kind: 'chief',
          replicas: 0,
          image: 'd',
          command: { kind: 'exec', argv: ['run', 'it'] },
          setup: null,
          env: [{ name: 'A', value: '1' }],
          resources: { requests: {}, limits: {} },
          placement: null,
        },
      ],
      code: { kind: 'git', url: 'https://github.com/a/b.git', branch: 'dev' },
      termination: { completion: { kind: 'job', role: 'Worker', index: 0 }, maxRetries: 0 },
    },
    shown: {
      meta: {
        ...meta,
        tags: ['b', 'a', 'b'],
        namespace: 'team',
        color: 'red',
        experimentId: 'experiment_1586156073228_0001',
      },
      environment: {
        name: 'env',
        image: null,
        dockerImage: 'd',
        kernelSpec: { name: 'k', channels: ['c'], more: 1 },
        description: 'x',
        size: 3,
      },
      spec: {
        Worker: {
          replicas: 2,
          resources: 'cpu=1,nvidia.com/gpu=1',
          resourceMap: { cpu: '1', 'nvidia.com/gpu': '1' },
          image: 'i',
          cmd: 'other',
          envVars: { B: '2' },
          name: 'w',
          cpu: '1',
        },
        Chief: { ...absentTask, replicas: 0, resources: '', resourceMap: {} },
      },
      code: { syncMode: 'git', git: { url: 'https://github.com/a/b.git', branch: 'dev', username: 'u' } },
      experimentHandlerSpec: { HDFS_PORT: '9000' },
      extra: [null, { deep: true }],
    },
  },
];

describe('a spec, there and back', () => {
  it.each(rows)('$name', ({ wire, core, shown }) => {
    const input = toCore(json(wire));
    expect(input.spec).toEqual({ ...core, source: input.spec.source });
    expect(fromCore(input).spec).toEqual(shown);
  });

  it('is kept byte for byte, unless there is a password in it', () => {
    const text = '{"spec": {"Worker":{}}, "meta":{"framework":"TensorFlow",   "name":"a"} }';
    const { source } = toCore({ mediaType: 'application/json', text }).spec;
    expect(source).toEqual({ dialect: 'submarine', mediaType: 'application/json', text });
    const code = { syncMode: 'git', git: { url: 'https://h/r', password: 'hunter2' } };
    const secret = toCore(json({ meta, spec: one, code }));
    expect(JSON.stringify(secret)).not.toContain('hunter2');
    const escaped = JSON.stringify({ meta, spec: one, code }).replace('password', 'p\\u0061ssword');
    expect(JSON.stringify(toCore({ mediaType: 'application/json', text: escaped }))).not.toContain('hunter2');
  });

  it('is the same from YAML, where numbers and booleans may stand for texts', () => {
    const text = [
      'meta:',
      '  name: a',
      '  framework: TensorFlow',
      '  cmd: run it',
      '  envVars: {A: 1, B: true, C: null}',
      'spec:',
      '  Worker: {replicas: 1, resources: "cpu=1,memory=1024M"}',
    ].join('\n');
    const input = toCore({ mediaType: 'application/yaml', text });
    expect(input.spec.source.mediaType).toBe('application/yaml');
    expect(fromCore(input)).toEqual(
      fromCore(toCore(json({ meta: { ...meta, envVars: { A: 1, B: true, C: null } }, spec: one }))),
    );
    expect(input.spec.roles[0]?.env).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: 'true' },
      { name: 'C', value: '' },
    ]);
  });
});

describe('the namespace', () => {
  it.each([
    ['is a wish where one is named', { namespace: 'team' }, 'team'],
    ['is none where clients send what stands for none', { namespace: 'default' }, null],
    ['is none where it is empty', { namespace: '' }, null],
    ['is none where it is null', { namespace: null }, null],
    ['is none where nothing is said', {}, null],
  ])('%s', (_name, said, namespace) => {
    expect(toCore(json({ meta: { ...meta, ...said }, spec: one })).spec.namespace).toBe(namespace);
  });
});

describe('the words of a command', () => {
  it.each([
    ['python a.py --x=1', ['python', 'a.py', '--x=1']],
    // As Java's split(" "): an empty word between two spaces and before the first is one, behind the last it is none.
    ['a  b', ['a', '', 'b']],
    [' a', ['', 'a']],
    ['a   ', ['a']],
    ['sh -c "echo $HOME"', ['sh', '-c', '"echo', '$HOME"']],
    ['a\tb\nc', ['a\tb\nc']],
  ])('%j', (cmd, argv) => {
    expect(commandOf(cmd)).toEqual({ kind: 'exec', argv });
  });

  it.each([null, '', ' ', '    '])('none in %j', (cmd) => {
    expect(commandOf(cmd)).toBeNull();
  });
});

describe('the image', () => {
  const env = stored({ image: 'stored-image', dockerImage: 'stored-docker' });
  it.each([
    ['of the task', { image: 'sent' }, { image: 'task' }, env, 'task'],
    ['of the sent environment', { name: 'env', image: 'sent' }, {}, env, 'sent'],
    ['of the stored environment', { name: 'env' }, {}, env, 'stored-image'],
    [
      'that the stored environment is made with',
      { name: 'env' },
      {},
      stored({ dockerImage: 'stored-docker' }),
      'stored-docker',
    ],
    ['that the sent environment is made with', { dockerImage: 'sent-docker' }, {}, null, 'sent-docker'],
    ['none', {}, {}, null, null],
  ] as const)('%s', (_name, environment, task, found, expected) => {
    expect(roleOf({ meta, environment, spec: { Worker: task } }, found)?.image).toBe(expected);
  });
});

describe('variables', () => {
  it.each([
    ['of a task replace the shared ones as a whole', { envVars: { B: '2' } }, [{ name: 'B', value: '2' }]],
    ['of a task without any replace them too', { envVars: {} }, []],
    ['are the shared ones where a task says null', { envVars: null }, [{ name: 'A', value: '1' }]],
    ['are the shared ones where a task says nothing', {}, [{ name: 'A', value: '1' }]],
  ])('%s', (_name, task, env) => {
    expect(roleOf({ meta, spec: { Worker: task } })?.env).toEqual(env);
  });
});

describe('roles and completion', () => {
  const job = (role: string): Completion => ({ kind: 'job', role, index: 0 });
  const all: Completion = { kind: 'all' };
  const kinds: readonly [string, string, RoleKind][] = [
    ['TensorFlow', 'Ps', 'ps'],
    ['TensorFlow', 'PS', 'ps'],
    ['TensorFlow', 'Worker', 'worker'],
    ['TensorFlow', 'Chief', 'chief'],
    ['TensorFlow', 'Master', 'master'],
    ['TensorFlow', 'evaluator', 'evaluator'],
    ['PyTorch', 'Master', 'master'],
    ['PYTORCH', 'worker', 'worker'],
    ['XGBoost', 'Master', 'master'],
    ['xgboost', 'Worker', 'worker'],
  ];
  it.each(kinds)('%s: %s is a %s', (framework, role, kind) => {
    expect(roleOf({ meta: { ...meta, framework }, spec: { [role]: {} } })).toMatchObject({
      name: role,
      kind,
    });
  });

  it.each([
    ['TensorFlow', { Ps: 1, Worker: 2, Chief: 1, Master: 1 }, job('Chief')],
    ['TensorFlow', { Ps: 1, Worker: 2, master: 1 }, job('master')],
    ['TensorFlow', { Ps: 1, Worker: 2 }, job('Worker')],
    ['TensorFlow', { Chief: 0, Worker: 2 }, job('Worker')],
    ['TensorFlow', { Ps: 1, Evaluator: 1 }, all],
    ['PyTorch', { Worker: 2, Master: 1 }, job('Master')],
    ['PyTorch', { Worker: 2 }, all],
    ['PyTorch', { Master: 0, Worker: 2 }, all],
    ['XGBoost', { Master: 1, Worker: 1 }, job('Master')],
  ])('%s with %j ends with %j', (framework, counts, completion) => {
    const spec = Object.fromEntries(Object.entries(counts).map(([role, replicas]) => [role, { replicas }]));
    expect(specOf({ meta: { ...meta, framework }, spec }).termination).toEqual({ completion, maxRetries: 0 });
  });

  it.each([
    ['Keras', one, 'Unsupported framework name: Keras. Supported frameworks are: TENSORFLOW,PYTORCH,XGBOOST'],
    [
      'UNKNOWN',
      one,
      'Unsupported framework name: UNKNOWN. Supported frameworks are: TENSORFLOW,PYTORCH,XGBOOST',
    ],
    [
      'constructor',
      one,
      'Unsupported framework name: constructor. Supported frameworks are: TENSORFLOW,PYTORCH,XGBOOST',
    ],
    [
      'TensorFlow',
      { Boss: {} },
      'Unrecognized replica type name: Boss, it should be Ps,Worker,Chief,Master,Evaluator for TensorFlow experiment.',
    ],
    [
      'PyTorch',
      { Ps: {} },
      'Unrecognized replica type name: Ps, it should be Master,Worker for PyTorch experiment.',
    ],
    [
      'XGBoost',
      { toString: {} },
      'Unrecognized replica type name: toString, it should be Master,Worker for XGBoost experiment.',
    ],
  ])('%s with %j is refused in Submarine’s words', (framework, spec, message) => {
    expect(() => specOf({ meta: { ...meta, framework }, spec })).toThrow(message);
  });
});
