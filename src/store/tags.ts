import type { LoggedModelKey, ProjectKey, RunKey } from '../core/ids.js';
import type { Tag } from '../core/params.js';
import type { TagRepository } from '../core/ports/index.js';
import { among, amongTexts } from './engine.js';
import { groupBy, lastOfEach } from './grouping.js';
import { holdModel } from './logged-model-rows.js';
import { holdProject } from './project-rows.js';
import { holdRun } from './runs.js';
import { prepare, prepareRows, type Session } from './statement.js';

/** Whose tags a table has: they lie in tables that are alike but for their names and the owner's column. */
interface TagTable<Owner> {
  readonly table: 'tag' | 'project_tag' | 'logged_model_tag';
  readonly owner: 'run_key' | 'project_key' | 'model_key';
  /** Keeps other writers away from the owner; rejects `not_found` for none. */
  hold(session: Session, owner: Owner): Promise<void>;
}

/** The tags of runs in this session. */
export const createTags = preparedTags<RunKey>({ table: 'tag', owner: 'run_key', hold: holdRun });

/** The tags of projects in this session. */
export const createProjectTags = preparedTags<ProjectKey>({
  table: 'project_tag',
  owner: 'project_key',
  hold: holdProject,
});

/** The tags of logged models in this session. */
export const createModelTags = preparedTags<LoggedModelKey>({
  table: 'logged_model_tag',
  owner: 'model_key',
  hold: holdModel,
});

function preparedTags<Owner extends number>(
  tags: TagTable<Owner>,
): (session: Session) => TagRepository<Owner> {
  const { hold } = tags;
  // The tables are alike: to the types each is that of runs.
  const table = tags.table as 'tag';
  const owner = tags.owner as 'run_key';

  const selectLast = prepare<{ owner: Owner }>()(({ db }, given) =>
    db
      .selectFrom(table)
      .select('position')
      .where(owner, '=', given.owner as never)
      .orderBy('position', 'desc')
      .limit(1),
  );
  const upsert = prepareRows(table, [owner, 'key', 'position', 'value'], (insert) =>
    insert.onConflict((conflict) =>
      conflict.columns([owner, 'key']).doUpdateSet((row) => ({ value: row.ref('excluded.value') })),
    ),
  );
  const remove = prepare<{ owner: Owner; keys: readonly string[] }>()(({ db, engine }, given) =>
    db
      .deleteFrom(table)
      .where(owner, '=', given.owner as never)
      .where(amongTexts(engine, 'key', given.keys)),
  );
  const selectAll = prepare<{ owners: readonly Owner[] }>()(({ db, engine }, given) =>
    db
      .selectFrom(table)
      .select([`${owner} as owner`, 'key', 'value'])
      .where(among(engine, owner, given.owners))
      .orderBy(owner)
      .orderBy('position'),
  );

  return (session) => ({
    async upsert(key, added) {
      await hold(session, key);
      const last = (await selectLast.first(session, { owner: key }))?.position ?? 0;
      const rows = lastOfEach(added).map((tag, place) => ({
        [owner]: key,
        position: last + 1 + place,
        ...tag,
      }));
      await upsert.run(session, rows as never);
    },
    async remove(key, keys) {
      await hold(session, key);
      await remove.all(session, { owner: key, keys });
    },
    async list(owners) {
      const rows = await selectAll.all(session, { owners });
      return groupBy(
        rows,
        (row) => row.owner as number as Owner,
        ({ key, value }): Tag => ({ key, value }),
      );
    },
  });
}
