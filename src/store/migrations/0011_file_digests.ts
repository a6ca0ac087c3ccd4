import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { columnsOf, executeAll } from './columns.js';

/** What is known of the bytes of files, which lie in the artifact store. */
export function fileDigests(engine: Engine): Migration {
  const { text, int64, clustered } = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, [
        `create table file_digest (
          root ${text} not null,
          path ${text} not null,
          size ${int64} not null,
          modified_at ${int64} not null,
          sha256 ${text} not null,
          primary key (root, path)
        ) ${clustered}`,
      ]);
    },
  };
}
