import { join } from 'node:path';
import { createFolderArtifactStore, type FolderArtifactStore } from '../artifacts/folder-store.js';
import type { Config } from '../config.js';
import type { Waker } from '../core/ports/index.js';
import { createJobDatabases } from '../job-databases/job-databases.js';
import { createFileLogStore, type FileLogStore } from '../logs/file-log-store.js';
import { noMeter, noServices } from '../runner/kubernetes/beside-runs.js';
import { createLocalJobMeter } from '../runner/local/job-meter.js';
import { createLocalServiceHost } from '../runner/local/service-host.js';
import { announcing, createChanges } from '../services/changes.js';
import type { Ports } from '../services/context.js';
import { openStore } from '../store/open.js';
import { createTableReader } from '../tables/table-reader.js';
import { localRunnerFolder, prepareDataFolder } from './data-folder.js';
import { createClock, createCrash, systemIds } from './system-ports.js';

/** The ports over the real data folder and database, and how to leave them. */
export interface OpenPorts {
  readonly ports: Ports;
  readonly logs: FileLogStore;
  readonly artifacts: FolderArtifactStore;
  close(): Promise<void>;
}

/** Opens what services work on. Rejects with a message for the user when that cannot be. */
export async function openPorts(config: Config, waker: Waker): Promise<OpenPorts> {
  prepareDataFolder(config.dataFolder);
  const clock = createClock(config.clockFile);
  const store = await openStore({
    dataFolder: config.dataFolder,
    url: config.databaseUrl,
    now: clock.now,
  });
  const changes = createChanges();
  const logs = createFileLogStore(join(config.dataFolder, 'logs'));
  const artifacts = createFolderArtifactStore(join(config.dataFolder, 'artifacts'));
  return {
    ports: {
      store: announcing(store, changes),
      logs,
      artifacts,
      tables: createTableReader({ artifacts }),
      ...besideRuns(config, artifacts),
      jobDatabases: createJobDatabases(),
      clock,
      ids: systemIds,
      waker,
      changes,
      crash: createCrash(config.crash),
    },
    logs,
    artifacts,
    async close() {
      await logs.close();
      await store.close();
    },
  };
}

/** What goes with the runner of these settings. */
function besideRuns(config: Config, artifacts: FolderArtifactStore): Pick<Ports, 'serviceHost' | 'meter'> {
  if (config.kubernetes !== null) return { serviceHost: noServices, meter: noMeter };
  return {
    serviceHost: createLocalServiceHost({
      limit: config.localServices,
      path: config.inherited.PATH,
      artifacts,
    }),
    meter: createLocalJobMeter(localRunnerFolder(config)),
  };
}

/** For commands that run beside a server: its next sweep sees what they changed. */
export const nobodyToWake: Waker = { wake: () => {}, wakeService: () => {}, wakeProject: () => {} };
