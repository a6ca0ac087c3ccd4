import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { type Columns, columnsOf, executeAll } from './columns.js';

/** The datasets of projects, and which runs use them. */
export function inputs(engine: Engine): Migration {
  const columns = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, tables(columns));
    },
  };
}

/** Runs are searched by their datasets: by the name, the digest, and the first 100 characters of a context. */
function tables({ counter, key, int, text, table, clustered }: Columns): string[] {
  return [
    `create table dataset (
      key ${counter},
      project_key ${key} not null references project (key) on delete cascade,
      name ${text} not null,
      digest ${text} not null,
      source_type ${text} not null,
      source ${text} not null,
      schema ${text},
      profile ${text}
    ) ${table}`,
    'create unique index dataset_identity on dataset (project_key, name, digest)',
    'create index dataset_name on dataset (name)',
    'create index dataset_digest on dataset (digest)',

    `create table run_input (
      run_key ${key} not null references run (key) on delete cascade,
      dataset_key ${key} not null references dataset (key),
      position ${int} not null,
      context ${text},
      tags ${text} not null,
      primary key (run_key, dataset_key)
    ) ${clustered}`,
    'create index run_input_dataset on run_input (dataset_key, substr(context, 1, 100), run_key)',
    'create index run_input_context on run_input (substr(context, 1, 100), run_key)',
  ];
}
