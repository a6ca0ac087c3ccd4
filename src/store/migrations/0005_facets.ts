import type { Kysely, Migration } from 'kysely';
import type { Engine } from '../engine.js';
import { columnsOf, executeAll } from './columns.js';

/** What runs are searched by beside what they had: framework, backend, group, build and commit. */
export function facets(engine: Engine): Migration {
  const { text } = columnsOf(engine);
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await executeAll(db, [
        ...['framework', 'backend', 'group_ref', 'build_ref', 'code_commit'].map(
          (column) => `alter table run add column ${column} ${text}`,
        ),
        ...backfill[engine],
        ...['group_ref', 'build_ref', 'code_commit'].map(indexOf),
        ...Object.entries(lists).flatMap(([name, columns]) => [
          `drop index ${name}`,
          `create index ${name} on run (${columns}, created_at, key, deleted_at, archived_at)
            where deleted_at is null`,
        ]),
        `create index run_ungrouped on run
          (workspace_key, project_key, created_at, key, deleted_at, archived_at, group_ref)
          where deleted_at is null and group_ref is null`,
      ]);
    },
  };
}

/**
 * The indexes of lists, by what is equal in each. With the two times at its end an index alone is enough to
 * count a list, with or without archived runs: SQLite reads the row for a column that is not there, even if
 * the condition of the index decides it.
 */
const lists = {
  run_list: 'workspace_key',
  run_status: 'workspace_key, status',
  run_project: 'workspace_key, project_key',
  run_project_status: 'workspace_key, project_key, status',
} as const;

/** Few runs share one of these, unlike a framework or a backend. The first 100 characters, as of params. */
function indexOf(column: string): string {
  return `create index run_${column} on run
    (workspace_key, substr(${column}, 1, 100), project_key, created_at, key)
    where ${column} is not null and deleted_at is null`;
}

/**
 * PostgreSQL reads no JSON with a NUL character anywhere in it, which a script or a diff may have. Quotes
 * within the strings of JSON are escaped, so these patterns find nothing but the field itself.
 */
const backfill = {
  sqlite: [
    `update run set framework = (select json_extract(body, '$.framework') from run_spec
      where run_key = run.key and revision = run.spec_revision) where spec_revision is not null`,
    `update run set code_commit = json_extract(code_ref, '$.commit') where code_ref is not null`,
  ],
  postgres: [
    `update run set framework = substring(body from '"framework":"([a-z]+)"') from run_spec
      where run_key = run.key and revision = run.spec_revision`,
    `update run set code_commit = substring(code_ref from '"commit":"([^"\\\\]*)"')
      where code_ref is not null`,
  ],
} as const satisfies Record<Engine, readonly string[]>;
