import { type Kysely, sql } from 'kysely';
import type { ProjectKey, RunKey, UserKey } from '../core/ids.js';
import type { BookmarkRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { among } from './engine.js';
import { tagsColumn, toProject } from './project-rows.js';
import { toRun } from './runs.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

const insertRun = prepare<{ userKey: UserKey; runKey: RunKey; at: Micros }>()(({ db }, given) =>
  db
    .insertInto('run_bookmark')
    .values({ user_key: given.userKey, run_key: given.runKey, created_at: given.at })
    .onConflict((conflict) => conflict.doNothing()),
);

const deleteRun = prepare<{ userKey: UserKey; runKey: RunKey }>()(({ db }, given) =>
  db.deleteFrom('run_bookmark').where('user_key', '=', given.userKey).where('run_key', '=', given.runKey),
);

const selectMarkedRuns = prepare<{ userKey: UserKey; keys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('run_bookmark')
    .select('run_key')
    .where('user_key', '=', given.userKey)
    .where(among(engine, 'run_key', given.keys)),
);

const insertProject = prepare<{ userKey: UserKey; projectKey: ProjectKey; at: Micros }>()(({ db }, given) =>
  db
    .insertInto('project_bookmark')
    .values({ user_key: given.userKey, project_key: given.projectKey, created_at: given.at })
    .onConflict((conflict) => conflict.doNothing()),
);

const deleteProject = prepare<{ userKey: UserKey; projectKey: ProjectKey }>()(({ db }, given) =>
  db
    .deleteFrom('project_bookmark')
    .where('user_key', '=', given.userKey)
    .where('project_key', '=', given.projectKey),
);

const selectMarkedProjects = prepare<{ userKey: UserKey; keys: readonly ProjectKey[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('project_bookmark')
      .select('project_key')
      .where('user_key', '=', given.userKey)
      .where(among(engine, 'project_key', given.keys)),
);

/** What a user may read now, whatever it could read when it marked it. */
const readable = sql<boolean>`(project.is_public = 1
  or exists (select 1 from account where account.key = mark.user_key and account.is_superuser = 1)
  or exists (select 1 from member
    where member.workspace_key = project.workspace_key and member.user_key = mark.user_key))`;

type Given = Readonly<Record<'userKey', ReturnType<typeof sql<UserKey>>>>;

const markedRuns = (db: Kysely<Database>, given: Given) =>
  db
    .selectFrom('run_bookmark as mark')
    .innerJoin('run', 'run.key', 'mark.run_key')
    .innerJoin('project', 'project.key', 'run.project_key')
    .where('mark.user_key', '=', given.userKey)
    .where('run.deleted_at', 'is', null)
    .where(readable);

const markedProjects = (db: Kysely<Database>, given: Given) =>
  db
    .selectFrom('project_bookmark as mark')
    .innerJoin('project', 'project.key', 'mark.project_key')
    .where('mark.user_key', '=', given.userKey)
    .where('project.deleted_at', 'is', null)
    .where(readable);

interface Page {
  userKey: UserKey;
  offset: number;
  limit: number;
}

const selectRuns = prepare<Page>()(({ db }, given) =>
  markedRuns(db, given)
    .selectAll('run')
    .orderBy('mark.created_at', 'desc')
    .orderBy('mark.run_key', 'desc')
    .limit(given.limit)
    .offset(given.offset),
);

const countRuns = prepare<{ userKey: UserKey }>()(({ db }, given) =>
  markedRuns(db, given).select((row) => row.fn.countAll<number>().as('total')),
);

const selectProjects = prepare<Page>()(({ db, engine }, given) =>
  markedProjects(db, given)
    .selectAll('project')
    .select(tagsColumn(engine))
    .orderBy('mark.created_at', 'desc')
    .orderBy('mark.project_key', 'desc')
    .limit(given.limit)
    .offset(given.offset),
);

const countProjects = prepare<{ userKey: UserKey }>()(({ db }, given) =>
  markedProjects(db, given).select((row) => row.fn.countAll<number>().as('total')),
);

/** The bookmarks of this session. */
export function createBookmarks(session: Session): BookmarkRepository {
  return {
    async setRun(userKey, runKey, marked, at) {
      if (marked) await insertRun.all(session, { userKey, runKey, at });
      else await deleteRun.all(session, { userKey, runKey });
    },
    async setProject(userKey, projectKey, marked, at) {
      if (marked) await insertProject.all(session, { userKey, projectKey, at });
      else await deleteProject.all(session, { userKey, projectKey });
    },
    async markedRuns(userKey, keys) {
      return new Set((await selectMarkedRuns.all(session, { userKey, keys })).map((row) => row.run_key));
    },
    async markedProjects(userKey, keys) {
      return new Set(
        (await selectMarkedProjects.all(session, { userKey, keys })).map((row) => row.project_key),
      );
    },
    async runs(userKey, page) {
      const rows = await selectRuns.all(session, { userKey, ...page });
      return {
        items: rows.map(toRun),
        total: Number((await countRuns.first(session, { userKey }))?.total ?? 0),
      };
    },
    async projects(userKey, page) {
      const rows = await selectProjects.all(session, { userKey, ...page });
      const total = Number((await countProjects.first(session, { userKey }))?.total ?? 0);
      return { items: rows.map(toProject), total };
    },
  };
}
