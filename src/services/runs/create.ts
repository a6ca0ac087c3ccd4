import { createHash } from 'node:crypto';
import { CoreError, notFound } from '../../core/errors.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { SpecInput } from '../../core/spec.js';
import type { Status, TerminalStatus } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import { requireCreation } from '../accounts/access.js';
import type { Context } from '../context.js';
import { moveRun } from '../lifecycle/move.js';
import { findProject, holdProject } from '../projects/find.js';
import { insertRun, type NewRunFields, type RunInsertion } from './insert.js';
import { checkSpec } from './jobs.js';
import { type RunView, viewRun } from './view.js';

interface NewRunRequest extends NewRunFields {
  /** The project's number in the workspace; 0 is `Default`. */
  readonly projectNumber: number;
  /** The client's own name for this request: a repeat with the same one finds the first run. */
  readonly idempotencyKey: string | null;
}

/** A run that Franca shall start. */
export interface NewManagedRun extends NewRunRequest {
  readonly spec: SpecInput;
}

/** A run that reports its own status here. */
export interface NewTrackedRun extends NewRunRequest {
  /** What its client says that it runs; null if it says nothing. Nothing of it is started. */
  readonly spec: SpecInput | null;
  /** Where it is already; `created` without it. */
  readonly status?: Exclude<Status, TerminalStatus>;
  /** Since when it is there; now without it. */
  readonly at?: Micros;
}

const idempotencyMicros = 24 * 3600 * 1_000_000;

/**
 * Stores a run that Franca shall start, and what is wanted of it; the reconciler does the rest.
 *
 * @throws CoreError `invalid` for a spec that cannot run; `conflict` for an idempotency key that came
 * with another request before; `not_found` for the project; `forbidden`.
 */
export async function createRun(ctx: Context, input: NewManagedRun): Promise<RunView> {
  checkSpec(input.spec);
  const { ports } = ctx;
  const view = await store(ctx, input, { ...input, managed: true, origin: null }, async (_tx, run) => run);
  ports.crash('create.afterCommit');
  ports.waker.wake(view.run.key);
  return view;
}

/**
 * Stores a run that somebody else starts and ends, and that reports here.
 *
 * @throws CoreError `conflict` for an idempotency key that came with another request before;
 * `not_found` for the project; `forbidden`.
 */
export async function createTrackedRun(ctx: Context, input: NewTrackedRun): Promise<RunView> {
  const { status = 'created', at } = input;
  return store(ctx, input, { ...input, managed: false, origin: null }, async (tx, run, now) => {
    if (status === 'created') return run;
    const said = { status, origin: 'client', at: at ?? now, reason: null, message: null } as const;
    return moveRun(tx, run, { ...said, attempt: run.attempt }, now);
  });
}

async function store(
  ctx: Context,
  request: NewRunRequest,
  insertion: RunInsertion,
  finish: (tx: Repositories, run: Run, now: Micros) => Promise<Run>,
): Promise<RunView> {
  const { ports, workspace, actor } = ctx;
  const found = await findProject(ctx, ports.store.read, { number: request.projectNumber });
  await requireCreation(ctx, found);
  const { idempotencyKey } = request;
  const requestHash = hashOf(request);
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const first = await firstAnswer(ctx, tx, idempotencyKey, requestHash, now);
    if (first !== null) return viewRun(tx, first);
    const project = await holdProject(tx, found.key);
    const run = await finish(tx, await insertRun(ctx, tx, project, insertion, now), now);
    if (idempotencyKey !== null) {
      const owner = { workspaceKey: workspace.key, userKey: actor.user.key, key: idempotencyKey };
      const expiresAt = now + idempotencyMicros;
      await tx.idempotency.insert({ ...owner, requestHash, runKey: run.key, expiresAt }, now);
    }
    ports.crash('create.beforeCommit');
    return viewRun(tx, run);
  });
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

function hashOf(request: NewRunRequest): string {
  const { idempotencyKey: _, ...meaning } = request;
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex');
}
