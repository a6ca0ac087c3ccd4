import { runRoot, serviceRoot } from '../core/artifact-path.js';
import type { RunId, RunKey, ServiceId, ServiceKey } from '../core/ids.js';
import { type Observation, Rejected, type Runner } from '../core/ports/index.js';
import { asRunId, type Service } from '../core/service.js';
import { isTerminal } from '../core/status.js';
import type { Ports } from '../services/context.js';
import { loadService, type ServiceSnapshot } from '../services/services/load.js';
import { recordService, removeService } from '../services/services/record.js';
import { decideService, type ServiceDecision } from './decide-service.js';
import { lastLine } from './last-line.js';
import type { ReconcilerLogger } from './logger.js';
import { linkOf, servicePlan } from './service-plan.js';
import { createWorkQueue } from './work-queue.js';

/** Submissions that fail for a passing reason are repeated this often before the service has failed. */
const submissionTries = 5;
/** How often a program that starts is looked at, for nobody tells when it listens. */
const lookMillis = 200;
const linksAtOnce = 1000;

export interface ServiceLoopOptions {
  readonly ports: Ports;
  readonly runner: Runner;
  readonly graceSeconds: number;
  readonly logger: ReconcilerLogger;
  /** Told when a service of a run is gone: whoever removes the run waits for that. */
  readonly onRemoved: (runKey: RunKey) => void;
}

/** Makes services into what is wanted of them. */
export interface ServiceLoop {
  /** A service may need attention. */
  wake(key: ServiceKey): void;
  /** The runner has seen something of what is no run. */
  observed(id: RunId): Promise<void>;
  /** Looks at all services. */
  sweep(): Promise<void>;
  /** Sees to it that the services of a run that was deleted go. True if none is left. */
  clear(runKey: RunKey): Promise<boolean>;
  close(): Promise<void>;
}

/** A loop that begins with the first sweep. */
export function createServiceLoop(options: ServiceLoopOptions): ServiceLoop {
  const { ports, runner, logger } = options;
  const { read } = ports.store;
  /** The greatest number of the runs that a project's service shows already. */
  const shown = new Map<ServiceKey, number>();
  const timers = new Set<NodeJS.Timeout>();
  const queue = createWorkQueue<ServiceKey>({
    concurrency: 4,
    work: look,
    onError: (serviceKey, error, failures) =>
      logger.warn({ err: error, serviceKey, failures }, 'a service will be tried again'),
    firstWaitMillis: 200,
    longestWaitMillis: 30_000,
  });

  async function look(key: ServiceKey, failures: number): Promise<void> {
    for (;;) {
      const snapshot = await loadService(read, key);
      if (snapshot === null) return;
      const seen = await runner.inspect(asRunId(snapshot.service.id));
      if (!(await act(snapshot, decideService(snapshot, seen), failures))) return;
    }
  }

  /** @returns true if the service should be looked at again at once. */
  async function act(
    { service }: ServiceSnapshot,
    decision: ServiceDecision,
    failures: number,
  ): Promise<boolean> {
    switch (decision.kind) {
      case 'none':
        return false;
      case 'submit':
        return submit(service, failures);
      case 'watch':
        await watch(service, decision.seen);
        return false;
      case 'fail':
        await fail(service, decision.seen);
        return true;
      case 'forget':
        return forget(service);
      case 'stop':
        return stop(service);
      case 'remove':
        await remove(service);
        return true;
    }
  }

  async function submit(service: Service, failures: number): Promise<boolean> {
    ports.crash('service.begin');
    shown.delete(service.key);
    try {
      await showOutputs(service);
      await runner.submit(servicePlan(service));
    } catch (error) {
      if (!(error instanceof Rejected) && failures + 1 < submissionTries) throw error;
      const reason = error instanceof Rejected ? error.reason : 'submit_rejected';
      const message = error instanceof Error ? error.message : String(error);
      await recordService(ports, service, { status: 'failed', reason, message });
      return true;
    }
    ports.crash('service.submitted');
    await recordService(ports, service, { status: 'starting', port: await portOf(service) });
    return true;
  }

  async function watch(service: Service, seen: Observation): Promise<void> {
    if (service.runKey === null) await showOutputs(service);
    if (service.status === 'running') return;
    const port = await portOf(service);
    if (port !== null && seen.status === 'running' && (await ports.serviceHost.listens(port))) {
      return recordService(ports, service, { status: 'running', port });
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      queue.add(service.key);
    }, lookMillis);
    timers.add(timer);
  }

  function portOf({ id, jobId }: Service): Promise<number | null> {
    return runner.portOf(asRunId(id), jobId);
  }

  async function showOutputs({ key, id, projectKey, runKey }: Service): Promise<void> {
    const root = serviceRoot(id);
    if (runKey !== null) {
      const run = await read.runs.findByKey(runKey);
      const links = run === null ? [] : [linkOf({ ...run, root: runRoot(run.artifactRoot) })];
      return ports.serviceHost.link(root, links);
    }
    for (;;) {
      const runs = await read.services.shownRuns(projectKey, shown.get(key) ?? 0, linksAtOnce);
      if (runs.length > 0 || !shown.has(key)) await ports.serviceHost.link(root, runs.map(linkOf));
      shown.set(key, runs.at(-1)?.number ?? shown.get(key) ?? 0);
      if (runs.length < linksAtOnce) return;
    }
  }

  async function fail(service: Service, seen: Observation): Promise<void> {
    const line = await lastLine(ports.logs, { runId: seen.runId, jobId: seen.jobId });
    const message = seen.message ?? (seen.exitCode === null ? 'ended' : `exit code ${seen.exitCode}`);
    await recordService(ports, service, {
      status: 'failed',
      reason: seen.reason,
      message: line === null ? message : `${message}: ${line}`,
    });
  }

  async function forget({ id }: Service): Promise<boolean> {
    if (!(await hasEnded(id))) {
      await runner.stop(asRunId(id), options.graceSeconds);
      if (!(await hasEnded(id))) return false;
    }
    await runner.remove(asRunId(id));
    return true;
  }

  async function stop({ id }: Service): Promise<boolean> {
    await runner.stop(asRunId(id), options.graceSeconds);
    return hasEnded(id);
  }

  async function hasEnded(id: ServiceId): Promise<boolean> {
    return (await runner.inspect(asRunId(id))).every(({ status }) => isTerminal(status));
  }

  /** The row goes last: as long as it is there, a server that was killed goes on with this. */
  async function remove({ key, id, runKey }: Service): Promise<void> {
    shown.delete(key);
    await runner.remove(asRunId(id));
    await ports.logs.remove(asRunId(id));
    await ports.artifacts.remove(serviceRoot(id), null);
    ports.crash('service.removing');
    if ((await removeService(ports, key)) && runKey !== null) options.onRemoved(runKey);
  }

  return {
    wake: (key) => queue.add(key),
    async observed(id) {
      const service = await read.services.findById(id as string as ServiceId);
      if (service !== null) queue.add(service.key);
    },
    async sweep() {
      for (const key of await read.services.keys()) queue.add(key);
    },
    async clear(runKey) {
      const keys = await read.services.keysOfRun(runKey);
      for (const key of keys) queue.add(key);
      return keys.length === 0;
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await queue.close();
    },
  };
}
