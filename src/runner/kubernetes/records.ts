import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid, type JobId, type RunId } from '../../core/ids.js';
import type { Observation, RunPlan } from '../../core/ports/runner.js';
import { findRole } from '../../core/spec.js';
import type { Reason } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import { readIfThere, touch, writeDurably } from '../durable-files.js';
import { jobName } from './names.js';

/** A Job of the cluster that holds replicas of one role. */
export interface RecordedObject {
  readonly name: string;
  readonly role: string;
  readonly attempt: number;
  readonly namespace: string;
  /** Once the cluster has taken it; from then on it is never made again. */
  readonly uid: string | null;
}

/** One job of a run, of whatever attempt. */
export interface RecordedJob {
  readonly id: JobId;
  readonly role: string;
  readonly index: number;
  readonly attempt: number;
  /** The name of its Job, and its index there. */
  readonly object: string;
  readonly place: number;
  readonly hasSetup: boolean;
  readonly askedAt: Micros;
  /** Why its end was asked for. */
  readonly stop: Extract<Reason, 'user_stop' | 'respecified'> | null;
  /** How it ended, once its output is stored. */
  readonly end: Observation | null;
}

/** What this runner was told of a run, and what it knows of its jobs. It outlives the objects of the cluster. */
export interface RunRecord {
  readonly runId: RunId;
  /** Of the attempt. */
  readonly namespace: string;
  readonly attempt: number;
  readonly revision: number;
  readonly graceSeconds: number;
  readonly objects: readonly RecordedObject[];
  readonly jobs: readonly RecordedJob[];
}

/** The records on disk. A run is active from before its record is stored until all its jobs have ended. */
export interface RecordStore {
  read(runId: RunId): Promise<RunRecord | null>;
  write(record: RunRecord): Promise<void>;
  listActive(): Promise<readonly RunId[]>;
  remove(runId: RunId): Promise<void>;
}

/** The records below a runner's folder, which is made. Errors are those of the file system. */
export function createRecordStore(folder: string): RecordStore {
  const runs = join(folder, 'runs');
  const active = join(folder, 'active');
  for (const path of [runs, active]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const fileOf = (runId: RunId) => join(runs, `${runId}.json`);
  const markerOf = (runId: RunId) => join(active, runId);
  return {
    async read(runId) {
      const text = await readIfThere(fileOf(runId));
      return text === null ? null : toRecord(JSON.parse(text) as RunRecord);
    },
    async write(record) {
      const hasEnded = record.jobs.every(({ end }) => end !== null);
      if (!hasEnded) await touch(markerOf(record.runId));
      await writeDurably(fileOf(record.runId), JSON.stringify(record));
      if (hasEnded) await rm(markerOf(record.runId), { force: true });
    },
    async listActive() {
      return (await readdir(active)).filter((name): name is RunId => isUuid(name));
    },
    async remove(runId) {
      await rm(fileOf(runId), { force: true });
      await rm(markerOf(runId), { force: true });
    },
  };
}

/** Records of earlier versions say the namespace of the run alone. */
function toRecord(stored: RunRecord): RunRecord {
  const { namespace } = stored;
  return {
    ...stored,
    objects: stored.objects.map((object) => ({ ...object, namespace: object.namespace ?? namespace })),
  };
}

/** True for a plan that was overtaken by one that was already recorded. */
export function isOvertaken(plan: RunPlan, record: RunRecord): boolean {
  if (plan.attempt !== record.attempt) return plan.attempt < record.attempt;
  return plan.spec.revision < record.revision;
}

/**
 * Pure: what is recorded of a run once it was told this plan. New replicas of a role share a Job; jobs that the plan
 * does not name shall end.
 */
export function recordPlan(
  before: RunRecord | null,
  plan: RunPlan,
  { namespace, now }: { readonly namespace: string; readonly now: Micros },
): RunRecord {
  const ofAttempt = before?.attempt === plan.attempt ? before.namespace : namespace;
  const wanted = new Set(plan.jobs.map(({ id }) => id));
  const known = new Set(before?.jobs.map(({ id }) => id));
  const kept = (before?.jobs ?? []).map((job) =>
    wanted.has(job.id) || job.end !== null || job.stop !== null
      ? job
      : { ...job, stop: 'respecified' as const },
  );
  const objects = [...(before?.objects ?? [])];
  const jobs: RecordedJob[] = [...kept];
  const missing = plan.jobs.filter(({ id }) => !known.has(id));
  for (const role of new Set(missing.map((job) => job.role))) {
    const isAdded = objects.some((object) => object.role === role && object.attempt === plan.attempt);
    const name = jobName(plan.runId, plan.attempt, role, isAdded ? plan.spec.revision : null);
    objects.push({ name, role, attempt: plan.attempt, namespace: ofAttempt, uid: null });
    const hasSetup = (findRole(plan.spec, role)?.setup ?? null) !== null;
    const replicas = missing.filter((job) => job.role === role);
    for (const [place, { id, index }] of replicas.entries()) {
      const { attempt } = plan;
      const common = { id, role, index, attempt, object: name, place, hasSetup };
      jobs.push({ ...common, askedAt: now, stop: null, end: null });
    }
  }
  return {
    runId: plan.runId,
    namespace: ofAttempt,
    attempt: plan.attempt,
    revision: plan.spec.revision,
    graceSeconds: before?.graceSeconds ?? 0,
    objects,
    jobs,
  };
}

/** Where a Job of the run is. */
export function namespaceOfJob({ objects, namespace }: RunRecord, name: string): string {
  return objects.find((object) => object.name === name)?.namespace ?? namespace;
}

/** A record with one job changed. */
export function withJob(record: RunRecord, id: JobId, change: Partial<RecordedJob>): RunRecord {
  return { ...record, jobs: record.jobs.map((job) => (job.id === id ? { ...job, ...change } : job)) };
}
