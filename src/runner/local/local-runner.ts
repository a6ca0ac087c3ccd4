import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Mutex } from 'async-mutex';
import type { ArtifactRoot } from '../../core/artifact-path.js';
import { isUuid, type JobId, type RunId } from '../../core/ids.js';
import { type Observation, Rejected, type Runner, type RunPlan } from '../../core/ports/runner.js';
import type { Crash } from '../../core/ports/system.js';
import { findRole } from '../../core/spec.js';
import type { FileLogStore } from '../../logs/file-log-store.js';
import { codeOf } from '../durable-files.js';
import { createObservationQueue } from '../observation-queue.js';
import { contentOf, type RunnableJob, rolesOf } from './job-content.js';
import { layoutOf } from './layout.js';
import { type JobRef, LiveJobs } from './live-jobs.js';
import type { Logger } from './logger.js';
import { observationOf } from './observations.js';
import { createPlanStore, type PlannedJob, type PlanStore, type StoredPlan } from './plan-store.js';
import { createPortBook } from './port-book.js';

/** From SIGTERM to SIGKILL for jobs that a new plan does not name. */
const respecifiedGraceMillis = 10_000;

/** What the runner needs of the store of artifacts, which must be on this machine. */
export interface LocalArtifacts {
  /** The absolute path of a root's folder, made if need be. */
  localFolder(root: ArtifactRoot): Promise<string>;
  /** Copies every file of a root into an empty folder. */
  checkout(root: ArtifactRoot, target: string): Promise<void>;
}

/** What a local runner needs. */
export interface LocalRunnerOptions {
  /** The runner's own folder; made if there is none. */
  readonly folder: string;
  readonly logs: FileLogStore;
  readonly artifacts: LocalArtifacts;
  /** How many jobs may run at once: told to whoever admits, not enforced here. */
  readonly slots: number;
  readonly crash: Crash;
  readonly logger: Logger;
  /** The compiled supervisor; by default the one beside this module. */
  readonly supervisorPath?: string;
  /** How often jobs are looked at although nothing was heard of them. */
  readonly pollMillis?: number;
  /** Where jobs have their PATH and LANG from, and nothing else. */
  readonly serverEnvironment: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs jobs as processes of this machine, each with a supervisor that outlives this process. Linux, and macOS
 * without finding processes that left their job's group; throws on Windows.
 */
export function createLocalRunner(options: LocalRunnerOptions): Runner {
  if (process.platform === 'win32')
    throw new Error('the local runner works on Linux and macOS, not on Windows');
  return new LocalRunner(options);
}

class LocalRunner implements Runner {
  readonly slots: number;
  private readonly plans: PlanStore;
  private readonly ports = createPortBook();
  private readonly queue = createObservationQueue();
  private readonly jobs: LiveJobs;
  /** The plans of runs whose jobs have not all ended. */
  private readonly active = new Map<RunId, StoredPlan>();
  private readonly locks = new Map<RunId, Mutex>();
  private readonly watcher: FSWatcher;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: LocalRunnerOptions) {
    const layout = layoutOf(options.folder);
    for (const folder of Object.values(layout)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.slots = options.slots;
    this.plans = createPlanStore(layout);
    this.jobs = new LiveJobs({
      layout,
      supervisorProgram: options.supervisorPath ?? fileURLToPath(new URL('./supervisor.js', import.meta.url)),
      path: options.serverEnvironment.PATH,
      logger: options.logger,
      onChange: ({ runId, jobId }, state) => {
        const planned = this.active.get(runId)?.jobs.find(({ id }) => id === jobId);
        this.queue.push(observationOf(runId, planned ?? { id: jobId }, state));
      },
      onEnd: (ref) => this.onEnd(ref),
    });
    this.watcher = watch(layout.states, { persistent: false }, (_event, name) => {
      if (name !== null) this.jobs.look(name, false);
    });
    this.watcher.on('error', (error) => {
      options.logger.warn(
        { error: error.message },
        'changes of jobs are seen by looking at them from time to time only',
      );
    });
    this.timer = setInterval(() => this.jobs.lookAtAll(), options.pollMillis ?? 1000).unref();
  }

  reachable(): boolean {
    return true;
  }

  async recover(): Promise<void> {
    for (const runId of await this.plans.listActive()) {
      try {
        await this.exclusively(runId, () => this.recoverRun(runId));
      } catch (error) {
        // One run that cannot be read must not keep the others from being found.
        this.options.logger.error({ runId, error: String(error) }, 'a run could not be found again');
      }
    }
  }

  /** Remarks nothing: on one machine there is no other place. */
  async submit(plan: RunPlan): Promise<readonly string[]> {
    checkIds(plan);
    const roles = rolesOf(plan);
    await this.exclusively(plan.runId, async () => {
      const before = await this.plans.read(plan.runId);
      if (before !== null && isOlder(plan, before)) return;
      const next = await this.merge(before, plan);
      const missing = roles.filter(
        ({ job: { id } }) => this.jobs.reading(id) === 'absent' && !this.jobs.isStarted(id),
      );
      const claims = await this.store({ before, next, plan, missing });
      for (const [jobId, claim] of claims) {
        this.jobs.start({ runId: plan.runId, jobId }, claim);
        this.options.crash('local.spawned');
      }
      for (const { id } of next.jobs)
        if (!this.hasEnded(id)) this.jobs.adopt({ runId: plan.runId, jobId: id });
      await this.settle(plan.runId);
    });
    return [];
  }

  async stop(runId: RunId, graceSeconds: number): Promise<void> {
    await this.exclusively(runId, async () => {
      const plan = await this.knownPlan(runId);
      const request = {
        reason: 'user_stop',
        graceMillis: Math.max(0, Math.round(graceSeconds * 1000)),
      } as const;
      for (const { id } of plan?.jobs ?? []) {
        if (!this.hasEnded(id)) this.jobs.stop({ runId, jobId: id }, request);
      }
    });
  }

  async inspect(runId: RunId): Promise<readonly Observation[]> {
    const plan = await this.knownPlan(runId);
    const jobs = (plan?.jobs ?? []).filter(({ id }) => this.jobs.isKnown(id));
    return jobs.map((job) => observationOf(runId, job, this.jobs.reading(job.id)));
  }

  async portOf(runId: RunId, jobId: JobId): Promise<number | null> {
    return (await this.knownPlan(runId))?.jobs.find(({ id }) => id === jobId)?.port ?? null;
  }

  async inboxOf(runId: RunId, jobId: JobId): Promise<string | null> {
    const isPlanned = (await this.knownPlan(runId))?.jobs.some(({ id }) => id === jobId) === true;
    return isPlanned ? this.jobs.inboxOf(jobId) : null;
  }

  observe(signal: AbortSignal): AsyncIterable<Observation> {
    return this.queue.consume(signal);
  }

  async remove(runId: RunId): Promise<void> {
    await this.exclusively(runId, async () => {
      const plan = await this.knownPlan(runId);
      if (plan === null) return;
      for (const { id } of plan.jobs) {
        if (this.hasEnded(id)) continue;
        // Looked at after that, for a claim may have come just before.
        this.jobs.forbid(id);
        if (this.jobs.reading(id) !== 'absent')
          throw new Error(`job ${id} has not ended: it cannot be removed`);
      }
      for (const { id } of plan.jobs) this.jobs.forget(id);
      for (const { id } of plan.jobs) await this.jobs.remove(id);
      await this.plans.remove(runId);
      this.deactivate(plan);
    });
  }

  async close(): Promise<void> {
    this.watcher.close();
    clearInterval(this.timer);
    this.queue.close();
    await Promise.all([...this.locks.values()].map((mutex) => mutex.waitForUnlock()));
    this.jobs.close();
  }

  private async recoverRun(runId: RunId): Promise<void> {
    const plan = await this.plans.read(runId);
    if (plan === null) return this.plans.deactivate(runId);
    this.activate(plan);
    for (const { id } of plan.jobs) this.jobs.adopt({ runId, jobId: id });
    await this.settle(runId);
  }

  /** What shall be known of the run from now on: its old jobs, and the new ones with ports of their own. */
  private async merge(
    before: StoredPlan | null,
    { runId, attempt, spec, jobs }: RunPlan,
  ): Promise<StoredPlan> {
    const all = new Map<JobId, PlannedJob>(before?.jobs.map((job) => [job.id, job]));
    for (const { id, role, index } of jobs) {
      if (all.has(id)) continue;
      const hasSetup = (findRole(spec, role)?.setup ?? null) !== null;
      all.set(id, { id, role, index, attempt, port: await this.ports.take(id), hasSetup });
    }
    return {
      runId,
      attempt,
      revision: spec.revision,
      current: jobs.map(({ id }) => id),
      jobs: [...all.values()],
    };
  }

  /**
   * Stores the plan and all that its missing jobs need, and ends the jobs that it does not name. Gives the claims
   * of the missing jobs. After an error all is as before, so that nothing is started that the caller gave up.
   */
  private async store(change: Change): Promise<ReadonlyMap<JobId, string>> {
    const { before, next, missing } = change;
    try {
      if (!this.active.has(next.runId)) await this.plans.activate(next.runId);
      if (JSON.stringify(before) !== JSON.stringify(next)) await this.plans.write(next);
      this.activate(next);
      this.options.crash('local.planStored');
      const claims = new Map<JobId, string>();
      const { artifacts } = this.options;
      const { artifactRoot, code } = change.plan;
      const outputs = await artifacts.localFolder(artifactRoot);
      const fill = async (work: string) => (code === null ? undefined : artifacts.checkout(code, work));
      for (const runnable of missing) {
        const { job } = runnable;
        const ref = { runId: next.runId, jobId: job.id };
        const claim = await this.jobs.prepare(ref, fill, (paths) =>
          contentOf(runnable, {
            plan: change.plan,
            stored: next,
            outputs,
            paths,
            server: this.options.serverEnvironment,
            logs: this.options.logs.folderOf(ref),
          }),
        );
        claims.set(job.id, claim);
        this.options.crash('local.jobStored');
      }
      this.stopOthers(next);
      return claims;
    } catch (error) {
      await this.rollBack(change);
      if (!isDiskFull(error)) throw error;
      throw new Rejected('disk_full', 'the disk of the server is full', { cause: error });
    }
  }

  private async rollBack({ before, next, missing }: Change): Promise<void> {
    const { runId } = next;
    try {
      this.deactivate(next);
      if (before !== null) this.activate(before);
      for (const { job } of missing) {
        this.jobs.forbid(job.id);
        if (this.jobs.reading(job.id) === 'absent') await this.jobs.remove(job.id);
        else this.jobs.adopt({ runId, jobId: job.id });
      }
      if (before === null) await this.plans.remove(runId);
      else await this.plans.write(before);
    } catch (error) {
      this.options.logger.warn({ runId, error: String(error) }, 'a plan could not be taken back');
    }
  }

  /** Ends what the plan does not name. */
  private stopOthers(plan: StoredPlan): void {
    for (const { id } of plan.jobs) {
      if (plan.current.includes(id) || this.hasEnded(id)) continue;
      this.jobs.stop(
        { runId: plan.runId, jobId: id },
        { reason: 'respecified', graceMillis: respecifiedGraceMillis },
      );
    }
  }

  private hasEnded(jobId: JobId): boolean {
    const reading = this.jobs.reading(jobId);
    return typeof reading !== 'string' && reading.end !== null;
  }

  private async knownPlan(runId: RunId): Promise<StoredPlan | null> {
    checkId(runId);
    return this.active.get(runId) ?? (await this.plans.read(runId));
  }

  private onEnd({ runId }: JobRef): void {
    this.exclusively(runId, () => this.settle(runId)).catch((error: unknown) => {
      this.options.logger.error({ runId, error: String(error) }, 'the end of a run could not be noted');
    });
  }

  /** Lets go of a run whose jobs have all ended. */
  private async settle(runId: RunId): Promise<void> {
    const plan = this.active.get(runId);
    if (plan === undefined) return;
    for (const { id } of plan.jobs) if (this.hasEnded(id)) this.ports.release(id);
    if (!plan.jobs.every(({ id }) => this.hasEnded(id))) return;
    await this.plans.deactivate(runId);
    this.deactivate(plan);
  }

  private activate(plan: StoredPlan): void {
    this.active.set(plan.runId, plan);
    for (const { id, port } of plan.jobs) if (port !== null && !this.hasEnded(id)) this.ports.hold(id, port);
  }

  private deactivate(plan: StoredPlan): void {
    this.active.delete(plan.runId);
    for (const { id } of plan.jobs) this.ports.release(id);
  }

  /** One thing at a time for each run. */
  private async exclusively<T>(runId: RunId, work: () => Promise<T>): Promise<T> {
    const mutex = this.locks.get(runId) ?? new Mutex();
    this.locks.set(runId, mutex);
    try {
      return await mutex.runExclusive(work);
    } finally {
      if (!mutex.isLocked()) this.locks.delete(runId);
    }
  }
}

interface Change {
  readonly before: StoredPlan | null;
  readonly next: StoredPlan;
  readonly plan: RunPlan;
  /** The jobs that have to be started. */
  readonly missing: readonly RunnableJob[];
}

/** A plan that was overtaken by one that was already submitted. */
function isOlder(plan: RunPlan, stored: StoredPlan): boolean {
  if (plan.attempt !== stored.attempt) return plan.attempt < stored.attempt;
  return plan.spec.revision < stored.revision;
}

function checkIds(plan: RunPlan): void {
  checkId(plan.runId);
  for (const { id } of plan.jobs) checkId(id);
}

/** Ids become names of files. */
function checkId(id: string): void {
  if (!isUuid(id)) throw new TypeError('not an id');
}

/** The artifact store tells of a full disk by the cause of its error. */
function isDiskFull(error: unknown): boolean {
  const codes = [codeOf(error), error instanceof Error ? codeOf(error.cause) : undefined];
  return codes.includes('ENOSPC') || codes.includes('EDQUOT');
}
