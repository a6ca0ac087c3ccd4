import type { JobId, JobKey, ProjectKey, RunId, RunKey } from '../../src/core/ids.js';
import type { Attempt, Job, Run } from '../../src/core/model.js';
import type { Role, RunSpec } from '../../src/core/spec.js';

/** Entities for tests of pure functions: each field has a plain value that a test may override. */
export function aRun(fields: Partial<Run> = {}): Run {
  return {
    key: 1 as RunKey,
    id: '01890000-0000-7000-8000-000000000001' as RunId,
    projectKey: 1 as ProjectKey,
    number: 1,
    name: 'run',
    description: null,
    createdBy: { key: null, name: 'root' },
    managed: true,
    desiredState: 'running',
    status: 'created',
    statusReason: null,
    statusMessage: null,
    attempt: 1,
    specRevision: 1,
    originKey: null,
    originKind: null,
    parentKey: null,
    parentRef: null,
    artifactRoot: '01890000-0000-7000-8000-000000000001' as RunId,
    codeRef: null,
    framework: null,
    backend: null,
    groupRef: null,
    buildRef: null,
    codeRoot: null,
    createdAt: 0,
    updatedAt: 0,
    startedAt: null,
    finishedAt: null,
    heartbeatAt: null,
    deletedAt: null,
    archivedAt: null,
    purgeAt: null,
    version: 1,
    extensions: {},
    ...fields,
  };
}

export function anAttempt(fields: Partial<Attempt> = {}): Attempt {
  return {
    runKey: 1 as RunKey,
    number: 1,
    reason: 'first',
    submittedRevision: null,
    admitted: false,
    position: 1,
    createdAt: 0,
    ...fields,
  };
}

export function aJob(fields: Partial<Job> = {}): Job {
  const number = fields.number ?? 1;
  return {
    key: number as JobKey,
    id: `01890000-0000-7000-8000-${String(number).padStart(12, '0')}` as JobId,
    runKey: 1 as RunKey,
    attempt: 1,
    number,
    role: 'Worker',
    index: 0,
    name: 'run-worker-0',
    status: 'created',
    reason: null,
    message: null,
    exitCode: null,
    signal: null,
    node: null,
    resources: { requests: {}, limits: {} },
    retired: false,
    createdAt: 0,
    updatedAt: 0,
    startedAt: null,
    finishedAt: null,
    ...fields,
  };
}

export function aRole(fields: Partial<Role> = {}): Role {
  return {
    name: 'Worker',
    kind: 'worker',
    replicas: 1,
    image: null,
    command: { kind: 'exec', argv: ['true'] },
    setup: null,
    env: [],
    resources: { requests: {}, limits: {} },
    placement: null,
    ...fields,
  };
}

export function aSpec(fields: Partial<RunSpec> = {}): RunSpec {
  return {
    revision: 1,
    createdAt: 0,
    source: { dialect: 'submarine', mediaType: 'application/json', text: '{}' },
    framework: null,
    namespace: null,
    roles: [aRole()],
    code: null,
    termination: { completion: { kind: 'all' }, maxRetries: 0 },
    ...fields,
  };
}
