import { type Logger, pino } from 'pino';
import type { Config } from '../config.js';
import type { RunId, ServiceId } from '../core/ids.js';
import type { Runner, Waker } from '../core/ports/index.js';
import type { Health } from '../gateway/readiness.js';
import type { Adapter, AdapterFactory, Lifecycle } from '../http/adapter.js';
import { createReconciler } from '../reconciler/index.js';
import { createKubernetesRunner } from '../runner/kubernetes/kubernetes-runner.js';
import { createLocalRunner } from '../runner/local/local-runner.js';
import { createFrancaServer, type FrancaServer } from '../server.js';
import { bootstrap } from '../services/accounts/bootstrap.js';
import { issueRunToken } from '../services/accounts/run-token.js';
import { releaseLostCode } from '../services/artifacts/code.js';
import { removeLostModels } from '../services/lifecycle/purge-models.js';
import type { JobTold } from '../services/lifecycle/tell-jobs.js';
import { acquireServerLock } from '../store/server-lock.js';
import { adapterDepsOf } from './adapter-deps.js';
import { boundHeap } from './bound-heap.js';
import { type Cleanup, createCleanup } from './cleanup.js';
import { localRunnerFolder, prepareDataFolder } from './data-folder.js';
import { nobodyToWake, type OpenPorts, openPorts } from './open-ports.js';
import { loadTokenKey } from './token-key.js';
import { watchClock } from './watch-clock.js';

/** How long a job may take to end after SIGTERM, in seconds. */
const graceSeconds = 10;
/** How often what jobs leave is taken in while they run, in seconds. */
const collectSeconds = 10;
/** How often every unfinished run is looked at, whatever woke the reconciler before, in seconds. */
const resyncSeconds = 30;

/** What main.ts puts in: the dialects, and the version of the package. */
export interface Product {
  readonly factories: readonly AdapterFactory[];
  readonly version: string;
}

/** A server that runs. */
export interface Serving {
  /** What the user is told on start. */
  readonly banner: string;
  readonly logger: Logger;
  /** Lets requests finish, closes everything, and leaves jobs running. A second call waits for the first. */
  stop(): Promise<void>;
}

function bannerOf(config: Config, adapters: readonly Adapter[], version: string): string {
  const database = config.databaseUrl === null ? 'SQLite' : 'PostgreSQL for the database';
  const authentication = config.authRequired
    ? 'token: every request needs one'
    : `none: whoever reaches this address acts as ${config.user}`;
  const jobs =
    config.kubernetes === null
      ? 'processes of this machine'
      : `pods on Kubernetes, in ${config.kubernetes.namespaces.join(', ')}`;
  return [
    `Franca ${version} listens on ${config.url}`,
    `  dialects        ${adapters.map(({ name }) => name).join(', ')}`,
    `  data            ${config.dataFolder} (${database})`,
    `  jobs            ${jobs}`,
    `  authentication  ${authentication}`,
    '',
  ].join('\n');
}

/** Part of the time that a stop may take, kept for closing everything after the last request. */
function requestGrace(shutdownSeconds: number): number {
  const total = shutdownSeconds * 1000;
  return total - Math.min(1000, total / 4);
}

/** Opens the data folder and the database for one server alone. */
async function openExclusively(config: Config, waker: Waker, cleanup: Cleanup): Promise<OpenPorts> {
  prepareDataFolder(config.dataFolder);
  const lock = acquireServerLock(config.dataFolder);
  cleanup.add(() => lock.release());
  const open = await openPorts(config, waker);
  cleanup.add(() => open.close());
  await open.artifacts.removeLeftovers();
  await releaseLostCode(open.ports);
  await removeLostModels(open.ports);
  return open;
}

function startRunner(config: Config, open: OpenPorts, logger: Logger, cleanup: Cleanup): Runner {
  const runner =
    config.kubernetes === null
      ? createLocalRunner({
          folder: localRunnerFolder(config),
          logs: open.logs,
          artifacts: open.artifacts,
          slots: config.localSlots,
          crash: open.ports.crash,
          logger,
          serverEnvironment: config.inherited,
        })
      : createKubernetesRunner({
          settings: config.kubernetes,
          instance: instanceOf(open),
          dataFolder: config.dataFolder,
          logs: open.logs,
          artifacts: open.artifacts,
          graceSeconds,
          isKnown: (id) => isKnown(open, id),
          now: open.ports.clock.now,
          crash: open.ports.crash,
          logger,
        });
  cleanup.add(() => runner.close());
  return runner;
}

/** One for each database: so two servers can share a namespace, and a new server finds what the last one left. */
function instanceOf({ ports }: OpenPorts): string {
  return ports.store.createdAtMs.toString(36);
}

/** To a runner a service is a run. */
async function isKnown({ ports }: OpenPorts, id: RunId): Promise<boolean> {
  const { runs, services } = ports.store.read;
  return (await runs.find(id)) !== null || (await services.findById(id as string as ServiceId)) !== null;
}

/** What a job of any dialect is told: where Franca and its outputs are, which run it is, and each dialect's own variables for that. */
function jobEnvironment(config: Config, adapters: readonly Adapter[], told: JobTold): Record<string, string> {
  return Object.assign(
    {
      FRANCA_URL: config.jobUrl,
      FRANCA_RUN_ID: told.run.id,
      FRANCA_RUN_TOKEN: told.token,
      FRANCA_OUTPUTS_PATH: told.outputs,
    },
    ...adapters.map((adapter) => adapter.jobEnvironment(told)),
  );
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EACCES: 'this user may not use it',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name is unknown',
};

async function listen(server: FrancaServer, { host, port }: Config): Promise<void> {
  try {
    await server.listen(host, port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = reasons[code] ?? code;
    throw new Error(`cannot listen on ${host}, port ${port} (FRANCA_HOST, FRANCA_PORT): ${reason}`, {
      cause: error,
    });
  }
}

async function start(
  config: Config,
  { factories, version }: Product,
  logger: Logger,
  lifecycle: Lifecycle,
  cleanup: Cleanup,
): Promise<string> {
  let waker = nobodyToWake;
  const open = await openExclusively(
    config,
    {
      wake: (key) => waker.wake(key),
      wakeService: (key) => waker.wakeService(key),
      wakeProject: (key) => waker.wakeProject(key),
    },
    cleanup,
  );
  const { ports } = open;
  const workspace = await bootstrap(ports, { user: config.user, workspace: config.workspace });
  const deps = adapterDepsOf(config, { ports, workspace, lifecycle, logger, version });
  const adapters = factories.map((create) => create(deps));
  const runner = startRunner(config, open, logger, cleanup);
  const tokenKey = loadTokenKey(config.dataFolder);
  const reconciler = createReconciler({
    ports,
    runner,
    runToken: (run) => issueRunToken(ports, tokenKey, run),
    jobEnvironment: (told) => jobEnvironment(config, adapters, told),
    takeIn: async (inbox) => {
      for (const adapter of adapters) await adapter.takeIn?.(inbox);
    },
    collectSeconds,
    graceSeconds,
    resyncSeconds,
    logger,
  });
  waker = reconciler;
  const health: Health = {
    pingStore: () => ports.store.ping(),
    reconcilerReady: () => reconciler.ready(),
    runnerReachable: () => runner.reachable(),
    stopping: () => lifecycle.stopping,
  };
  const server = createFrancaServer({ deps, adapters, health });
  // Before any job is touched: a taken port ends the start.
  await listen(server, config);
  cleanup.add(watchClock(ports.clock, logger));
  cleanup.add(() => reconciler.stop());
  cleanup.add(() => server.close(requestGrace(config.shutdownSeconds)));
  await reconciler.start();
  return bannerOf(config, adapters, version);
}

/**
 * Starts everything in the order in which it depends on each other; if something fails, what was
 * started is closed again in reverse order. Rejects with a message for the user.
 */
export async function serve(config: Config, product: Product): Promise<Serving> {
  boundHeap();
  const logger = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  const lifecycle = { stopping: false };
  const cleanup = createCleanup();
  try {
    const banner = await start(config, product, logger, lifecycle, cleanup);
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      lifecycle.stopping = true;
      stopped ??= cleanup.run();
      return stopped;
    };
    return { banner, logger, stop };
  } catch (error) {
    await cleanup.run().catch(() => {});
    throw error;
  }
}
