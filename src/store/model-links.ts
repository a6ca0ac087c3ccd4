import type { RunKey } from '../core/ids.js';
import type { ModelLink } from '../core/logged-model.js';
import type { ModelLinkRepository } from '../core/ports/index.js';
import { among } from './engine.js';
import { groupBy } from './grouping.js';
import { holdRun } from './runs.js';
import { prepare, prepareRows, type Session } from './statement.js';

const selectLast = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db
    .selectFrom('run_model')
    .select('position')
    .where('run_key', '=', given.runKey)
    .orderBy('position', 'desc')
    .limit(1),
);

const insert = prepareRows('run_model', ['run_key', 'direction', 'model_key', 'step', 'position'], (rows) =>
  rows.onConflict((conflict) => conflict.doNothing()),
);

const selectAll = prepare<{ runKeys: readonly RunKey[] }>()(
  ({ db, engine }, given) =>
    db
      .selectFrom('run_model')
      .innerJoin('logged_model', 'logged_model.key', 'run_model.model_key')
      .select(['run_model.run_key', 'direction', 'model_key', 'logged_model.id', 'step'])
      .where(among(engine, 'run_key', given.runKeys))
      .orderBy('run_key')
      .orderBy('position'),
  { exactIntegers: true },
);

/** The models that runs have read and written, in this session. */
export function createModelLinks(session: Session): ModelLinkRepository {
  return {
    async add(runKey, links) {
      await holdRun(session, runKey);
      const last = (await selectLast.first(session, { runKey }))?.position ?? 0;
      await insert.run(
        session,
        links.map(({ direction, modelKey, step }, place) => ({
          run_key: runKey,
          direction,
          model_key: modelKey,
          step,
          position: last + 1 + place,
        })),
      );
    },
    async list(runKeys) {
      const rows = await selectAll.all(session, { runKeys });
      return groupBy(
        rows,
        (row) => Number(row.run_key) as RunKey,
        (row): ModelLink => ({
          direction: row.direction,
          modelKey: Number(row.model_key) as ModelLink['modelKey'],
          modelId: row.id,
          step: BigInt(row.step),
        }),
      );
    },
  };
}
