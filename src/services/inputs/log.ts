import { checkDataset, type RunInput } from '../../core/dataset.js';
import type { Run } from '../../core/model.js';
import type { Context } from '../context.js';
import { checkLinks, type ModelUse } from '../logged-models/link.js';
import { accessRun, holdRun, type RunRef } from '../runs/find.js';
import { keepAlive } from '../runs/keep-alive.js';

/** What a run reads: datasets, and models that were logged. */
export interface InputsOfRun {
  readonly datasets?: readonly RunInput[];
  readonly models?: readonly Pick<ModelUse, 'id'>[];
}

/**
 * Adds what a run uses, all or none of it. A dataset that the project has by name and digest stays as it was
 * first described, and an input that the run has stays as it was first logged.
 *
 * @throws CoreError `invalid` for a name or digest that is too long; `not_found` for the run or a model,
 *   `trashed` for the run; `forbidden`.
 */
export async function logInputs(
  ctx: Context,
  ref: RunRef,
  { datasets = [], models = [] }: InputsOfRun,
): Promise<Run> {
  for (const { dataset } of datasets) checkDataset(dataset);
  const found = await accessRun(ctx, ref, 'write');
  const links = await checkLinks(ctx, 'input', models);
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const held = await holdRun(tx, found.key);
    await tx.modelLinks.add(held.key, links);
    await tx.inputs.add(held, datasets);
    return keepAlive(tx, held, clock.now());
  });
}
