import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderArtifactStore } from '../../src/artifacts/folder-store.js';
import type { Observation, Runner } from '../../src/core/ports/index.js';
import { createFileLogStore, type FileLogStore } from '../../src/logs/file-log-store.js';
import type { Cluster } from '../../src/runner/kubernetes/cluster.js';
import { createKubernetesRunner } from '../../src/runner/kubernetes/kubernetes-runner.js';
import { someSettings } from '../runner/kubernetes/settings.js';
import type { Space } from './space.js';
import { image } from './support.js';

/** A runner without the server around it, whose requests can be counted. */
export interface BareRunner {
  readonly runner: Runner;
  readonly logs: FileLogStore;
  /** All that it told, in order. */
  readonly told: readonly Observation[];
  close(): Promise<void>;
}

/** Starts it in a namespace. It closes the connection with itself. */
export async function startBareRunner(
  space: Space,
  cluster: Cluster,
  options: { readonly watchSeconds?: number } = {},
): Promise<BareRunner> {
  const folder = await mkdtemp(join(tmpdir(), 'franca-bare-'));
  const logs = createFileLogStore(join(folder, 'logs'));
  const runner = createKubernetesRunner({
    settings: someSettings({ namespaces: [space.name], image }),
    instance: 'bare',
    dataFolder: folder,
    logs,
    artifacts: createFolderArtifactStore(join(folder, 'artifacts')),
    graceSeconds: 10,
    isKnown: async () => true,
    now: () => Date.now() * 1000,
    crash: () => {},
    logger: { warn: () => {}, error: () => {} },
    connect: async () => cluster,
    ...options,
  });
  const told: Observation[] = [];
  const stopping = new AbortController();
  const listening = (async () => {
    for await (const observation of runner.observe(stopping.signal)) told.push(observation);
  })();
  await runner.recover();
  return {
    runner,
    logs,
    told,
    async close() {
      stopping.abort();
      await runner.close();
      await listening;
      await logs.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
