import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { executeAll } from './columns.js';

/** The runs of a project by their beginning, the newest first, and then by the id: as tracking clients list them. */
export function runBegan(_engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, [
        `create index run_began on run
          (workspace_key, project_key, (coalesce(started_at, created_at)) desc, id)
          where deleted_at is null`,
      ]);
    },
  };
}
