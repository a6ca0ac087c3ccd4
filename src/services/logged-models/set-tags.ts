import type { LoggedModelId } from '../../core/ids.js';
import type { Tag } from '../../core/params.js';
import type { Context } from '../context.js';
import { accessModel } from './find.js';

/**
 * Adds tags to a model, or puts them in the place of those of the same keys.
 *
 * @throws CoreError `not_found`, `forbidden`; `trashed` if its project is.
 */
export async function setModelTags(ctx: Context, id: LoggedModelId, tags: readonly Tag[]): Promise<void> {
  const { model } = await accessModel(ctx, id, 'write');
  await ctx.ports.store.transaction((tx) => tx.modelTags.upsert(model.key, tags));
}

/**
 * Takes a tag away from a model.
 *
 * @returns false if it had none of this key.
 * @throws CoreError `not_found` for the model, `forbidden`; `trashed` if its project is.
 */
export async function removeModelTag(ctx: Context, id: LoggedModelId, key: string): Promise<boolean> {
  const { model } = await accessModel(ctx, id, 'write');
  return ctx.ports.store.transaction(async (tx) => {
    const present = (await tx.modelTags.list([model.key])).get(model.key) ?? [];
    await tx.modelTags.remove(model.key, [key]);
    return present.some((tag) => tag.key === key);
  });
}
