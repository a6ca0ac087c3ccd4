import type { LoggedModelId, RunKey } from '../../core/ids.js';
import type { ModelLink } from '../../core/logged-model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, holdRun, type RunRef } from '../runs/find.js';
import { accessModels } from './find.js';

/** A model that a run read or wrote. */
export interface ModelUse {
  readonly id: LoggedModelId;
  /** Of the run, when it wrote the model; 0 without it. */
  readonly step?: bigint;
}

/**
 * Keeps that a run has read or written these models, each of which the caller must be allowed to read. A repeat
 * changes nothing.
 *
 * @throws CoreError `not_found` for the run or a model, `trashed` for the run; `forbidden`.
 */
export async function linkModels(
  ctx: Context,
  ref: RunRef,
  direction: ModelLink['direction'],
  uses: readonly ModelUse[],
): Promise<void> {
  const run = await accessRun(ctx, ref, 'write');
  const links = await checkLinks(ctx, direction, uses);
  await ctx.ports.store.transaction(async (tx) => {
    const { key } = await holdRun(tx, run.key);
    await tx.modelLinks.add(key, links);
  });
}

/**
 * The links that `tx.modelLinks.add` takes, of models that the caller may read.
 *
 * @throws CoreError `not_found`, `forbidden` for a model.
 */
export async function checkLinks(ctx: Context, direction: ModelLink['direction'], uses: readonly ModelUse[]) {
  const found = await accessModels(ctx, [...new Set(uses.map(({ id }) => id))], 'read');
  return uses.flatMap(({ id, step = 0n }) => {
    const model = found.get(id)?.model;
    return model === undefined ? [] : [{ direction, modelKey: model.key, step }];
  });
}

/** The models that these runs have read and written, in the order in which they were linked. */
export function linkedModels(
  read: Repositories,
  runKeys: readonly RunKey[],
): Promise<ReadonlyMap<RunKey, readonly ModelLink[]>> {
  return read.modelLinks.list(runKeys);
}
