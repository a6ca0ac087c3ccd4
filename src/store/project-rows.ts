import { type AliasedRawBuilder, type Selectable, sql } from 'kysely';
import { notFound } from '../core/errors.js';
import type { ProjectKey } from '../core/ids.js';
import type { Extensions, Project } from '../core/model.js';
import type { Tag } from '../core/params.js';
import { type Engine, holding } from './engine.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

/** A project's row, and beside it what `tagsColumn` reads. */
export type ProjectRow = Selectable<Database['project']> & { readonly tags: string };

/** The tags of a row of `project`, in their order, as JSON. */
export function tagsColumn(engine: Engine): AliasedRawBuilder<string, 'tags'> {
  const tags =
    engine === 'sqlite'
      ? sql<string>`(select json_group_array(json_object('key', each."key", 'value', each.value)
          order by each.position) from project_tag as each where each.project_key = project."key")`
      : sql<string>`(select coalesce(json_agg(json_build_object('key', each."key", 'value', each.value)
          order by each.position), '[]') from project_tag as each where each.project_key = project."key")::text`;
  return tags.as('tags');
}

const hold = prepare<{ key: ProjectKey }>()(({ db, engine }, given) =>
  holding(engine, db.selectFrom('project').select('key').where('key', '=', given.key)),
);

/**
 * Holds a project against all other writers of it.
 *
 * @throws CoreError `not_found` if it is not there.
 */
export async function holdProject(session: Session, key: ProjectKey): Promise<void> {
  if ((await hold.first(session, { key })) === undefined) throw notFound('project');
}

/** The project of a row. */
export function toProject(row: ProjectRow): Project {
  return {
    key: row.key,
    id: row.id,
    workspaceKey: row.workspace_key,
    number: row.number,
    name: row.name,
    slug: row.slug,
    description: row.description,
    isPublic: row.is_public === 1,
    tags: JSON.parse(row.tags) as readonly Tag[],
    codeRoot: row.code_root,
    createdBy: { key: row.created_by_key, name: row.created_by_name },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    purgeAt: row.purge_at,
    extensions: JSON.parse(row.extensions) as Extensions,
  };
}
