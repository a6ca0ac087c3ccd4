import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid, type JobId, type RunId } from '../../core/ids.js';
import { readIfThere, touch, writeDurably } from '../durable-files.js';
import type { Layout } from './layout.js';

/** One job of a run, of whatever attempt. */
export interface PlannedJob {
  readonly id: JobId;
  readonly role: string;
  readonly index: number;
  readonly attempt: number;
  /** Where it may listen, for its fellows and others; null in the plans of versions that gave ports to some jobs only. */
  readonly port: number | null;
  /** True if something is set up before its command; absent in the plans of versions that knew no setup. */
  readonly hasSetup?: boolean;
}

/** What this runner was last told of a run, and all jobs that it ever had. */
export interface StoredPlan {
  readonly runId: RunId;
  readonly attempt: number;
  readonly revision: number;
  /** The jobs that shall exist. */
  readonly current: readonly JobId[];
  readonly jobs: readonly PlannedJob[];
}

/** The plans on disk. A run is active from before its plan is stored until all its jobs have ended. */
export interface PlanStore {
  read(runId: RunId): Promise<StoredPlan | null>;
  write(plan: StoredPlan): Promise<void>;
  activate(runId: RunId): Promise<void>;
  deactivate(runId: RunId): Promise<void>;
  listActive(): Promise<readonly RunId[]>;
  remove(runId: RunId): Promise<void>;
}

/** The plans below a runner's folder. Errors are those of the file system. */
export function createPlanStore(layout: Layout): PlanStore {
  const planFile = (runId: RunId) => join(layout.plans, `${runId}.json`);
  const marker = (runId: RunId) => join(layout.active, runId);
  return {
    async read(runId) {
      const text = await readIfThere(planFile(runId));
      return text === null ? null : (JSON.parse(text) as StoredPlan);
    },
    async write(plan) {
      await writeDurably(planFile(plan.runId), JSON.stringify(plan));
    },
    async activate(runId) {
      await touch(marker(runId));
    },
    async deactivate(runId) {
      await rm(marker(runId), { force: true });
    },
    async listActive() {
      return (await readdir(layout.active)).filter((name): name is RunId => isUuid(name));
    },
    async remove(runId) {
      await rm(planFile(runId), { force: true });
      await rm(marker(runId), { force: true });
    },
  };
}
