import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid, type JobId, type RunId } from '../../core/ids.js';
import type { Observation, RunPlan } from '../../core/ports/runner.js';
import { findRole } from '../../core/spec.js';
import type { Reason } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import { readIfThere, touch, writeDurably } from '../durable-files.js';
import { attemptName, jobName } from './names.js';
import type { PodPlace, TrainingKind, WorkloadRef } from './workloads.js';

/** Why Franca asks for the end of a job. */
export type StopReason = Extract<Reason, 'user_stop' | 'respecified' | 'deadline_exceeded'>;

/** An object of the cluster that makes the pods of some jobs: of one role for a Job. */
export interface RecordedObject extends WorkloadRef {
  readonly attempt: number;
  /** Once the cluster has taken it; from then on it is never made again. */
  readonly uid: string | null;
}

/** One job of a run, of whatever attempt. */
export interface RecordedJob extends PodPlace {
  readonly id: JobId;
  readonly index: number;
  readonly attempt: number;
  readonly hasSetup: boolean;
  readonly askedAt: Micros;
  /** Why its end was asked for. */
  readonly stop: StopReason | null;
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
      return text === null ? null : (JSON.parse(text) as RunRecord);
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

/** True for a plan that was overtaken by one that was already recorded. */
export function isOvertaken(plan: RunPlan, record: RunRecord): boolean {
  if (plan.attempt !== record.attempt) return plan.attempt < record.attempt;
  return plan.spec.revision < record.revision;
}

/** What recordPlan has to know beside the plan. */
export interface RecordOptions {
  /** Of a new attempt: one that is recorded stays where it is. */
  readonly namespace: string;
  readonly now: Micros;
  /** What the first jobs of an attempt become together; null for a Job for each role. */
  readonly kind: TrainingKind | null;
}

/**
 * Pure: what is recorded of a run once it was told this plan. New replicas of a role share a Job, or all roles an object
 * of the training operator; jobs that the plan does not name shall end.
 */
export function recordPlan(before: RunRecord | null, plan: RunPlan, options: RecordOptions): RunRecord {
  const { now, kind } = options;
  const namespace = before?.attempt === plan.attempt ? before.namespace : options.namespace;
  const wanted = new Set(plan.jobs.map(({ id }) => id));
  const known = new Set(before?.jobs.map(({ id }) => id));
  const kept = (before?.jobs ?? []).map((job) =>
    wanted.has(job.id) || job.end !== null || job.stop !== null
      ? job
      : { ...job, stop: 'respecified' as const },
  );
  const ofAttempt = kept.filter((job) => job.attempt === plan.attempt);
  const missing = plan.jobs.filter(({ id }) => !known.has(id));
  const refOf = (role: string): WorkloadRef => {
    if (kind !== null && ofAttempt.length === 0)
      return { namespace, kind, name: attemptName(plan.runId, plan.attempt) };
    const isAdded = ofAttempt.some((job) => job.role === role);
    return {
      namespace,
      kind: 'Job',
      name: jobName(plan.runId, plan.attempt, role, isAdded ? plan.spec.revision : null),
    };
  };
  const objects = [...(before?.objects ?? [])];
  const jobs: RecordedJob[] = [...kept];
  for (const role of new Set(missing.map((job) => job.role))) {
    const ref = refOf(role);
    if (!objects.some(({ name }) => name === ref.name))
      objects.push({ ...ref, attempt: plan.attempt, uid: null });
    const hasSetup = (findRole(plan.spec, role)?.setup ?? null) !== null;
    const replicas = missing.filter((job) => job.role === role);
    for (const [place, { id, index }] of replicas.entries()) {
      const { attempt } = plan;
      const common = { id, role, index, attempt, object: ref.name, place, hasSetup };
      jobs.push({ ...common, askedAt: now, stop: null, end: null });
    }
  }
  return {
    runId: plan.runId,
    namespace,
    attempt: plan.attempt,
    revision: plan.spec.revision,
    graceSeconds: before?.graceSeconds ?? 0,
    objects,
    jobs,
  };
}

/** The object that makes a job's pod. */
export function objectOf({ objects }: RunRecord, { object }: PodPlace): RecordedObject {
  const found = objects.find(({ name }) => name === object);
  if (found === undefined) throw new TypeError(`no object ${object} is recorded`);
  return found;
}

/** A record with one job changed. */
export function withJob(record: RunRecord, id: JobId, change: Partial<RecordedJob>): RunRecord {
  return { ...record, jobs: record.jobs.map((job) => (job.id === id ? { ...job, ...change } : job)) };
}
