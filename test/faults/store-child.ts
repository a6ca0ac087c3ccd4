import { statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { createFolderArtifactStore } from '../../src/artifacts/folder-store.js';
import type { RunKey, UserKey } from '../../src/core/ids.js';
import type { Store } from '../../src/core/ports/index.js';
import { createJobDatabases } from '../../src/job-databases/job-databases.js';
import { createFileLogStore } from '../../src/logs/file-log-store.js';
import { createLocalJobMeter } from '../../src/runner/local/job-meter.js';
import { createLocalServiceHost } from '../../src/runner/local/service-host.js';
import { createChanges } from '../../src/services/changes.js';
import type { Context } from '../../src/services/context.js';
import { logBatch, type RunBatch } from '../../src/services/runs/log-batch.js';
import { migrateToLatest } from '../../src/store/migrate.js';
import { connectSqlite, createStore, openSqliteFile, openStore } from '../../src/store/open.js';
import { createTableReader } from '../../src/tables/table-reader.js';
import { aPoint } from '../conformance/store/fixtures.js';

/*
 * Processes that write into a store until they are killed or their input ends. Each prints a line for
 * everything that was acknowledged, at once and before it goes on.
 */

const now = (): number => Date.now() * 1000;
const [mode = '', dataFolder = '', ...rest] = process.argv.slice(2);

/** Points of one batch. */
const batchSize = 5;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** The setting of a request by a superuser to the workspace of this run. */
async function contextOf(store: Store, runKey: RunKey): Promise<Context> {
  const run = await store.read.runs.findByKey(runKey);
  const project = run === null ? null : await store.read.projects.find(run.projectKey);
  if (project === null) throw new Error('the run is gone');
  const artifacts = createFolderArtifactStore(join(dataFolder, 'artifacts'));
  const user = { key: 1 as UserKey, id: v7(), name: 'root', isSuperuser: true, createdAt: 0 };
  return {
    ports: {
      store,
      logs: createFileLogStore(join(dataFolder, 'logs')),
      artifacts,
      tables: createTableReader({ artifacts }),
      serviceHost: createLocalServiceHost({ limit: 0, path: '', artifacts }),
      meter: createLocalJobMeter(join(dataFolder, 'local')),
      jobDatabases: createJobDatabases(),
      clock: { now },
      ids: { uuid: () => v7(), secret: () => v7() },
      waker: { wake: () => undefined, wakeService: () => undefined, wakeProject: () => undefined },
      changes: createChanges(),
      crash: () => undefined,
    },
    actor: { user, runKey: null },
    workspace: { key: project.workspaceKey, name: 'root', createdAt: 0 },
  };
}

/** Points of one step, a param that is there or is not, and the step as a tag. */
function batch(step: number): RunBatch {
  const points = Array.from({ length: batchSize }, (_, index) =>
    aPoint(`m${index}`, step, { step: BigInt(step) }),
  );
  const param = {
    key: `p${step % 100}`,
    type: 'integer',
    text: String(step % 100),
    number: step % 100,
  } as const;
  return {
    batches: [points],
    params: { mode: 'once', params: [param] },
    tags: [{ key: 'last', value: String(step) }],
  };
}

/** Several callers log batches into their runs: `log <folder> <first step> <run key>…`. */
async function logBatches(): Promise<void> {
  const store = await openStore({ dataFolder, url: null, now });
  const [first, ...runKeys] = rest.map(Number);
  await Promise.all(
    runKeys.map(async (number) => {
      const runKey = number as RunKey;
      const ctx = await contextOf(store, runKey);
      for (let step = first ?? 0; ; step += 1) {
        await logBatch(ctx, { key: runKey }, batch(step));
        say(`${runKey} ${step}`);
      }
    }),
  );
}

/** One caller logs batches, with the length of the WAL after each: `tail <folder> <run key>`. */
async function logWithWal(): Promise<void> {
  const database = openSqliteFile(dataFolder);
  database.pragma('wal_autocheckpoint = 0');
  const connections = connectSqlite(database);
  await migrateToLatest(connections.write, 'sqlite');
  const store = await createStore(connections, now);
  const runKey = Number(rest[0]) as RunKey;
  const ctx = await contextOf(store, runKey);
  for (let step = 1; ; step += 1) {
    await logBatch(ctx, { key: runKey }, batch(step));
    say(`${step} ${statSync(join(dataFolder, 'franca.db-wal')).size}`);
  }
}

/** What an admin command does, over and over until the input ends: `admin <folder>`. */
async function administrate(): Promise<void> {
  let isOver = false;
  process.stdin.on('end', () => {
    isOver = true;
  });
  process.stdin.resume();
  let stored = 0;
  while (!isOver) {
    const store = await openStore({ dataFolder, url: null, now });
    await store.transaction(async (tx) => {
      await tx.accounts.insertUser({ id: v7(), name: `u${v7()}`, isSuperuser: false, createdAt: now() });
    });
    await store.close();
    stored += 1;
  }
  say(String(stored));
}

if (mode === 'log') await logBatches();
else if (mode === 'tail') await logWithWal();
else if (mode === 'admin') await administrate();
else throw new Error(`no such mode: ${mode}`);
