import { codeRefOf, isSameCode } from '../../core/code-ref.js';
import { CoreError } from '../../core/errors.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { findRole, isRescale, type SpecInput } from '../../core/spec.js';
import { isTerminal } from '../../core/status.js';
import type { Micros } from '../../core/time.js';
import type { Context, Ports } from '../context.js';
import { beginAttempt } from '../lifecycle/begin-attempt.js';
import { type Retag, replaceTags } from '../tags/replace.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { checkSpec, missingJobs } from './jobs.js';
import { type RunView, viewRun } from './view.js';

export interface Respecification {
  readonly name: string | null;
  readonly spec: SpecInput;
  readonly retag: Retag;
}

/**
 * Replaces the whole spec. Where only numbers of replicas change, a run that has not ended is
 * rescaled: replicas that run go on untouched. Any other change, or a run that has ended, is a new
 * attempt, last in the line.
 *
 * @throws CoreError `invalid`, `not_found`, `forbidden`; `conflict` for a run that only reports here.
 */
export async function replaceSpec(ctx: Context, ref: RunRef, input: Respecification): Promise<RunView> {
  const found = await accessRun(ctx, ref, 'write');
  checkSpec(input.spec);
  const { ports } = ctx;
  const view = await ports.store.transaction(async (tx) => {
    const locked = await holdRun(tx, found.key);
    if (!locked.managed) {
      throw new CoreError(
        { code: 'conflict' },
        'the run was not started here, and so cannot be started anew',
      );
    }
    const before = locked.specRevision === null ? null : await tx.specs.find(locked.key, locked.specRevision);
    const now = ports.clock.now();
    const revision = (locked.specRevision ?? 0) + 1;
    await tx.specs.insert(locked.key, revision, input.spec, now);
    await replaceTags(tx, locked.key, input.retag);
    const changes = { specRevision: revision, name: input.name, ...following(locked, before, input.spec) };
    const run = await tx.runs.update(locked.key, changes, now);
    await tx.audit.append({
      actor: ctx.actor.user.name,
      action: 'respecify',
      entity: `run ${run.id}`,
      at: now,
    });
    const rescale = before !== null && isRescale(before, input.spec) && !isTerminal(run.status);
    if (rescale && run.desiredState === 'running')
      return viewRun(tx, await rescaleJobs(ports, tx, run, input.spec, now));
    const beginning = { reason: 'respecified', message: 'started anew with a changed spec' } as const;
    return viewRun(tx, await beginAttempt(ports, tx, run, input.spec, beginning, now));
  });
  ports.waker.wake(view.run.key);
  return view;
}

/** What a client said of the framework and of the code stays; what was the spec's follows it. */
function following(run: Run, before: SpecInput | null, spec: SpecInput): Pick<Run, 'framework' | 'codeRef'> {
  const follows = run.codeRef === null || isSameCode(run.codeRef, codeRefOf(before?.code ?? null));
  return {
    framework: run.framework === (before?.framework ?? null) ? spec.framework : run.framework,
    codeRef: follows ? codeRefOf(spec.code) : run.codeRef,
  };
}

/** Retires the replicas that are too many and adds those that are missing; a retired one never comes back. */
async function rescaleJobs(
  ports: Ports,
  tx: Repositories,
  run: Run,
  spec: SpecInput,
  now: Micros,
): Promise<Run> {
  const current = (await tx.jobs.list([run.key])).filter(
    (job) => job.attempt === run.attempt && !job.retired,
  );
  const wanted = current.filter((job) => job.index < (findRole(spec, job.role)?.replicas ?? 0));
  for (const job of current) {
    if (!wanted.includes(job)) await tx.jobs.update(job.key, { retired: true }, now);
  }
  await tx.jobs.insert(run.key, missingJobs(ports.ids, run, run.attempt, spec, wanted, now));
  return run;
}
