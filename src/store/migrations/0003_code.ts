import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { columnsOf, executeAll } from './columns.js';

/** Uploaded code: what a project's next runs start with, and what each run was started with. */
export function code(engine: Engine): Migration {
  const { text } = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(
        db,
        ['project', 'run'].flatMap((table) => [
          `alter table ${table} add column code_root ${text}`,
          `create index ${table}_code_root on ${table} (code_root) where code_root is not null`,
        ]),
      );
    },
  };
}
