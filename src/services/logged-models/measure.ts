import { invalid } from '../../core/errors.js';
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

/** Measurements whose models are there, to be stored with what else a run logs. */
export interface CheckedMeasurements {
  readonly byModel: ReadonlyMap<LoggedModelKey, readonly Measurement[]>;
}

/** The bounds of what names a dataset, in characters: indexes hold it. */
const maxDatasetName = 500;
const maxDatasetDigest = 36;

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
    checkDataset(measurement);
    const key = found.get(modelId)?.model.key;
    if (key === undefined || measurement.kind === 'null') continue;
    const others = byModel.get(key);
    if (others === undefined) byModel.set(key, [measurement]);
    else others.push(measurement);
  }
  return { byModel };
}

/** Inside a transaction that holds the run: stores what it measured. */
export async function addMeasurements(
  tx: Repositories,
  run: Run,
  { byModel }: CheckedMeasurements,
): Promise<void> {
  // In one order everywhere, so that no two transactions wait for each other's models.
  for (const [modelKey, measurements] of [...byModel].sort(([a], [b]) => a - b)) {
    await tx.measurements.add(modelKey, run.key, measurements);
  }
}

function checkDataset({ dataset }: Measurement): void {
  if ((dataset?.name ?? '').length > maxDatasetName)
    throw invalid('dataset.name', `is longer than ${maxDatasetName} characters`);
  if ((dataset?.digest ?? '').length > maxDatasetDigest)
    throw invalid('dataset.digest', `is longer than ${maxDatasetDigest} characters`);
}
