import type { MetricPoint } from '../../core/metrics.js';
import type { Run } from '../../core/model.js';
import type { Tag } from '../../core/params.js';
import type { Context } from '../context.js';
import { addMeasurements, checkMeasurements, type ModelMeasurement } from '../logged-models/measure.js';
import type { ParamChange } from '../params/replace.js';
import { accessRun, holdRun, type RunRef } from './find.js';
import { keepAlive } from './keep-alive.js';
import { applyChange, type RunChange } from './update.js';

/** What a client logs at once; what is not named stays. */
export interface RunBatch {
  /** Points of one batch that have one step and time share a row number. */
  readonly batches?: readonly (readonly MetricPoint[])[];
  /** What the run measured of logged models, each of which the caller must be allowed to read. A repeat changes nothing. */
  readonly measurements?: readonly ModelMeasurement[];
  readonly params?: ParamChange;
  /** Added, or put in the place of those of the same keys. */
  readonly tags?: readonly Tag[];
  /** Keys; they are taken away before tags are added. */
  readonly removeTags?: readonly string[];
  readonly patch?: Omit<RunChange, 'params' | 'retag' | 'report'>;
}

/**
 * Adds to a run all that a batch has, or none of it; resolves when it is durable. It reads nothing of what the
 * run has already but its row and what the batch names.
 *
 * @throws CoreError as `updateRun` does, and as `checkMeasurements` does; before anything is written.
 */
export async function logBatch(ctx: Context, ref: RunRef, batch: RunBatch): Promise<Run> {
  const { batches = [], measurements = [], params, tags = [], removeTags = [], patch = {} } = batch;
  const found = await accessRun(ctx, ref, 'write');
  const checked = await checkMeasurements(ctx, measurements);
  const { store, clock } = ctx.ports;
  return store.transaction(async (tx) => {
    const held = await holdRun(tx, found.key);
    const fields = await applyChange(ctx, tx, held, params === undefined ? patch : { ...patch, params });
    if (removeTags.length > 0) await tx.tags.remove(held.key, removeTags);
    if (tags.length > 0) await tx.tags.upsert(held.key, tags);
    const now = clock.now();
    await tx.metrics.appendBatches(held.key, batches, now);
    await addMeasurements(tx, held, checked);
    const changed =
      Object.keys(fields).length + tags.length + removeTags.length + (params?.params.length ?? 0);
    return changed === 0
      ? keepAlive(tx, held, now)
      : tx.runs.update(held.key, { ...fields, heartbeatAt: now }, now);
  });
}
