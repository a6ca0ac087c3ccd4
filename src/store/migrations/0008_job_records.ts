import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { type Columns, columnsOf, executeAll } from './columns.js';

/** Which worker of a run logged a row of metrics, and how far the records that jobs leave in files were taken in. */
export function jobRecords(engine: Engine): Migration {
  const columns = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, tables(columns));
    },
  };
}

function tables({ key, text, clustered }: Columns): string[] {
  return [
    `create table metric_row (
      run_key ${key} not null references run (key) on delete cascade,
      "row" ${key} not null,
      worker ${text} not null,
      primary key (run_key, "row")
    ) ${clustered}`,

    `create table job_intake (
      job_key ${key} not null references job (key) on delete cascade,
      source ${text} not null,
      place ${key} not null,
      primary key (job_key, source)
    ) ${clustered}`,
  ];
}
