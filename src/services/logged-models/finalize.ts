import type { LoggedModelId } from '../../core/ids.js';
import type { LoggedModelStatus } from '../../core/logged-model.js';
import type { Context } from '../context.js';
import { accessModel, holdModel } from './find.js';
import { type LoggedModelView, viewModel } from './view.js';

/**
 * Sets whether a model's files are there; what is said later counts. A trashed model may be told, too: it may have
 * been trashed while its files were written.
 *
 * @throws CoreError `not_found`, `forbidden`; `trashed` if its project is.
 */
export async function finalizeLoggedModel(
  ctx: Context,
  id: LoggedModelId,
  status: LoggedModelStatus,
  statusMessage: string | null = null,
): Promise<LoggedModelView> {
  const found = await accessModel(ctx, id, 'write');
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const { key } = await holdModel(tx, found.model.key);
    return viewModel(tx, await tx.loggedModels.update(key, { status, statusMessage }, clock.now()));
  });
}
