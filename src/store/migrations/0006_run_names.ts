import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { executeAll } from './columns.js';

/** Runs are found by their names, for dialects in which a project has each name once. */
export function runNames(_engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, [
        'create index run_name on run (project_key, name) where name is not null and purge_at is null',
      ]);
    },
  };
}
