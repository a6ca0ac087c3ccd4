import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { createFolderArtifactStore, type FolderArtifactStore } from '../../src/artifacts/folder-store.js';
import type { ProjectKey, RunKey, ServiceKey } from '../../src/core/ids.js';
import type { MemberRole, User } from '../../src/core/model.js';
import type { Store } from '../../src/core/ports/index.js';
import type { Micros } from '../../src/core/time.js';
import { createJobDatabases } from '../../src/job-databases/job-databases.js';
import { createFileLogStore, type FileLogStore } from '../../src/logs/file-log-store.js';
import { createLocalJobMeter } from '../../src/runner/local/job-meter.js';
import { createLocalServiceHost } from '../../src/runner/local/service-host.js';
import { bootstrap } from '../../src/services/accounts/bootstrap.js';
import { announcing, createChanges } from '../../src/services/changes.js';
import type { Context, Ports } from '../../src/services/context.js';
import type { NewProjectInput } from '../../src/services/projects/create.js';
import type { NewManagedRun, NewTrackedRun } from '../../src/services/runs/create.js';
import { openStore } from '../../src/store/open.js';
import { createTableReader } from '../../src/tables/table-reader.js';
import { aRole, aSpec } from './builders.js';
import { jobDatabaseReader, parquetChild } from './compiled.js';

/** A real store in a folder of its own, with the default user and workspace, and a clock that the test moves. */
export interface Bench {
  readonly ctx: Context;
  readonly ports: Ports;
  readonly store: Store;
  readonly logs: FileLogStore;
  readonly artifacts: FolderArtifactStore;
  readonly folder: string;
  /** Keys that services asked the reconciler to look at. */
  readonly woken: RunKey[];
  readonly wokenServices: ServiceKey[];
  readonly wokenProjects: ProjectKey[];
  /** Sets what the clock says; it says each time one microsecond more. */
  setClock(at: Micros): void;
  /** The same request from another user, who has this role in the workspace. */
  as(name: string, role: MemberRole | null): Promise<Context>;
  close(): Promise<void>;
}

/** Where services may run. */
export interface BenchServices {
  /** Where their programs are looked for. */
  readonly path?: string;
  readonly limit?: number;
}

/** @param url an empty PostgreSQL database; SQLite in the folder without it. */
export async function createBench(
  url: string | null = null,
  { path = process.env.PATH, limit = 4 }: BenchServices = {},
): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-bench-'));
  let time = Date.UTC(2026, 0, 1) * 1000;
  const now = () => time++;
  const changes = createChanges();
  const store = announcing(await openStore({ dataFolder: folder, url, now }), changes);
  const logs = createFileLogStore(join(folder, 'logs'));
  const artifacts = createFolderArtifactStore(join(folder, 'artifacts'));
  const woken: RunKey[] = [];
  const wokenServices: ServiceKey[] = [];
  const wokenProjects: ProjectKey[] = [];
  const ports: Ports = {
    store,
    logs,
    artifacts,
    tables: createTableReader({ artifacts, program: parquetChild }),
    serviceHost: createLocalServiceHost({ limit, path, artifacts }),
    meter: createLocalJobMeter(join(folder, 'local')),
    jobDatabases: createJobDatabases({ program: jobDatabaseReader }),
    clock: { now },
    ids: { uuid: () => v7(), secret: () => `secret-${v7()}` },
    waker: {
      wake: (key) => void woken.push(key),
      wakeService: (key) => void wokenServices.push(key),
      wakeProject: (key) => void wokenProjects.push(key),
    },
    changes,
    crash: () => undefined,
  };
  const workspace = await bootstrap(ports, { user: 'root', workspace: 'root' });
  const root = await store.read.accounts.findUser('root');
  if (root === null) throw new Error('bootstrap makes the user');
  const contextOf = (user: User): Context => ({ ports, actor: { user, runKey: null }, workspace });
  return {
    ctx: contextOf(root),
    ports,
    store,
    logs,
    artifacts,
    folder,
    woken,
    wokenServices,
    wokenProjects,
    setClock: (at) => {
      time = at;
    },
    as: (name, role) =>
      store.transaction(async (tx) => {
        const user = await tx.accounts.insertUser({ id: v7(), name, isSuperuser: false, createdAt: now() });
        if (role !== null) await tx.accounts.setMember(workspace.key, user.key, role);
        return contextOf(user);
      }),
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a client asks for, with a plain value for each field. */
export function aRequest(fields: Partial<NewManagedRun> = {}): NewManagedRun {
  return {
    projectNumber: 0,
    name: 'job',
    description: null,
    spec: aSpec({ roles: [aRole({ replicas: 2 })] }),
    tags: [],
    extensions: {},
    idempotencyKey: null,
    ...fields,
  };
}

/** What a client that reports by itself asks for, with a plain value for each field. */
export function aTrackedRequest(fields: Partial<NewTrackedRun> = {}): NewTrackedRun {
  return {
    projectNumber: 0,
    name: 'tracked',
    description: null,
    spec: null,
    tags: [],
    extensions: {},
    idempotencyKey: null,
    ...fields,
  };
}

/** A project as dialects ask for it. */
export const aProject = (fields: Partial<NewProjectInput> = {}): NewProjectInput => ({
  name: 'Quick Start',
  description: null,
  isPublic: false,
  tags: [],
  extensions: {},
  ...fields,
});
