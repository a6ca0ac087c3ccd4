import { checkDataset } from '../../core/dataset.js';
import type { LoggedModelId, LoggedModelKey } from '../../core/ids.js';
import type { Measurement } from '../../core/logged-model.js';
import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessModels } from './find.js';

/** What a run measured of one model. */
export interface ModelMeasurement {
  readonly modelId: LoggedModelId;
  readonly measurement: Measurement;
}

/** Measurements of models that are there, to be stored with what else a run logs. */
export type CheckedMeasurements = ReadonlyMap<LoggedModelKey, readonly Measurement[]>;

/**
 * Before a transaction: looks up the models that were measured, each of which the caller must be allowed to read; a
 * value that stands for none is left out.
 *
 * @throws CoreError `invalid` for a dataset whose name or digest is too long; `not_found` for a model, `forbidden`.
 */
export async function checkMeasurements(
  ctx: Context,
  measured: readonly ModelMeasurement[],
): Promise<CheckedMeasurements> {
  const found = await accessModels(ctx, [...new Set(measured.map(({ modelId }) => modelId))], 'read');
  const byModel = new Map<LoggedModelKey, Measurement[]>();
  for (const { modelId, measurement } of measured) {
    const { dataset, kind } = measurement;
    if (dataset !== null) checkDataset({ name: dataset.name, digest: dataset.digest ?? '' });
    const key = found.get(modelId)?.model.key;
    if (key === undefined || kind === 'null') continue;
    const others = byModel.get(key);
    if (others === undefined) byModel.set(key, [measurement]);
    else others.push(measurement);
  }
  return byModel;
}

/** Inside a transaction that holds the run: stores what it measured. */
export async function addMeasurements(
  tx: Repositories,
  run: Run,
  checked: CheckedMeasurements,
): Promise<void> {
  // In one order everywhere, so that no two transactions wait for each other's models.
  for (const [modelKey, measurements] of [...checked].sort(([a], [b]) => a - b)) {
    await tx.measurements.add(modelKey, run.key, measurements);
  }
}
