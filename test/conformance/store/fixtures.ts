import { v7 } from 'uuid';
import type {
  JobId,
  ProjectId,
  ProjectKey,
  RunId,
  RunKey,
  UserKey,
  WorkspaceKey,
} from '../../../src/core/ids.js';
import { classify, type MetricPoint } from '../../../src/core/metrics.js';
import type { Project, Run, StatusEvent, User, Workspace } from '../../../src/core/model.js';
import type { NewJob, NewRun, Repositories, Store } from '../../../src/core/ports/index.js';
import type { SpecInput } from '../../../src/core/spec.js';

/** A store under test. */
export interface OpenStore {
  readonly store: Store;
  /** Closes the store and opens the same database again. */
  reopen(): Promise<Store>;
  close(): Promise<void>;
}

/** Opens an empty database of its own. */
export type OpenFresh = (now: () => number) => Promise<OpenStore>;

let tick = 1_800_000_000_000_000;

/** A time that grows by a microsecond at each look. */
export function now(): number {
  tick += 1;
  return tick;
}

/** A workspace with a user and a project in it. */
export interface Place {
  readonly workspace: Workspace;
  readonly user: User;
  readonly project: Project;
}

/** Makes a place of its own in the database. */
export async function aPlace(store: Store): Promise<Place> {
  const name = `w${v7()}`;
  return store.transaction(async (tx) => {
    const workspace = await tx.accounts.insertWorkspace({ name, createdAt: now() });
    const user = await tx.accounts.insertUser({ id: v7(), name, isSuperuser: false, createdAt: now() });
    const project = await aProject(tx, workspace.key, 'Default');
    return { workspace, user, project };
  });
}

export function aProject(tx: Repositories, workspaceKey: WorkspaceKey, name: string): Promise<Project> {
  return tx.projects.insert({
    id: v7() as ProjectId,
    workspaceKey,
    name,
    description: null,
    isPublic: false,
    tags: [],
    createdBy: { key: null, name: 'somebody' },
    createdAt: now(),
    extensions: {},
  });
}

export function newRun(project: Project, fields: Partial<NewRun> = {}): NewRun {
  return {
    id: v7() as RunId,
    projectKey: project.key,
    name: 'mnist',
    description: null,
    createdBy: { key: null, name: 'somebody' },
    managed: true,
    status: 'created',
    specRevision: null,
    originKey: null,
    originKind: null,
    parentKey: null,
    parentRef: null,
    artifactRoot: null,
    codeRef: null,
    framework: null,
    backend: null,
    groupRef: null,
    buildRef: null,
    codeRoot: null,
    createdAt: now(),
    extensions: {},
    ...fields,
  };
}

/** Stores a run in a transaction of its own. */
export function aRun(store: Store, project: Project, fields: Partial<NewRun> = {}): Promise<Run> {
  return store.transaction((tx) => tx.runs.insert(newRun(project, fields)));
}

export function newJob(fields: Partial<NewJob> = {}): NewJob {
  return {
    id: v7() as JobId,
    attempt: 1,
    role: 'Worker',
    index: 0,
    name: 'mnist-worker-0',
    status: 'created',
    resources: { requests: { cpu: '1' }, limits: { memory: '1024M' } },
    createdAt: now(),
    ...fields,
  };
}

export function newEvent(runKey: RunKey, fields: Partial<StatusEvent> = {}): Omit<StatusEvent, 'seq'> {
  return {
    runKey,
    jobKey: null,
    attempt: 1,
    status: 'created',
    effective: true,
    at: now(),
    reason: null,
    message: null,
    traceback: null,
    details: null,
    origin: 'system',
    ...fields,
  };
}

export const aSpec: SpecInput = {
  source: { dialect: 'submarine', mediaType: 'application/json', text: '{"meta": {"name": "ümläut ✓"}}\n' },
  framework: 'tensorflow',
  namespace: 'team',
  roles: [
    {
      name: 'Worker',
      kind: 'worker',
      replicas: 2,
      image: 'apache/submarine:tf-mnist',
      command: { kind: 'exec', argv: ['python', '/var/mnist.py', ''] },
      setup: 'pip install numpy\n',
      env: [{ name: 'ENV_1', value: 'a\u0000b' }],
      resources: { requests: { cpu: '1' }, limits: {} },
      placement: {
        nodeSelector: { 'example.org/disk': 'ssd' },
        tolerations: [{ key: 'gpu', operator: 'Exists' }],
        affinity: { nodeAffinity: {} },
      },
    },
  ],
  code: { kind: 'git', url: 'https://example.org/x.git', branch: null },
  termination: { completion: { kind: 'job', role: 'Worker', index: 0 }, maxRetries: 2 },
};

/** A point of a JavaScript number. */
export function aPoint(key: string, value: number | null, fields: Partial<MetricPoint> = {}): MetricPoint {
  return { key, ...classify(value), step: 0n, timestampMs: 1_700_000_000_000n, timestampUs: 0, ...fields };
}

/** Keys that no row has. */
export const nobody = {
  run: 999_999_999 as RunKey,
  user: 999_999_999 as UserKey,
  project: 999_999_999 as ProjectKey,
  workspace: 999_999_999 as WorkspaceKey,
};
