import { notFound } from '../../core/errors.js';
import type { LoggedModelId } from '../../core/ids.js';
import type { Context } from '../context.js';
import { accessModel } from './find.js';
import { type LoggedModelView, viewModel } from './view.js';

/**
 * One model; a trashed one only with `trashed`.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function getLoggedModel(
  ctx: Context,
  id: LoggedModelId,
  { trashed = false }: { readonly trashed?: boolean } = {},
): Promise<LoggedModelView> {
  const { model } = await accessModel(ctx, id, 'read');
  if (model.deletedAt !== null && !trashed) throw notFound('loggedModel');
  return viewModel(ctx.ports.store.read, model);
}
