import type { LoggedModelKey } from '../core/ids.js';
import type { ModelParam } from '../core/logged-model.js';
import type { ModelParamRepository } from '../core/ports/index.js';
import { among } from './engine.js';
import { groupBy } from './grouping.js';
import { holdModel } from './logged-model-rows.js';
import { prepare, prepareRows, type Session } from './statement.js';

const selectLast = prepare<{ modelKey: LoggedModelKey }>()(({ db }, given) =>
  db
    .selectFrom('logged_model_param')
    .select('position')
    .where('model_key', '=', given.modelKey)
    .orderBy('position', 'desc')
    .limit(1),
);

const insert = prepareRows('logged_model_param', ['model_key', 'key', 'position', 'text']);

const selectAll = prepare<{ modelKeys: readonly LoggedModelKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('logged_model_param')
    .selectAll()
    .where(among(engine, 'model_key', given.modelKeys))
    .orderBy('model_key')
    .orderBy('position'),
);

/** The params of logged models in this session. */
export function createModelParams(session: Session): ModelParamRepository {
  return {
    async insert(modelKey, params) {
      await holdModel(session, modelKey);
      const last = (await selectLast.first(session, { modelKey }))?.position ?? 0;
      await insert.run(
        session,
        params.map(({ key, text }, place) => ({
          model_key: modelKey,
          key,
          position: last + 1 + place,
          text,
        })),
      );
    },
    async list(modelKeys) {
      const rows = await selectAll.all(session, { modelKeys });
      return groupBy(
        rows,
        (row) => row.model_key,
        ({ key, text }): ModelParam => ({ key, text }),
      );
    },
  };
}
