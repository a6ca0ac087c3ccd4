import { codeRefOf } from '../../core/code-ref.js';
import { CoreError } from '../../core/errors.js';
import type { RunId } from '../../core/ids.js';
import type { CodeRef, Extensions, Project, Run } from '../../core/model.js';
import type { Param, Tag } from '../../core/params.js';
import type { Repositories } from '../../core/ports/index.js';
import type { SpecInput } from '../../core/spec.js';
import type { Micros } from '../../core/time.js';
import type { Context } from '../context.js';
import { freeName } from './free-name.js';
import { missingJobs } from './jobs.js';
import { findParent, type Parent } from './parent.js';

/** What a client says of a new run of any kind. */
export interface NewRunFields {
  readonly name: string | null;
  readonly description: string | null;
  readonly tags: readonly Tag[];
  readonly extensions: Extensions;
  /** None without it. */
  readonly params?: readonly Param[];
  /** The id of the run that this one is a part of, in any form; what a run's own token creates is a part of its run. */
  readonly parentRef?: string | null;
  /** What the spec says of it without it. */
  readonly codeRef?: CodeRef | null;
  /** The spec's without it. */
  readonly framework?: string | null;
  readonly backend?: string | null;
  readonly groupRef?: string | null;
  readonly buildRef?: string | null;
  /** True to get another name, `name-N`, where a run of the project has this one. */
  readonly uniqueName?: boolean;
  /** True: its jobs find a copy of the project's uploaded code, as it is now, in their working folders. */
  readonly useProjectCode?: boolean;
}

/** A new run as services store it. */
export interface RunInsertion extends NewRunFields {
  readonly managed: boolean;
  /** A managed run has one. */
  readonly spec: SpecInput | null;
  /** The run that it is made of. */
  readonly origin: { readonly run: Run; readonly kind: NonNullable<Run['originKind']> } | null;
}

/**
 * Inside a transaction: stores a run with its spec, its first attempt and jobs, its tags and params, and
 * its first event.
 *
 * @throws CoreError `forbidden` if a run's own token names another parent than its run.
 */
export async function insertRun(
  ctx: Context,
  tx: Repositories,
  project: Project,
  input: RunInsertion,
  now: Micros,
): Promise<Run> {
  const { ids } = ctx.ports;
  const { user } = ctx.actor;
  const { spec, origin } = input;
  const isUnique = input.uniqueName === true && input.name !== null;
  const run = await tx.runs.insert({
    ...(await parentOf(ctx, tx, project, input.parentRef ?? null)),
    id: ids.uuid() as RunId,
    projectKey: project.key,
    name: isUnique ? await freeName(tx, project.key, input.name) : input.name,
    description: input.description,
    createdBy: { key: user.key, name: user.name },
    managed: input.managed,
    status: 'created',
    specRevision: spec === null ? null : 1,
    originKey: origin?.run.key ?? null,
    originKind: origin?.kind ?? null,
    artifactRoot: origin?.kind === 'resume' ? origin.run.artifactRoot : null,
    codeRef: input.codeRef ?? codeRefOf(spec?.code ?? null),
    framework: input.framework ?? spec?.framework ?? null,
    backend: input.backend ?? null,
    groupRef: input.groupRef ?? null,
    buildRef: input.buildRef ?? null,
    codeRoot: input.useProjectCode === true ? project.codeRoot : (origin?.run.codeRoot ?? null),
    createdAt: now,
    extensions: input.extensions,
  });
  if (spec !== null) await tx.specs.insert(run.key, 1, spec, now);
  if (input.managed && spec !== null) {
    await tx.attempts.insert({ runKey: run.key, number: 1, reason: 'first', createdAt: now });
    await tx.jobs.insert(run.key, missingJobs(ids, run, 1, spec, [], now));
  }
  await tx.tags.upsert(run.key, input.tags);
  if (input.params !== undefined) await tx.params.upsert(run.key, input.params);
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
    details: null,
    origin: 'system',
  });
  await tx.audit.append({ actor: user.name, action: 'create', entity: `run ${run.id}`, at: now });
  return run;
}

/** Its parent: the one that the client names, else the run whose own token creates it. */
async function parentOf(
  ctx: Context,
  tx: Repositories,
  project: Project,
  ref: string | null,
): Promise<Parent> {
  const own = ctx.actor.runKey;
  if (ref === null) return { parentKey: own, parentRef: null };
  const parent = await findParent(tx, project.workspaceKey, ref);
  if (own !== null && parent.parentKey !== own) {
    throw new CoreError({ code: 'forbidden' }, 'the token of a run creates runs whose parent is that run');
  }
  return parent;
}
