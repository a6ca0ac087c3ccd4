import type { ProjectKey, RunKey, ServiceKey } from '../core/ids.js';
import type { Run } from '../core/model.js';
import type { Runner } from '../core/ports/index.js';
import type { Ports } from '../services/context.js';
import type { JobInbox } from '../services/intake/take-in.js';
import { purgeModels } from '../services/lifecycle/purge-models.js';
import type { JobTold } from '../services/lifecycle/tell-jobs.js';
import { createApply } from './apply.js';
import { createCollector } from './collector.js';
import { createLine } from './line.js';
import type { ReconcilerLogger } from './logger.js';
import { createServiceLoop } from './services.js';
import { createWorkQueue } from './work-queue.js';

export interface ReconcilerOptions {
  readonly ports: Ports;
  readonly runner: Runner;
  /** The token of the run's current attempt; the same one however often it is asked for. */
  readonly runToken: (run: Run) => Promise<string>;
  /** What Franca adds to a job's environment: each dialect's variables, by which a client finds its run. */
  readonly jobEnvironment: (told: JobTold) => Readonly<Record<string, string>>;
  /** Takes in what each dialect's clients left in the inbox of a job. */
  readonly takeIn: (inbox: JobInbox) => Promise<void>;
  /** How often the inboxes of jobs that run are looked at. */
  readonly collectSeconds: number;
  /** How long a job may take to end after SIGTERM. */
  readonly graceSeconds: number;
  /** How often every unfinished run, every service and every deleted project is looked at, whatever woke us before. */
  readonly resyncSeconds: number;
  readonly logger: ReconcilerLogger;
}

export interface Reconciler {
  /** Finds again what runs, looks at every unfinished run, and goes on from there. */
  start(): Promise<void>;
  /** Stops looking; jobs go on. */
  stop(): Promise<void>;
  /** A run may need attention. */
  wake(runKey: RunKey): void;
  /** A service may need attention. */
  wakeService(key: ServiceKey): void;
  /** A project was deleted for good. */
  wakeProject(key: ProjectKey): void;
  /** True once everything that an earlier process left has been found again. */
  ready(): boolean;
}

const concurrency = 16;

/** Makes what runs into what is wanted: the only one that talks to the runner. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { ports, runner, logger } = options;
  const stopping = new AbortController();
  const line = createLine({ ports, slots: runner.slots, wake: (key) => queue.add(key) });
  const services = createServiceLoop({ ...options, onRemoved: (key) => queue.add(key) });
  const collector = createCollector(options);
  const apply = createApply({ ...options, line, services, collector });
  const queue = createWorkQueue<RunKey>({
    concurrency,
    work: apply,
    onError: (runKey, error, failures) =>
      logger.warn({ err: error, runKey, failures }, 'a run will be tried again'),
    firstWaitMillis: 200,
    longestWaitMillis: 30_000,
  });
  const projects = createWorkQueue<ProjectKey>({
    concurrency: 1,
    work: (key) => purgeModels(ports, key),
    onError: (projectKey, error, failures) =>
      logger.warn({ err: error, projectKey, failures }, 'the models of a project will be removed later'),
    firstWaitMillis: 200,
    longestWaitMillis: 30_000,
  });
  let recovered = false;
  let observing: Promise<void> = Promise.resolve();
  let resync: NodeJS.Timeout | undefined;

  async function watch(): Promise<void> {
    for await (const seen of runner.observe(stopping.signal)) {
      const run = await ports.store.read.runs.find(seen.runId).catch(() => null);
      if (run !== null) queue.add(run.key);
      else await services.observed(seen.runId).catch(() => undefined);
    }
  }

  async function sweep(): Promise<void> {
    for (const key of await ports.store.read.runs.unfinished()) queue.add(key);
    await sweepBeside();
  }

  async function sweepBeside(): Promise<void> {
    for (const key of await ports.store.read.projects.withModelsToPurge()) projects.add(key);
    await services.sweep();
  }

  return {
    async start() {
      await runner.recover();
      const unfinished = await ports.store.read.runs.unfinished();
      await line.restore(unfinished);
      observing = watch().catch((error) => logger.warn({ err: error }, 'watching jobs failed'));
      for (const key of unfinished) queue.add(key);
      await sweepBeside();
      collector.start();
      recovered = true;
      resync = setInterval(() => {
        sweep().catch((error) => logger.warn({ err: error }, 'unfinished runs could not be listed'));
      }, options.resyncSeconds * 1000);
    },
    async stop() {
      clearInterval(resync);
      stopping.abort();
      await Promise.all([queue.close(), services.close(), projects.close(), collector.close()]);
      await observing;
      await runner.close();
    },
    wake: (key) => queue.add(key),
    wakeService: (key) => services.wake(key),
    wakeProject: (key) => projects.add(key),
    ready: () => recovered && !stopping.signal.aborted,
  };
}
