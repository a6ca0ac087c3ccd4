import { checkDataset, type RunInput } from '../../core/dataset.js';
import type { Run } from '../../core/model.js';
import type { Context } from '../context.js';
import { accessRun, holdRun, type RunRef } from '../runs/find.js';
import { keepAlive } from '../runs/keep-alive.js';

/**
 * Adds what a run uses, all or none of it. A dataset that the project has by name and digest stays as it was
 * first described, and an input that the run has stays as it was first logged.
 *
 * @throws CoreError `invalid` for a name or digest that is too long; `not_found`, `forbidden`.
 */
export async function logInputs(ctx: Context, ref: RunRef, inputs: readonly RunInput[]): Promise<Run> {
  for (const { dataset } of inputs) checkDataset(dataset);
  const found = await accessRun(ctx, ref, 'write');
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const held = await holdRun(tx, found.key);
    await tx.inputs.add(held, inputs);
    return keepAlive(tx, held, clock.now());
  });
}
