import type { Insertable, Selectable } from 'kysely';
import type { LoggedModelKey, RunId, RunKey } from '../core/ids.js';
import { compareMeasurements, type Measurement, type StoredMeasurement } from '../core/logged-model.js';
import type { MeasurementRepository } from '../core/ports/index.js';
import { among } from './engine.js';
import { groupBy } from './grouping.js';
import { holdModel } from './logged-model-rows.js';
import { idOf, internKeys } from './metric-keys.js';
import { kindOf, pointKinds } from './metric-rows.js';
import type { Database } from './schema.js';
import { prepare, prepareRows, type Session } from './statement.js';

type Row = Insertable<Database['model_measurement']>;

const identity = [
  'model_key',
  'key_id',
  'dataset_name',
  'dataset_digest',
  'timestamp_ms',
  'timestamp_us',
  'has_step',
  'step',
  'run_key',
] as const;

const upsert = prepareRows('model_measurement', [...identity, 'kind', 'value'], (insert) =>
  insert.onConflict((conflict) =>
    conflict
      .columns([...identity])
      .doUpdateSet((row) => ({ kind: row.ref('excluded.kind'), value: row.ref('excluded.value') })),
  ),
);

const subject = ['model_key', 'key_id', 'dataset_name', 'dataset_digest'] as const;
const latest = ['timestamp_ms', 'timestamp_us', 'has_step', 'step', 'run_key', 'kind', 'value'] as const;

const upsertLatest = prepareRows('model_latest', [...subject, ...latest], (insert) =>
  insert.onConflict((conflict) =>
    conflict
      .columns([...subject])
      .doUpdateSet((row) =>
        Object.fromEntries(latest.map((column) => [column, row.ref(`excluded.${column}`)])),
      ),
  ),
);

const exact = { exactIntegers: true };

const selectLatest = prepare<{ modelKeys: readonly LoggedModelKey[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('model_latest')
      .innerJoin('metric_key', 'metric_key.id', 'model_latest.key_id')
      .innerJoin('run', 'run.key', 'model_latest.run_key')
      .selectAll('model_latest')
      .select(['metric_key.name', 'run.id as run_id'])
      .where(among(engine, 'model_key', given.modelKeys))
      .orderBy('model_key')
      .orderBy('metric_key.name')
      .orderBy('dataset_name')
      .orderBy('dataset_digest'),
  exact,
);

const selectLatestOfKeys = prepare<{ modelKey: LoggedModelKey; keyIds: readonly number[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('model_latest')
      .innerJoin('metric_key', 'metric_key.id', 'model_latest.key_id')
      .selectAll('model_latest')
      .select('metric_key.name')
      .where('model_key', '=', given.modelKey)
      .where(among(engine, 'key_id', given.keyIds)),
  exact,
);

const deleteLatestOfRun = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db
    .deleteFrom('model_latest')
    .where('run_key', '=', given.runKey)
    .returning([...subject]),
);

const deleteOfRun = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db.deleteFrom('model_measurement').where('run_key', '=', given.runKey),
);

const selectNext = prepare<{ modelKey: LoggedModelKey; keyId: number; name: string; digest: string }>()(
  ({ db }, given) =>
    db
      .selectFrom('model_measurement')
      .selectAll()
      .where('model_key', '=', given.modelKey)
      .where('key_id', '=', given.keyId)
      .where('dataset_name', '=', given.name)
      .where('dataset_digest', '=', given.digest)
      .orderBy('timestamp_ms', 'desc')
      .orderBy('timestamp_us', 'desc')
      .orderBy('step', 'desc')
      .limit(1),
  exact,
);

/** What runs measured of logged models, in this session. */
export function createMeasurements(session: Session): MeasurementRepository {
  return {
    add: (modelKey, runKey, measurements) => add(session, { modelKey, runKey }, measurements),
    async latest(modelKeys) {
      const rows = await selectLatest.all(session, { modelKeys });
      return groupBy(
        rows,
        (row) => Number(row.model_key) as LoggedModelKey,
        (row) => toStored(row, row.run_id),
      );
    },
  };
}

/**
 * Inside a transaction that removes a run: takes away what it measured, and brings the latest of what is left up to
 * date.
 */
export async function removeMeasurementsOf(session: Session, runKey: RunKey): Promise<void> {
  const gone = await deleteLatestOfRun.all(session, { runKey });
  await deleteOfRun.all(session, { runKey });
  for (const row of gone) {
    const next = await selectNext.first(session, {
      modelKey: row.model_key,
      keyId: row.key_id,
      name: row.dataset_name,
      digest: row.dataset_digest,
    });
    if (next !== undefined) await upsertLatest.run(session, [writable(next)]);
  }
}

async function add(
  session: Session,
  owner: { readonly modelKey: LoggedModelKey; readonly runKey: RunKey },
  measurements: readonly Measurement[],
): Promise<void> {
  if (measurements.length === 0) return;
  await holdModel(session, owner.modelKey);
  const keyIds = await internKeys(session, [...new Set(measurements.map(({ key }) => key))]);
  const rowOf = (each: Measurement): Row => toRow(owner, idOf(keyIds, each.key), each);
  const known = await selectLatestOfKeys.all(session, {
    modelKey: owner.modelKey,
    keyIds: [...keyIds.values()],
  });
  const latestOf = new Map(known.map((row) => [nameOf(row), toMeasurement(row)]));
  const fresh = new Map<string, Row>();
  const distinct = new Map<string, Row>();
  for (const each of measurements) {
    const row = rowOf(each);
    const name = nameOf(row);
    distinct.set(`${name} ${row.timestamp_ms} ${row.timestamp_us} ${row.has_step} ${row.step}`, row);
    const before = latestOf.get(name);
    if (before !== undefined && compareMeasurements(each, before) < 0) continue;
    latestOf.set(name, each);
    fresh.set(name, row);
  }
  await upsert.run(session, [...distinct.values()]);
  await upsertLatest.run(session, [...fresh.values()]);
}

/** What one latest measurement is kept of, within a model. */
function nameOf(row: Pick<Row, 'key_id' | 'dataset_name' | 'dataset_digest'>): string {
  return JSON.stringify([Number(row.key_id), row.dataset_name, row.dataset_digest]);
}

function toRow(
  { modelKey, runKey }: { readonly modelKey: LoggedModelKey; readonly runKey: RunKey },
  keyId: number,
  { dataset, ...point }: Measurement,
): Row {
  return {
    model_key: modelKey,
    key_id: keyId,
    dataset_name: dataset?.name ?? '',
    dataset_digest: dataset?.digest ?? '',
    timestamp_ms: point.timestampMs,
    timestamp_us: point.timestampUs,
    has_step: point.step === null ? 0 : 1,
    step: point.step ?? 0n,
    run_key: runKey,
    kind: pointKinds.indexOf(point.kind),
    value: point.kind === 'finite' ? point.value : null,
  };
}

type ReadRow = Selectable<Database['model_measurement']>;

/** The row as it is written, of one that was read with exact integers. */
function writable(row: ReadRow): Row {
  return { ...row, timestamp_ms: BigInt(row.timestamp_ms), step: BigInt(row.step) };
}

function toMeasurement(row: ReadRow & { readonly name: string }): Measurement {
  return {
    key: row.name,
    kind: kindOf(row.kind),
    value: row.value,
    step: Number(row.has_step) === 1 ? BigInt(row.step) : null,
    timestampMs: BigInt(row.timestamp_ms),
    timestampUs: Number(row.timestamp_us),
    dataset:
      row.dataset_name === ''
        ? null
        : { name: row.dataset_name, digest: row.dataset_digest === '' ? null : row.dataset_digest },
  };
}

function toStored(row: ReadRow & { readonly name: string }, runId: RunId): StoredMeasurement {
  return { ...toMeasurement(row), runKey: Number(row.run_key) as RunKey, runId };
}
