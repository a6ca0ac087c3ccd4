import type { Selectable } from 'kysely';
import { CoreError, notFound } from '../core/errors.js';
import { type ProjectId, type ProjectKey, slugOf, type UserKey, type WorkspaceKey } from '../core/ids.js';
import type { Extensions, Project } from '../core/model.js';
import type { ProjectRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

const select = prepare<{ key: ProjectKey }>()(({ db }, given) =>
  db.selectFrom('project').selectAll().where('key', '=', given.key),
);

const selectByNumber = prepare<{ workspaceKey: WorkspaceKey; number: number }>()(({ db }, given) =>
  db
    .selectFrom('project')
    .selectAll()
    .where('workspace_key', '=', given.workspaceKey)
    .where('number', '=', given.number),
);

const selectBySlug = prepare<{ workspaceKey: WorkspaceKey; slug: string }>()(({ db }, given) =>
  db
    .selectFrom('project')
    .selectAll()
    .where('workspace_key', '=', given.workspaceKey)
    .where('slug', '=', given.slug),
);

const selectByName = prepare<{ workspaceKey: WorkspaceKey; name: string }>()(({ db }, given) =>
  db
    .selectFrom('project')
    .select('key')
    .where('workspace_key', '=', given.workspaceKey)
    .where('name', '=', given.name),
);

const takeNumber = prepare<{ workspaceKey: WorkspaceKey }>()(({ db }, given) =>
  db
    .updateTable('workspace')
    .set((column) => ({ next_project_number: column('next_project_number', '+', 1) }))
    .where('key', '=', given.workspaceKey)
    .returning('next_project_number as next'),
);

const insert = prepare<{
  id: ProjectId;
  workspaceKey: WorkspaceKey;
  number: number;
  name: string;
  slug: string;
  description: string | null;
  isPublic: 0 | 1;
  createdByKey: UserKey | null;
  createdByName: string;
  createdAt: Micros;
  extensions: string;
}>()(({ db }, given) =>
  db
    .insertInto('project')
    .values({
      id: given.id,
      workspace_key: given.workspaceKey,
      number: given.number,
      name: given.name,
      slug: given.slug,
      description: given.description,
      is_public: given.isPublic,
      created_by_key: given.createdByKey,
      created_by_name: given.createdByName,
      created_at: given.createdAt,
      updated_at: given.createdAt,
      deleted_at: null,
      extensions: given.extensions,
    })
    .returningAll(),
);

/** The projects of this session. */
export function createProjects(session: Session): ProjectRepository {
  return {
    async insert(input) {
      const { workspaceKey, name } = input;
      // The workspace's row is held from here on, so that names and slugs cannot be taken meanwhile.
      const counter = await takeNumber.first(session, { workspaceKey });
      if (counter === undefined) throw notFound('workspace');
      if ((await selectByName.first(session, { workspaceKey, name })) !== undefined) {
        throw new CoreError(
          { code: 'already_exists', entity: 'project' },
          `there is a project of the name ${name} already`,
        );
      }
      const row = await insert.first(session, {
        id: input.id,
        workspaceKey,
        number: counter.next - 1,
        name,
        slug: await freeSlug(session, workspaceKey, slugOf(name, 'project')),
        description: input.description,
        isPublic: input.isPublic ? 1 : 0,
        createdByKey: input.createdBy.key,
        createdByName: input.createdBy.name,
        createdAt: input.createdAt,
        extensions: JSON.stringify(input.extensions),
      });
      if (row === undefined) throw new Error('the insert of a project gave no row back');
      return toProject(row);
    },
    async find(key) {
      const row = await select.first(session, { key });
      return row === undefined ? null : toProject(row);
    },
    async findByNumber(workspaceKey, number) {
      const row = await selectByNumber.first(session, { workspaceKey, number });
      return row === undefined ? null : toProject(row);
    },
    async findBySlug(workspaceKey, slug) {
      const row = await selectBySlug.first(session, { workspaceKey, slug });
      return row === undefined ? null : toProject(row);
    },
  };
}

/**
 * The slug itself or the first free one of `-2`, `-3`…: found by doubling and halving, since thousands of
 * names may come down to one slug.
 */
async function freeSlug(session: Session, workspaceKey: WorkspaceKey, base: string): Promise<string> {
  const slugAt = (place: number): string => (place === 1 ? base : `${base}-${place}`);
  const isTaken = async (place: number): Promise<boolean> =>
    (await selectBySlug.first(session, { workspaceKey, slug: slugAt(place) })) !== undefined;
  let taken = 0;
  let free = 1;
  while (await isTaken(free)) {
    taken = free;
    free *= 2;
  }
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (await isTaken(middle)) taken = middle;
    else free = middle;
  }
  return slugAt(free);
}

function toProject(row: Selectable<Database['project']>): Project {
  return {
    key: row.key,
    id: row.id,
    workspaceKey: row.workspace_key,
    number: row.number,
    name: row.name,
    slug: row.slug,
    description: row.description,
    isPublic: row.is_public === 1,
    createdBy: { key: row.created_by_key, name: row.created_by_name },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    extensions: JSON.parse(row.extensions) as Extensions,
  };
}
