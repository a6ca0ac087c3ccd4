import type { JobId, RunKey } from '../core/ids.js';
import type { Job } from '../core/model.js';
import { type Runner, UnreadableDatabase } from '../core/ports/index.js';
import type { Ports } from '../services/context.js';
import type { JobInbox } from '../services/intake/take-in.js';
import { loadRun, type RunSnapshot } from '../services/lifecycle/load.js';
import type { ReconcilerLogger } from './logger.js';

export interface CollectorOptions {
  readonly ports: Ports;
  readonly runner: Pick<Runner, 'inboxOf'>;
  /** Takes in what clients left in an inbox. */
  readonly takeIn: (inbox: JobInbox) => Promise<void>;
  /** Between two looks at the inboxes of jobs that run. */
  readonly collectSeconds: number;
  readonly logger: ReconcilerLogger;
}

/** Takes in what jobs leave: while they run, from time to time, and all of it before their run's end is told. */
export interface Collector {
  start(): void;
  /** Notes whether jobs of this run may leave something now. */
  watch(key: RunKey, snapshot: RunSnapshot | null): void;
  /** Takes in all that is left of the jobs of a run, which have ended. Rejects if it was closed meanwhile. */
  finish(snapshot: RunSnapshot): Promise<void>;
  /** Leaves off after what is being stored. */
  close(): Promise<void>;
}

/** Looking takes at most this part of the time, one inbox after the other. */
const share = 0.1;

export function createCollector(options: CollectorOptions): Collector {
  const { ports, runner, takeIn, logger } = options;
  const watched = new Set<RunKey>();
  /** Running jobs whose inboxes cannot be read: they are looked at again when they have ended. */
  const unreadable = new Set<JobId>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  const closing = new AbortController();
  const { signal } = closing;

  async function collect({ run, spec }: RunSnapshot, job: Job, ended: boolean): Promise<void> {
    const folder = await runner.inboxOf(run.id, job.id);
    if (folder === null) return;
    try {
      await takeIn({ run, job, spec, folder, ended, signal });
    } catch (error) {
      if (!(error instanceof UnreadableDatabase)) throw error;
      if (!ended) unreadable.add(job.id);
      else logger.warn({ err: error, runKey: run.key, jobId: job.id }, 'what a job left cannot be read');
    }
  }

  async function look(): Promise<void> {
    for (const key of watched) {
      const snapshot = await loadRun(ports.store.read, key);
      for (const job of snapshot?.jobs ?? []) {
        if (signal.aborted) return;
        if (snapshot === null || job.status !== 'running' || unreadable.has(job.id)) continue;
        await collect(snapshot, job, false);
      }
    }
  }

  function schedule(millis: number): void {
    if (signal.aborted) return;
    timer = setTimeout(() => {
      const begin = performance.now();
      looking = look()
        .catch((error: unknown) => {
          if (!signal.aborted) logger.warn({ err: error }, 'what jobs leave could not be taken in');
        })
        .then(() => {
          const pause = ((performance.now() - begin) * (1 - share)) / share;
          schedule(Math.max(options.collectSeconds * 1000, pause));
        });
    }, millis).unref();
  }

  return {
    start: () => schedule(options.collectSeconds * 1000),
    watch(key, snapshot) {
      if (snapshot?.jobs.some((job) => job.status === 'running') === true) watched.add(key);
      else watched.delete(key);
    },
    async finish(snapshot) {
      for (const job of snapshot.jobs) {
        await collect(snapshot, job, true);
        unreadable.delete(job.id);
      }
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      await looking;
    },
  };
}
