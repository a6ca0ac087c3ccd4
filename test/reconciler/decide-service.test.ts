import { describe, expect, it } from 'vitest';
import type { JobId, ProjectKey, RunId, ServiceId, ServiceKey } from '../../src/core/ids.js';
import type { Observation } from '../../src/core/ports/index.js';
import type { Service } from '../../src/core/service.js';
import type { Status } from '../../src/core/status.js';
import { decideService } from '../../src/reconciler/decide-service.js';
import { linkOf, servicePlan } from '../../src/reconciler/service-plan.js';

const id = '01890000-0000-7000-8000-000000000001';
const [current, old] = ['01890000-0000-7000-8000-00000000000a', '01890000-0000-7000-8000-00000000000b'];

const aService = (fields: Partial<Service> = {}): Service => ({
  key: 1 as ServiceKey,
  id: id as ServiceId,
  projectKey: 1 as ProjectKey,
  runKey: null,
  kind: 'tensorboard',
  desiredState: 'running',
  status: 'created',
  reason: null,
  message: null,
  jobId: current as JobId,
  port: null,
  pathPrefix: '/tensorboard/a/b',
  spec: null,
  createdBy: { key: null, name: 'root' },
  createdAt: 0,
  updatedAt: 0,
  ...fields,
});

const seen = (status: Status, jobId: string = current): Observation => ({
  runId: id as RunId,
  jobId: jobId as JobId,
  status,
  reason: null,
  message: null,
  exitCode: null,
  signal: null,
  node: null,
  builtAt: null,
  startedAt: null,
  finishedAt: null,
});

describe('what is done next for a service', () => {
  it.each<[string, boolean, Service['status'], readonly Observation[], string]>([
    ['nothing is known of its process', true, 'created', [], 'submit'],
    ['its process is gone from the runner', true, 'running', [], 'submit'],
    ['only an older process is known', true, 'created', [seen('running', old)], 'submit'],
    ['it is about to start', true, 'created', [seen('starting')], 'watch'],
    ['it runs', true, 'running', [seen('running'), seen('stopped', old)], 'watch'],
    ['it said that all is well, and ended', true, 'running', [seen('succeeded')], 'fail'],
    ['it failed', true, 'starting', [seen('failed')], 'fail'],
    ['it failed, and that is stored', true, 'failed', [seen('failed')], 'forget'],
    ['it failed, and nothing is left', true, 'failed', [], 'none'],
    ['it is not wanted, and runs', false, 'stopping', [seen('running')], 'stop'],
    ['it is not wanted, and an older one runs', false, 'running', [seen('running', old)], 'stop'],
    ['it is not wanted, and has ended', false, 'running', [seen('stopped')], 'remove'],
    ['it is not wanted, and never was', false, 'created', [], 'remove'],
  ])('%s', (_name, isWanted, status, observations, kind) => {
    expect(decideService({ service: aService({ status }), isWanted }, observations).kind).toBe(kind);
  });
});

describe('the plan of a service', () => {
  it('is one job, which is told its address and its folder, and takes its prefix as it is', () => {
    const plan = servicePlan(aService({ pathPrefix: '/tensorboard/$(HOME)/$$' }));
    const [job] = plan.jobs;
    const cluster = {
      addresses: { tensorboard: ['127.0.0.1:23456'] },
      task: { role: 'tensorboard', index: 0 },
    };
    expect(job?.environment({ outputs: '/outputs', cluster, inbox: '/inbox' })).toEqual({
      FRANCA_OUTPUTS_PATH: '/outputs',
      FRANCA_SERVICE_PORT: '23456',
    });
    expect([plan.jobs.length, job?.id, plan.runId]).toEqual([1, current, id]);
    expect(plan.spec.roles[0]?.command).toMatchObject({
      argv: expect.arrayContaining(['--path_prefix', '/tensorboard/$$(HOME)/$$$$']),
    });
  });

  it('names each run in a way that no other has', () => {
    const names = ['1 / ✓', null, '✓', `${'long'.repeat(80)}`].map((name, index) =>
      linkOf({ number: index + 1, name, root: 'x' as ReturnType<typeof linkOf>['root'] }),
    );
    expect(names.map(({ name }) => name)).toEqual(['1-1', 'run-2', 'run-3', `4-${'long'.repeat(25)}`]);
  });
});
