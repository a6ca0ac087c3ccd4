import { notFound } from '../core/errors.js';
import type { LoggedModelId, LoggedModelKey, ProjectKey, RunKey, UserKey } from '../core/ids.js';
import type { LoggedModelPatch, LoggedModelRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { amongTexts, holding } from './engine.js';
import { toLoggedModel } from './logged-model-rows.js';
import { preparePatch } from './patch.js';
import { countModels, searchModels } from './search-models.js';
import { prepare, type Session } from './statement.js';

const insert = prepare<{
  id: LoggedModelId;
  projectKey: ProjectKey;
  name: string;
  sourceRunKey: RunKey | null;
  sourceRef: string | null;
  modelType: string | null;
  createdByKey: UserKey | null;
  createdByName: string;
  createdAt: Micros;
  extensions: string;
}>()(({ db }, given) =>
  db
    .insertInto('logged_model')
    .values({
      id: given.id,
      project_key: given.projectKey,
      name: given.name,
      source_run_key: given.sourceRunKey,
      source_ref: given.sourceRef,
      status: 'pending',
      model_type: given.modelType,
      created_by_key: given.createdByKey,
      created_by_name: given.createdByName,
      created_at: given.createdAt,
      updated_at: given.createdAt,
      extensions: given.extensions,
    })
    .returningAll(),
);

const selectMany = prepare<{ ids: readonly LoggedModelId[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('logged_model')
    .selectAll()
    .where(amongTexts(engine, 'id', given.ids)),
);

const selectHolding = prepare<{ key: LoggedModelKey }>()(({ db, engine }, given) =>
  holding(engine, db.selectFrom('logged_model').selectAll().where('key', '=', given.key)),
);

const selectSomeOf = prepare<{ projectKey: ProjectKey; limit: number }>()(({ db }, given) =>
  db
    .selectFrom('logged_model')
    .selectAll()
    .where('project_key', '=', given.projectKey)
    .orderBy('created_at')
    .orderBy('key')
    .limit(given.limit),
);

const update = preparePatch<LoggedModelPatch, { key: LoggedModelKey; updatedAt: Micros }>({
  status: 'status',
  statusMessage: 'status_message',
  deletedAt: 'deleted_at',
  extensions: 'extensions',
})((db, changes, given) =>
  db
    .updateTable('logged_model')
    .set({ ...changes, updated_at: given.updatedAt })
    .where('key', '=', given.key)
    .returningAll(),
);

const deleteOne = prepare<{ key: LoggedModelKey }>()(({ db }, given) =>
  db.deleteFrom('logged_model').where('key', '=', given.key),
);

/** The logged models of this session. */
export function createLoggedModels(session: Session): LoggedModelRepository {
  return {
    async insert({ createdBy, extensions, ...input }) {
      const row = await insert.first(session, {
        ...input,
        createdByKey: createdBy.key,
        createdByName: createdBy.name,
        extensions: JSON.stringify(extensions),
      });
      if (row === undefined) throw new Error('the insert of a model gave no row back');
      return toLoggedModel(row);
    },
    async findMany(ids) {
      const rows = await selectMany.all(session, { ids });
      return new Map(rows.map((row) => [row.id, toLoggedModel(row)]));
    },
    async lock(key) {
      if (!session.writable) throw new Error('a lock needs a transaction');
      const row = await selectHolding.first(session, { key });
      return row === undefined ? null : toLoggedModel(row);
    },
    async update(key, patch, updatedAt) {
      const row = await update.first(session, patch, { key, updatedAt });
      if (row === undefined) throw notFound('loggedModel');
      return toLoggedModel(row);
    },
    async search(search) {
      const { rows, next } = await searchModels(session, search);
      return { models: rows.map(toLoggedModel), next };
    },
    count: (scope) => countModels(session, scope),
    async someOf(projectKey, limit) {
      return (await selectSomeOf.all(session, { projectKey, limit })).map(toLoggedModel);
    },
    async remove(key) {
      await deleteOne.all(session, { key });
    },
  };
}
