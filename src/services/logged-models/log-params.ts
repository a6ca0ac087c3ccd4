import { CoreError } from '../../core/errors.js';
import type { LoggedModelId } from '../../core/ids.js';
import type { ModelParam } from '../../core/logged-model.js';
import type { Context } from '../context.js';
import { accessModel, holdModel } from './find.js';

/**
 * Adds params to a model, all or none of them. Each is written once; the same text again is fine.
 *
 * @throws CoreError `conflict` for a key with another text; `not_found`, `forbidden`; `trashed` if its project is.
 */
export async function logModelParams(
  ctx: Context,
  id: LoggedModelId,
  params: readonly ModelParam[],
): Promise<void> {
  const { model } = await accessModel(ctx, id, 'write');
  await ctx.ports.store.transaction(async (tx) => {
    const { key } = await holdModel(tx, model.key);
    const present = (await tx.modelParams.list([key])).get(key) ?? [];
    await tx.modelParams.insert(key, unsetParams(present, params));
  });
}

/**
 * Those of the new params that are not there yet, each once.
 *
 * @throws CoreError `conflict` for a key with another text, there or among the new ones.
 */
export function unsetParams(
  present: readonly ModelParam[],
  added: readonly ModelParam[],
): readonly ModelParam[] {
  const texts = new Map(present.map((param) => [param.key, param.text]));
  return added.filter(({ key, text }) => {
    const known = texts.get(key);
    if (known !== undefined && known !== text) {
      throw new CoreError(
        { code: 'conflict' },
        `the param ${key} of the model is set already, to another text`,
      );
    }
    texts.set(key, text);
    return known === undefined;
  });
}
