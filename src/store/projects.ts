import { type Selectable, sql } from 'kysely';
import type { ArtifactRoot } from '../core/artifact-path.js';
import { CoreError, notFound } from '../core/errors.js';
import { freeNumber } from '../core/free-number.js';
import { type ProjectId, type ProjectKey, slugOf, type UserKey, type WorkspaceKey } from '../core/ids.js';
import type { Project } from '../core/model.js';
import type { ProjectPatch, ProjectRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { among, holding } from './engine.js';
import { preparePatch } from './patch.js';
import { tagsColumn, toProject } from './project-rows.js';
import type { Database } from './schema.js';
import { countProjects, searchProjects } from './search-projects.js';
import { prepare, type Session } from './statement.js';
import { createProjectTags } from './tags.js';

const select = prepare<{ key: ProjectKey }>()(({ db, engine }, given) =>
  db.selectFrom('project').selectAll().select(tagsColumn(engine)).where('key', '=', given.key),
);

const selectById = prepare<{ id: ProjectId }>()(({ db, engine }, given) =>
  db.selectFrom('project').selectAll().select(tagsColumn(engine)).where('id', '=', given.id),
);

const selectHolding = prepare<{ key: ProjectKey }>()(({ db, engine }, given) =>
  holding(
    engine,
    db.selectFrom('project').selectAll().select(tagsColumn(engine)).where('key', '=', given.key),
  ),
);

const selectWorkspace = prepare<{ key: ProjectKey }>()(({ db }, given) =>
  db.selectFrom('project').select('workspace_key').where('key', '=', given.key),
);

const selectMany = prepare<{ keys: readonly ProjectKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('project')
    .selectAll()
    .select(tagsColumn(engine))
    .where(among(engine, 'key', given.keys)),
);

const selectByNumber = prepare<{ workspaceKey: WorkspaceKey; number: number }>()(({ db, engine }, given) =>
  db
    .selectFrom('project')
    .selectAll()
    .select(tagsColumn(engine))
    .where('workspace_key', '=', given.workspaceKey)
    .where('number', '=', given.number),
);

const selectByNumbers = prepare<{ workspaceKey: WorkspaceKey; numbers: readonly number[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('project')
      .selectAll()
      .select(tagsColumn(engine))
      .where('workspace_key', '=', given.workspaceKey)
      .where(among(engine, 'number', given.numbers))
      .orderBy('number'),
);

const selectBySlug = prepare<{ workspaceKey: WorkspaceKey; slug: string }>()(({ db, engine }, given) =>
  db
    .selectFrom('project')
    .selectAll()
    .select(tagsColumn(engine))
    .where('workspace_key', '=', given.workspaceKey)
    .where('slug', '=', given.slug)
    .where('purge_at', 'is', null),
);

const selectByName = prepare<{ workspaceKey: WorkspaceKey; name: string }>()(({ db, engine }, given) =>
  db
    .selectFrom('project')
    .selectAll()
    .select(tagsColumn(engine))
    .where('workspace_key', '=', given.workspaceKey)
    .where('name', '=', given.name)
    .where('purge_at', 'is', null),
);

type PageParameters = { workspaceKey: WorkspaceKey; publicOnly: 0 | 1; offset: number; limit: number };

const selectPage = prepare<PageParameters>()(({ db, engine }, given) =>
  db
    .selectFrom('project')
    .selectAll()
    .select(tagsColumn(engine))
    .where('workspace_key', '=', given.workspaceKey)
    .where('deleted_at', 'is', null)
    .where('is_public', '>=', given.publicOnly)
    .orderBy('number', 'desc')
    .limit(given.limit)
    .offset(given.offset),
);

const countAll = prepare<{ workspaceKey: WorkspaceKey; publicOnly: 0 | 1 }>()(({ db }, given) =>
  db
    .selectFrom('project')
    .select((row) => row.fn.countAll<number>().as('total'))
    .where('workspace_key', '=', given.workspaceKey)
    .where('deleted_at', 'is', null)
    .where('is_public', '>=', given.publicOnly),
);

const countRuns = prepare<{ workspaceKey: WorkspaceKey; keys: readonly ProjectKey[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('run')
      .select((row) => ['project_key', row.fn.countAll<number>().as('runs')])
      .where('workspace_key', '=', given.workspaceKey)
      .where(among(engine, 'project_key', given.keys))
      .where('deleted_at', 'is', null)
      .groupBy('project_key'),
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
    .returning('key'),
);

const update = preparePatch<ProjectPatch, { key: ProjectKey; updatedAt: Micros }>({
  name: 'name',
  description: 'description',
  isPublic: 'is_public',
  codeRoot: 'code_root',
  deletedAt: 'deleted_at',
  purgeAt: 'purge_at',
  extensions: 'extensions',
})((db, changes, given) =>
  db
    .updateTable('project')
    .set({ ...changes, updated_at: given.updatedAt })
    .where('key', '=', given.key)
    .returning('key'),
);

const removeIfEmpty = prepare<{ key: ProjectKey }>()(({ db }, given) =>
  db
    .deleteFrom('project')
    .where('key', '=', given.key)
    .where('purge_at', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('run').select(sql<number>`1`.as('one')).whereRef('run.project_key', '=', 'project.key'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('service')
            .select(sql<number>`1`.as('one'))
            .whereRef('service.project_key', '=', 'project.key'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('logged_model')
            .select(sql<number>`1`.as('one'))
            .whereRef('logged_model.project_key', '=', 'project.key'),
        ),
      ),
    ),
);

const selectWithModelsToPurge = prepare<Record<never, never>>()(({ db }) =>
  db
    .selectFrom('project')
    .select('key')
    .where('purge_at', 'is not', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('logged_model')
          .select(sql<number>`1`.as('one'))
          .whereRef('logged_model.project_key', '=', 'project.key'),
      ),
    )
    .orderBy('key'),
);

const selectUsingCode = prepare<{ root: ArtifactRoot }>()(({ db }, given) =>
  db
    .selectFrom('project')
    .select('key')
    .where('code_root', '=', given.root)
    .where('purge_at', 'is', null)
    .limit(1),
);

/** The projects of this session. */
export function createProjects(session: Session): ProjectRepository {
  return {
    async insert(input) {
      const { workspaceKey, name } = input;
      // The workspace's row is held from here on, so that names and slugs cannot be taken meanwhile.
      const counter = await takeNumber.first(session, { workspaceKey });
      if (counter === undefined) throw notFound('workspace');
      const holder = await selectByName.first(session, { workspaceKey, name });
      if (holder !== undefined) throw taken(holder);
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
      await createProjectTags(session).upsert(row.key, input.tags);
      return projectOf(session, row.key);
    },
    async update(key, patch, updatedAt) {
      if (patch.name !== undefined) await refuseTakenName(session, key, patch.name);
      const row = await update.first(session, patch, { key, updatedAt });
      if (row === undefined) throw notFound('project');
      return projectOf(session, key);
    },
    async lock(key) {
      if (!session.writable) throw new Error('a lock needs a transaction');
      const row = await selectHolding.first(session, { key });
      return row === undefined ? null : toProject(row);
    },
    async findMany(keys) {
      const rows = await selectMany.all(session, { keys });
      return new Map(rows.map((row) => [row.key, toProject(row)]));
    },
    async page({ workspaceKey, publicOnly, offset, limit }) {
      const which = { workspaceKey, publicOnly: publicOnly ? 1 : 0 } as const;
      const rows = await selectPage.all(session, { ...which, offset, limit });
      const total = Number((await countAll.first(session, which))?.total ?? 0);
      return { projects: rows.map(toProject), total };
    },
    async search(search) {
      const { rows, next } = await searchProjects(session, search);
      return { projects: rows.map(toProject), next };
    },
    count: (scope) => countProjects(session, scope),
    async counts(workspaceKey, keys) {
      const rows = await countRuns.all(session, { workspaceKey, keys });
      const counted = new Map(rows.map((row) => [row.project_key, Number(row.runs)]));
      return new Map(keys.map((key) => [key, { runs: counted.get(key) ?? 0 }]));
    },
    async usesCode(root) {
      return (await selectUsingCode.first(session, { root })) !== undefined;
    },
    async withModelsToPurge() {
      return (await selectWithModelsToPurge.all(session, {})).map((row) => row.key);
    },
    async removeIfEmpty(key) {
      await removeIfEmpty.all(session, { key });
    },
    async find(key) {
      const row = await select.first(session, { key });
      return row === undefined ? null : toProject(row);
    },
    async workspaceOf(key) {
      return (await selectWorkspace.first(session, { key }))?.workspace_key ?? null;
    },
    async findById(id) {
      const row = await selectById.first(session, { id });
      return row === undefined ? null : toProject(row);
    },
    async findByNumber(workspaceKey, number) {
      const row = await selectByNumber.first(session, { workspaceKey, number });
      return row === undefined ? null : toProject(row);
    },
    async findByNumbers(workspaceKey, numbers) {
      return (await selectByNumbers.all(session, { workspaceKey, numbers })).map(toProject);
    },
    async findBySlug(workspaceKey, slug) {
      const row = await selectBySlug.first(session, { workspaceKey, slug });
      return row === undefined ? null : toProject(row);
    },
    async findByName(workspaceKey, name) {
      const row = await selectByName.first(session, { workspaceKey, name });
      return row === undefined ? null : toProject(row);
    },
  };
}

/** The project whose row was just written. */
async function projectOf(session: Session, key: ProjectKey): Promise<Project> {
  const row = await select.first(session, { key });
  if (row === undefined) throw new Error('a project that was written is not there');
  return toProject(row);
}

/** Two that take one name at the same time are told apart by the index alone, in words of its own. */
async function refuseTakenName(session: Session, key: ProjectKey, name: string): Promise<void> {
  const project = await select.first(session, { key });
  if (project === undefined) throw notFound('project');
  const holder = await selectByName.first(session, { workspaceKey: project.workspace_key, name });
  if (holder !== undefined && holder.key !== key) throw taken(holder);
}

function taken({ name, deleted_at }: Selectable<Database['project']>): CoreError {
  const message =
    deleted_at === null
      ? `there is a project of the name ${name} already`
      : `a deleted project has the name ${name}, and may be restored`;
  return new CoreError({ code: 'already_exists', entity: 'project' }, message);
}

/**
 * The slug itself or a free one of `-2`, `-3`…: thousands of names may come down to one slug.
 */
async function freeSlug(session: Session, workspaceKey: WorkspaceKey, base: string): Promise<string> {
  const slugAt = (place: number): string => (place === 1 ? base : `${base}-${place}`);
  const isTaken = async (place: number): Promise<boolean> =>
    (await selectBySlug.first(session, { workspaceKey, slug: slugAt(place) })) !== undefined;
  return slugAt(await freeNumber(1, isTaken));
}
