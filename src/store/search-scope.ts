import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { ProjectKey, WorkspaceKey } from '../core/ids.js';
import type { Lifecycle } from '../core/stage.js';
import { among, type Engine } from './engine.js';

type Condition = RawBuilder<SqlBool>;

/** True for rows of a table in these stages; what was deleted for good is in none of them. */
export function stageIs(table: 'run' | 'project', lifecycle: Lifecycle): readonly Condition[] {
  const deleted = sql.ref(`${table}.deleted_at`);
  const purged = sql.ref(`${table}.purge_at`);
  switch (lifecycle) {
    case 'active':
      return [sql`${deleted} is null`];
    case 'deleted':
      return [sql`${deleted} is not null`, sql`${purged} is null`];
    case 'any':
      return [sql`${purged} is null`];
  }
}

/** More keys than this are given as one parameter: databases bound how many there are. */
const separateKeys = 100;

/** True where the column holds one of these keys, of which there is at least one. */
export function isOneOf(engine: Engine, column: string, keys: readonly ProjectKey[]): Condition {
  if (keys.length > separateKeys) return among(engine, column, sql`${[...keys]}`);
  return sql`${sql.ref(column)} in (${sql.join([...keys])})`;
}

/** True where the column holds the key of a project of the workspace that every user may read. */
export function isPublic(column: string, workspaceKey: WorkspaceKey): Condition {
  return sql`${sql.ref(column)} in (select project.key from project
    where project.workspace_key = ${workspaceKey} and project.is_public = 1)`;
}
