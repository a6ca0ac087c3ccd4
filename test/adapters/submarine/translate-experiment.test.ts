import { describe, expect, it } from 'vitest';
import {
  fromDeletedRun,
  fromRun,
  toNewRun,
  toRespecification,
} from '../../../adapters/submarine/translate/experiment.js';
import type { RunKey } from '../../../src/core/ids.js';
import type { Run, StatusEvent } from '../../../src/core/model.js';
import type { Tag } from '../../../src/core/params.js';
import type { RunSpec } from '../../../src/core/spec.js';
import { type Status, statuses } from '../../../src/core/status.js';
import { aRole, aRun, aSpec } from '../../support/builders.js';
import { seedExperiment } from './harness.js';
import { createdAtMs, json, sentSpec } from './wire-specs.js';

const at = (ms: number) => (createdAtMs + ms) * 1000;

function anEvent(status: Status, ms: number): StatusEvent {
  const none = { jobKey: null, reason: null, message: null, traceback: null, details: null };
  return {
    ...none,
    seq: ms,
    runKey: 1 as RunKey,
    attempt: 1,
    status,
    effective: true,
    at: at(ms),
    origin: 'system',
  };
}

function shown(fields: { run?: Partial<Run>; events?: StatusEvent[]; tags?: Tag[]; spec?: RunSpec | null }) {
  const { run, events = [], tags = [], spec = aSpec() } = fields;
  return fromRun({ run: aRun({ createdAt: at(0), ...run }), spec, jobs: [], events, tags }, createdAtMs);
}

describe('a run as an experiment', () => {
  it('has its ids and its times in UTC', () => {
    const run = {
      key: 12 as RunKey,
      status: 'succeeded',
      startedAt: at(2000),
      finishedAt: at(3000),
    } as const;
    const events = [
      anEvent('created', 0),
      anEvent('queued', 1),
      anEvent('scheduled', 1000),
      anEvent('starting', 1500),
    ];
    expect(shown({ run, events })).toMatchObject({
      experimentId: 'experiment_1586156073228_0012',
      name: 'run',
      uid: '01890000-0000-7000-8000-000000000001',
      status: 'Succeeded',
      acceptedTime: '2020-04-06T06:54:33.228+00:00',
      createdTime: '2020-04-06T06:54:34.228+00:00',
      runningTime: '2020-04-06T06:54:35.228+00:00',
      finishedTime: '2020-04-06T06:54:36.228+00:00',
    });
  });

  it('has no times that have not come', () => {
    expect(shown({})).toMatchObject({
      status: 'Accepted',
      createdTime: null,
      runningTime: null,
      finishedTime: null,
    });
  });

  it.each(statuses)('that is %s is shown with a status of Submarine’s', (status) => {
    expect(shown({ run: { status } }).status).toMatch(/^(Accepted|Created|Running|Succeeded|Failed)$/);
  });

  it('is Deleted in the answer to its deletion, whatever it was', () => {
    const view = { run: aRun({ status: 'running' }), spec: aSpec(), jobs: [], events: [], tags: [] };
    expect(fromDeletedRun(view, createdAtMs)).toEqual({ ...fromRun(view, createdAtMs), status: 'Deleted' });
  });

  it('has a name even if it was never given one', () => {
    const { name, spec } = shown({ run: { name: null, number: 7 } });
    expect([name, spec.meta.name]).toEqual(['run-7', 'run-7']);
  });

  it('shows the name that it has now, not the one that was sent', () => {
    expect(shown({ run: { name: 'renamed' } }).spec.meta.name).toBe('renamed');
  });

  it('shows labels and tags as one list, without MLflow’s bookkeeping', () => {
    const spec = aSpec({
      source: {
        dialect: 'submarine',
        mediaType: 'application/json',
        text: '{"meta":{"tags":["b","a","gone","a"]}}',
      },
    });
    const tags = [
      { key: 'a', value: null },
      { key: 'new', value: null },
      { key: 'b', value: null },
      { key: 'team', value: 'blue' },
      { key: 'mlflow.user', value: 'root' },
      { key: 'mlflow.label', value: null },
    ];
    expect(shown({ spec, tags }).spec.meta.tags).toEqual(['b', 'a', 'a', 'new', 'team=blue', 'mlflow.label']);
  });
});

describe('a run of another dialect', () => {
  const source = { dialect: 'polyaxon', mediaType: 'application/yaml', text: 'version: 1' } as const;

  it('is made of its neutral spec', () => {
    const roles = [
      aRole({
        name: 'master',
        kind: 'master',
        image: 'pytorch',
        command: { kind: 'shell', script: 'a && b' },
        env: [{ name: 'A', value: '1' }],
        resources: { requests: { cpu: '1', memory: '1G' }, limits: {} },
      }),
      aRole({ name: 'worker', replicas: 3, command: { kind: 'exec', argv: ['python', 'b.py'] } }),
    ];
    const code = { kind: 'git', url: 'https://host/r', branch: null } as const;
    expect(shown({ spec: aSpec({ source, framework: 'pytorch', roles, code }) }).spec).toEqual({
      meta: {
        name: 'run',
        namespace: 'default',
        framework: 'PyTorch',
        cmd: 'a && b',
        envVars: { A: '1' },
        tags: [],
        experimentId: 'experiment_1586156073228_0001',
      },
      environment: { name: null, dockerImage: null, kernelSpec: null, description: null, image: 'pytorch' },
      spec: {
        master: {
          replicas: 1,
          resources: 'cpu=1,memory=1G',
          resourceMap: { cpu: '1', memory: '1G' },
          name: null,
          image: 'pytorch',
          cmd: 'a && b',
          envVars: { A: '1' },
        },
        worker: {
          replicas: 3,
          resources: '',
          resourceMap: {},
          name: null,
          image: null,
          cmd: 'python b.py',
          envVars: {},
        },
      },
      code: { syncMode: 'git', git: { url: 'https://host/r', branch: null } },
      experimentHandlerSpec: null,
    });
  });

  it('has every key that clients look for even without a spec', () => {
    expect(shown({ spec: null }).spec).toMatchObject({
      meta: { framework: null, envVars: {}, tags: [] },
      spec: {},
    });
    expect(shown({ spec: aSpec({ source, framework: 'mpi', roles: [] }) }).spec.meta.framework).toBeNull();
  });
});

describe('a stored document', () => {
  it.each([
    '{}',
    'null',
    '[]',
    '"x"',
    '{"meta":5,"spec":[1],"environment":"e","code":"c"}',
    '{"spec":{"A":null,"B":{"replicas":"x"}}}',
  ])('%s of another version is shown and does not fail', (text) => {
    const spec = aSpec({ source: { dialect: 'submarine', mediaType: 'application/json', text } });
    expect(shown({ spec }).spec.meta).toMatchObject({ name: 'run', tags: [], envVars: {} });
  });
});

describe('a request', () => {
  const sent = sentSpec(
    json({ ...seedExperiment, meta: { ...seedExperiment.meta, name: 'TF-Äpfel', tags: ['x', 'y', 'x'] } }),
  );

  it('to create has its name in lower case and each label once', () => {
    expect(toNewRun(sent, 'key')).toMatchObject({
      projectNumber: 0,
      name: 'tf-äpfel',
      description: null,
      idempotencyKey: 'key',
      tags: [
        { key: 'x', value: null },
        { key: 'y', value: null },
      ],
    });
  });

  it('to replace has its name as sent', () => {
    const { name, retag } = toRespecification(sent);
    expect(name).toBe('TF-Äpfel');
    expect(retag([])).toEqual([
      { key: 'x', value: null },
      { key: 'y', value: null },
    ]);
  });
});
