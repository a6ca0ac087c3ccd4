import type { Selectable } from 'kysely';
import { notFound } from '../core/errors.js';
import type { LoggedModelKey } from '../core/ids.js';
import type { LoggedModel } from '../core/logged-model.js';
import type { Extensions } from '../core/model.js';
import { holding } from './engine.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

const hold = prepare<{ key: LoggedModelKey }>()(({ db, engine }, given) =>
  holding(engine, db.selectFrom('logged_model').select('key').where('key', '=', given.key)),
);

/**
 * Holds a model against all other writers of it.
 *
 * @throws CoreError `not_found` if it is not there.
 */
export async function holdModel(session: Session, key: LoggedModelKey): Promise<void> {
  if ((await hold.first(session, { key })) === undefined) throw notFound('loggedModel');
}

/** The model of a row. */
export function toLoggedModel(row: Selectable<Database['logged_model']>): LoggedModel {
  return {
    key: row.key,
    id: row.id,
    projectKey: row.project_key,
    name: row.name,
    sourceRunKey: row.source_run_key,
    sourceRef: row.source_ref,
    status: row.status,
    statusMessage: row.status_message,
    modelType: row.model_type,
    createdBy: { key: row.created_by_key, name: row.created_by_name },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    extensions: JSON.parse(row.extensions) as Extensions,
  };
}
