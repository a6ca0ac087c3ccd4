import { CoreError, notFound } from '../../core/errors.js';
import type { LoggedModelId, LoggedModelKey } from '../../core/ids.js';
import type { LoggedModel } from '../../core/logged-model.js';
import type { Project } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import { type Access, readableScope, requireModelAccess } from '../accounts/access.js';
import type { Context } from '../context.js';
import { isInSight, refuseTrashedProject } from '../sight.js';

/** A model with the project that it belongs to. */
export interface FoundModel {
  readonly model: LoggedModel;
  readonly project: Project;
}

/**
 * Those of the named models that are in projects of the request's workspace which it may find; trashed models too.
 */
export async function findModels(
  ctx: Context,
  read: Repositories,
  ids: readonly LoggedModelId[],
): Promise<ReadonlyMap<LoggedModelId, FoundModel>> {
  const models = [...(await read.loggedModels.findMany(ids)).values()];
  const projects = await read.projects.findMany([...new Set(models.map((model) => model.projectKey))]);
  const found = new Map<LoggedModelId, FoundModel>();
  for (const model of models) {
    const project = projects.get(model.projectKey);
    if (project?.workspaceKey === ctx.workspace.key && isInSight(ctx, project)) {
      found.set(model.id, { model, project });
    }
  }
  return found;
}

/**
 * The models of these ids, trashed ones too, each of which the caller may read, or write. Who may read nothing of the
 * workspace but its public projects does not learn which others there are.
 *
 * @throws CoreError `not_found`, `forbidden`; `trashed` for a write to a model of a trashed project in sight.
 */
export async function accessModels(
  ctx: Context,
  ids: readonly LoggedModelId[],
  access: Access,
): Promise<ReadonlyMap<LoggedModelId, FoundModel>> {
  const found = await findModels(ctx, ctx.ports.store.read, ids);
  for (const id of ids) {
    const each = found.get(id);
    if (each === undefined) throw await absent(ctx, id);
    await requireModelAccess(ctx, each.model, each.project, access);
    if (access === 'write') refuseTrashedProject(each.project);
  }
  return found;
}

/** As `accessModels`, of one. */
export async function accessModel(ctx: Context, id: LoggedModelId, access: Access): Promise<FoundModel> {
  const found = (await accessModels(ctx, [id], access)).get(id);
  if (found === undefined) throw new Error('a model that is not there is refused');
  return found;
}

/**
 * Inside a transaction: the model, trashed or not, held against every other writer until its end.
 *
 * @throws CoreError `not_found` if it was removed meanwhile.
 */
export async function holdModel(tx: Repositories, key: LoggedModelKey): Promise<LoggedModel> {
  const model = await tx.loggedModels.lock(key);
  if (model === null) throw notFound('loggedModel');
  return model;
}

async function absent(ctx: Context, id: LoggedModelId): Promise<CoreError> {
  if ((await readableScope(ctx)).kind !== 'public') return notFound('loggedModel', `model ${id} not found`);
  return new CoreError({ code: 'forbidden' }, `this needs a role in workspace ${ctx.workspace.name}`);
}
