import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { type Columns, columnsOf, executeAll } from './columns.js';

/** Models that were logged, what runs measured of them, and which runs read and wrote them. */
export function loggedModels(engine: Engine): Migration {
  const columns = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, [...models(columns), ...values(columns), ...runs(columns)]);
    },
  };
}

/** A project's row waits for the last of its models, as it does for its runs. */
function models({ counter, key, text, table }: Columns): string[] {
  return [
    `create table logged_model (
      key ${counter},
      id ${text} not null unique,
      project_key ${key} not null references project (key),
      name ${text} not null,
      source_run_key ${key} references run (key) on delete set null,
      source_ref ${text},
      status ${text} not null,
      status_message ${text},
      model_type ${text},
      created_by_key ${key} references account (key),
      created_by_name ${text} not null,
      created_at ${key} not null,
      updated_at ${key} not null,
      deleted_at ${key},
      extensions ${text} not null
    ) ${table}`,
    'create index logged_model_list on logged_model (project_key, created_at, key)',
    'create index logged_model_name on logged_model (project_key, substr(name, 1, 100), created_at, key)',
    `create index logged_model_source_ref on logged_model
      (project_key, substr(source_ref, 1, 100), created_at, key) where source_ref is not null`,
    `create index logged_model_source_run on logged_model (source_run_key)
      where source_run_key is not null`,
    'create index project_purge on project (key) where purge_at is not null',
  ];
}

/** As the params and tags of runs. */
function values({ key, int, text, clustered }: Columns): string[] {
  return ['param', 'tag'].flatMap((kind) => [
    `create table logged_model_${kind} (
      model_key ${key} not null references logged_model (key) on delete cascade,
      key ${text} not null,
      position ${int} not null,
      ${kind === 'param' ? `text ${text} not null` : `value ${text}`},
      primary key (model_key, key)
    ) ${clustered}`,
    `create index logged_model_${kind}_position on logged_model_${kind} (model_key, position)`,
    `create index logged_model_${kind}_value on logged_model_${kind}
      (key, substr(${kind === 'param' ? 'text' : 'value'}, 1, 100), model_key)`,
  ]);
}

/**
 * Searches ask for any value, and lists show the latest of each metric and dataset, which is kept beside them as it
 * is of runs. No dataset is one without a name.
 */
function runs({ key, int, small, int64, real, text, clustered }: Columns): string[] {
  const subject = `
      model_key ${key} not null references logged_model (key) on delete cascade,
      key_id ${int} not null references metric_key (id),
      dataset_name ${text} not null,
      dataset_digest ${text} not null`;
  const point = `
      timestamp_ms ${int64} not null,
      timestamp_us ${small} not null,
      has_step ${small} not null,
      step ${int64} not null,
      run_key ${key} not null references run (key) on delete cascade,
      kind ${small} not null,
      value ${real}`;
  return [
    `create table model_measurement (${subject},${point},
      primary key (model_key, key_id, dataset_name, dataset_digest, timestamp_ms, timestamp_us, has_step, step,
        run_key)
    ) ${clustered}`,
    'create index model_measurement_value on model_measurement (key_id, value, model_key)',
    'create index model_measurement_run on model_measurement (run_key)',

    `create table model_latest (${subject},${point},
      primary key (model_key, key_id, dataset_name, dataset_digest)
    ) ${clustered}`,
    'create index model_latest_metric on model_latest (key_id, model_key)',
    'create index model_latest_run on model_latest (run_key)',

    `create table run_model (
      run_key ${key} not null references run (key) on delete cascade,
      direction ${text} not null,
      model_key ${key} not null references logged_model (key) on delete cascade,
      step ${int64} not null,
      position ${int} not null,
      primary key (run_key, direction, model_key, step)
    ) ${clustered}`,
    'create index run_model_position on run_model (run_key, position)',
    'create index run_model_model on run_model (model_key)',
  ];
}
