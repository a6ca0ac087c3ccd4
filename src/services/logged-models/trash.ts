import type { LoggedModelId } from '../../core/ids.js';
import { requireDeletion } from '../accounts/access.js';
import type { Context } from '../context.js';
import { accessModel, holdModel } from './find.js';
import { type LoggedModelView, viewModel } from './view.js';

/**
 * Puts a model into the trash: searches leave it out. Its files stay until its project is deleted for good. A
 * trashed model stays as it is.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function trashLoggedModel(ctx: Context, id: LoggedModelId): Promise<LoggedModelView> {
  const found = await accessModel(ctx, id, 'read');
  await requireDeletion(ctx, found.model);
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const held = await holdModel(tx, found.model.key);
    if (held.deletedAt !== null) return viewModel(tx, held);
    const now = clock.now();
    const model = await tx.loggedModels.update(held.key, { deletedAt: now }, now);
    const entity = `model ${model.id}`;
    await tx.audit.append({ actor: ctx.actor.user.name, action: 'delete', entity, at: now });
    return viewModel(tx, model);
  });
}
