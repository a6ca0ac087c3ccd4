import { invalid } from '../../core/errors.js';
import { type LoggedModelId, parseUuid, type RunId, uuidToHex } from '../../core/ids.js';
import type { ModelParam } from '../../core/logged-model.js';
import type { Extensions, Run } from '../../core/model.js';
import type { Tag } from '../../core/params.js';
import { stageOf } from '../../core/stage.js';
import { forbidden, requireCreation, requireRunAccess } from '../accounts/access.js';
import type { Context } from '../context.js';
import { findProject, holdProject, type ProjectRef } from '../projects/find.js';
import { unsetParams } from './log-params.js';
import { type LoggedModelView, viewModel } from './view.js';

export interface NewModelInput {
  readonly name: string;
  /**
   * The id of the run that makes it, in any form; it need name no run. What a run's own token creates is made by
   * its run, or by one of those whose parent that is.
   */
  readonly sourceRef: string | null;
  readonly modelType: string | null;
  readonly params: readonly ModelParam[];
  readonly tags: readonly Tag[];
  readonly extensions: Extensions;
}

/**
 * Adds a model to a project; its files are still to come.
 *
 * @throws CoreError `invalid` for an empty name; `conflict` for a param of two values; `not_found` for the project,
 * `trashed` if it is; `forbidden`.
 */
export async function createLoggedModel(
  ctx: Context,
  ref: ProjectRef,
  input: NewModelInput,
): Promise<LoggedModelView> {
  const { ports, actor } = ctx;
  const found = await findProject(ctx, ports.store.read, ref);
  await requireCreation(ctx, found);
  if (input.name.trim() === '') throw invalid('name', 'a model needs a name');
  const { name, modelType, extensions } = input;
  const source = await sourceOf(ctx, input.sourceRef);
  return ports.store.transaction(async (tx) => {
    const project = await holdProject(tx, found.key);
    const sourceRun = source.run === null ? null : await tx.runs.findByKey(source.run.key);
    const now = ports.clock.now();
    const model = await tx.loggedModels.insert({
      sourceRunKey: sourceRun?.key ?? null,
      sourceRef: source.ref,
      id: ports.ids.uuid() as LoggedModelId,
      projectKey: project.key,
      name,
      modelType,
      extensions,
      createdBy: { key: actor.user.key, name: actor.user.name },
      createdAt: now,
    });
    await tx.modelParams.insert(model.key, unsetParams([], input.params));
    await tx.modelTags.upsert(model.key, input.tags);
    const entity = `model ${model.id}`;
    await tx.audit.append({ actor: actor.user.name, action: 'create', entity, at: now });
    return viewModel(tx, model);
  });
}

interface Source {
  readonly run: Run | null;
  readonly ref: string | null;
}

async function sourceOf(ctx: Context, ref: string | null): Promise<Source> {
  const own = ctx.actor.runKey;
  if (own === null) {
    const id = ref === null ? null : parseUuid(ref);
    return id === null ? { run: null, ref } : { run: await runOf(ctx, id), ref: uuidToHex(id) };
  }
  const run =
    ref === null ? await ctx.ports.store.read.runs.findByKey(own) : await runOf(ctx, parseUuid(ref));
  if (run === null) throw forbidden('the token of a run makes models of that run');
  await requireRunAccess(ctx, run, 'write');
  return { run, ref: uuidToHex(run.id) };
}

/** The run of this id in the request's workspace, trashed or not. */
async function runOf(ctx: Context, id: string | null): Promise<Run | null> {
  const { projects, runs } = ctx.ports.store.read;
  const run = id === null ? null : await runs.find(id as RunId);
  if (run === null || stageOf(run) === 'purging') return null;
  return (await projects.workspaceOf(run.projectKey)) === ctx.workspace.key ? run : null;
}
