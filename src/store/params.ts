import type { RunKey } from '../core/ids.js';
import type { Param } from '../core/params.js';
import type { ParamRepository } from '../core/ports/index.js';
import { among, amongTexts } from './engine.js';
import { groupByRun, lastOfEach } from './grouping.js';
import { holdRun } from './runs.js';
import { prepare, prepareRows, type Session } from './statement.js';

const selectLast = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db
    .selectFrom('param')
    .select('position')
    .where('run_key', '=', given.runKey)
    .orderBy('position', 'desc')
    .limit(1),
);

const upsert = prepareRows('param', ['run_key', 'key', 'position', 'type', 'text', 'number'], (insert) =>
  insert.onConflict((conflict) =>
    conflict.columns(['run_key', 'key']).doUpdateSet((row) => ({
      type: row.ref('excluded.type'),
      text: row.ref('excluded.text'),
      number: row.ref('excluded.number'),
    })),
  ),
);

const remove = prepare<{ runKey: RunKey; keys: readonly string[] }>()(({ db, engine }, given) =>
  db
    .deleteFrom('param')
    .where('run_key', '=', given.runKey)
    .where(amongTexts(engine, 'key', given.keys)),
);

const selectSome = prepare<{ runKey: RunKey; keys: readonly string[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('param')
    .select(['key', 'type', 'text', 'number'])
    .where('run_key', '=', given.runKey)
    .where(amongTexts(engine, 'key', given.keys))
    .orderBy('position'),
);

const selectAll = prepare<{ runKeys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('param')
    .selectAll()
    .where(among(engine, 'run_key', given.runKeys))
    .orderBy('run_key')
    .orderBy('position'),
);

/** The params of this session. */
export function createParams(session: Session): ParamRepository {
  return {
    async upsert(runKey, params) {
      await holdRun(session, runKey);
      const last = (await selectLast.first(session, { runKey }))?.position ?? 0;
      const rows = lastOfEach(params).map((param, place) => ({
        run_key: runKey,
        position: last + 1 + place,
        ...param,
      }));
      await upsert.run(session, rows);
    },
    async remove(runKey, keys) {
      await holdRun(session, runKey);
      await remove.all(session, { runKey, keys });
    },
    find: (runKey, keys) => selectSome.all(session, { runKey, keys }),
    async list(runKeys) {
      const rows = await selectAll.all(session, { runKeys });
      return groupByRun(rows, ({ key, type, text, number }): Param => ({ key, type, text, number }));
    },
  };
}
