import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { type Columns, columnsOf, executeAll } from './columns.js';

/** Programs that run beside runs. */
export function services(engine: Engine): Migration {
  const columns = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, tables(columns));
    },
  };
}

/** Nothing cascades: a row that went with its run would leave a process that nobody knows of. */
function tables({ counter, key, int, text, table }: Columns): string[] {
  return [
    `create table service (
      key ${counter},
      id ${text} not null unique,
      project_key ${key} not null references project (key),
      run_key ${key} references run (key),
      kind ${text} not null,
      desired_state ${text} not null,
      status ${text} not null,
      reason ${text},
      message ${text},
      job_id ${text} not null,
      port ${int},
      path_prefix ${text} not null,
      spec ${text},
      created_by_key ${key} references account (key),
      created_by_name ${text} not null,
      created_at ${key} not null,
      updated_at ${key} not null
    ) ${table}`,
    'create unique index service_run on service (run_key, kind) where run_key is not null',
    'create unique index service_project on service (project_key, kind) where run_key is null',
    'create index service_in_project on service (project_key)',
  ];
}
