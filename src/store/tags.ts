import type { RunKey } from '../core/ids.js';
import type { Tag } from '../core/params.js';
import type { TagRepository } from '../core/ports/index.js';
import { among, amongTexts } from './engine.js';
import { groupByRun, lastOfEach } from './grouping.js';
import { holdRun } from './runs.js';
import { prepare, prepareRows, type Session } from './statement.js';

const selectLast = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db
    .selectFrom('tag')
    .select('position')
    .where('run_key', '=', given.runKey)
    .orderBy('position', 'desc')
    .limit(1),
);

const upsert = prepareRows('tag', ['run_key', 'key', 'position', 'value'], (insert) =>
  insert.onConflict((conflict) =>
    conflict.columns(['run_key', 'key']).doUpdateSet((row) => ({ value: row.ref('excluded.value') })),
  ),
);

const remove = prepare<{ runKey: RunKey; keys: readonly string[] }>()(({ db, engine }, given) =>
  db
    .deleteFrom('tag')
    .where('run_key', '=', given.runKey)
    .where(amongTexts(engine, 'key', given.keys)),
);

const selectAll = prepare<{ runKeys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('tag')
    .selectAll()
    .where(among(engine, 'run_key', given.runKeys))
    .orderBy('run_key')
    .orderBy('position'),
);

/** The tags of this session. */
export function createTags(session: Session): TagRepository {
  return {
    async upsert(runKey, tags) {
      await holdRun(session, runKey);
      const last = (await selectLast.first(session, { runKey }))?.position ?? 0;
      const rows = lastOfEach(tags).map((tag, place) => ({
        run_key: runKey,
        position: last + 1 + place,
        ...tag,
      }));
      await upsert.run(session, rows);
    },
    async remove(runKey, keys) {
      await holdRun(session, runKey);
      await remove.all(session, { runKey, keys });
    },
    async list(runKeys) {
      const rows = await selectAll.all(session, { runKeys });
      return groupByRun(rows, ({ key, value }): Tag => ({ key, value }));
    },
  };
}
