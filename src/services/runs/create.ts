import { createHash } from 'node:crypto';
import { CoreError, notFound } from '../../core/errors.js';
import type { RunId, WorkspaceKey } from '../../core/ids.js';
import type { Extensions, Project, Run } from '../../core/model.js';
import type { Tag } from '../../core/params.js';
import type { Repositories } from '../../core/ports/index.js';
import type { SpecInput } from '../../core/spec.js';
import type { Micros } from '../../core/time.js';
import { requireRole } from '../accounts/access.js';
import type { Context } from '../context.js';
import { checkSpec, missingJobs } from './jobs.js';
import { type RunView, viewRun } from './view.js';

export interface NewManagedRun {
  /** The project's number in the workspace; 0 is `Default`. */
  readonly projectNumber: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly spec: SpecInput;
  readonly tags: readonly Tag[];
  readonly extensions: Extensions;
  /** The client's own name for this request: a repeat with the same one finds the first run. */
  readonly idempotencyKey: string | null;
}

const idempotencyMicros = 24 * 3600 * 1_000_000;

/**
 * Stores a run that Franca shall start, and what is wanted of it; the reconciler does the rest.
 *
 * @throws CoreError `invalid` for a spec that cannot run; `conflict` for an idempotency key that came
 * with another request before; `not_found` for the project; `forbidden`.
 */
export async function createRun(ctx: Context, input: NewManagedRun): Promise<RunView> {
  await requireRole(ctx, 'writer');
  checkSpec(input.spec);
  const { ports } = ctx;
  const requestHash = hashOf(input);
  const view = await ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const first = await firstAnswer(ctx, tx, input.idempotencyKey, requestHash, now);
    if (first !== null) return viewRun(tx, first);
    const project = await projectOf(tx, ctx.workspace.key, input.projectNumber);
    const run = await insertRun(ctx, tx, project, input, now);
    if (input.idempotencyKey !== null) {
      const owner = {
        workspaceKey: ctx.workspace.key,
        userKey: ctx.actor.user.key,
        key: input.idempotencyKey,
      };
      await tx.idempotency.insert(
        { ...owner, requestHash, runKey: run.key, expiresAt: now + idempotencyMicros },
        now,
      );
    }
    ports.crash('create.beforeCommit');
    return viewRun(tx, run);
  });
  ports.crash('create.afterCommit');
  ports.waker.wake(view.run.key);
  return view;
}

async function insertRun(
  ctx: Context,
  tx: Repositories,
  project: Project,
  input: NewManagedRun,
  now: Micros,
): Promise<Run> {
  const { ids } = ctx.ports;
  const run = await tx.runs.insert({
    id: ids.uuid() as RunId,
    projectKey: project.key,
    name: input.name,
    description: input.description,
    createdBy: { key: ctx.actor.user.key, name: ctx.actor.user.name },
    managed: true,
    status: 'created',
    specRevision: 1,
    originKey: null,
    originKind: null,
    parentKey: null,
    parentRef: null,
    createdAt: now,
    extensions: input.extensions,
  });
  await tx.specs.insert(run.key, 1, input.spec, now);
  await tx.attempts.insert({ runKey: run.key, number: 1, reason: 'first', createdAt: now });
  await tx.jobs.insert(run.key, missingJobs(ids, run, 1, input.spec, [], now));
  await tx.tags.upsert(run.key, input.tags);
  await tx.statuses.append({
    runKey: run.key,
    jobKey: null,
    attempt: 1,
    status: 'created',
    effective: true,
    at: now,
    reason: null,
    message: null,
    traceback: null,
    origin: 'system',
  });
  await tx.audit.append({ actor: ctx.actor.user.name, action: 'create', entity: `run ${run.id}`, at: now });
  return run;
}

async function firstAnswer(
  ctx: Context,
  tx: Repositories,
  key: string | null,
  requestHash: string,
  now: Micros,
): Promise<Run | null> {
  if (key === null) return null;
  const record = await tx.idempotency.find(ctx.workspace.key, ctx.actor.user.key, key, now);
  if (record === null) return null;
  if (record.requestHash !== requestHash) {
    throw new CoreError({ code: 'conflict' }, 'this idempotency key came with another request before');
  }
  const run = await tx.runs.findByKey(record.runKey);
  if (run === null || run.deletedAt !== null)
    throw notFound('run', 'the run of this idempotency key was deleted');
  return run;
}

async function projectOf(tx: Repositories, workspaceKey: WorkspaceKey, number: number): Promise<Project> {
  const project = await tx.projects.findByNumber(workspaceKey, number);
  if (project === null || project.deletedAt !== null) throw notFound('project');
  return project;
}

function hashOf(input: NewManagedRun): string {
  const { idempotencyKey: _, ...meaning } = input;
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex');
}
