import type { JobKey } from '../core/ids.js';
import type { IntakeRepository } from '../core/ports/index.js';
import { prepare, type Session } from './statement.js';

const select = prepare<{ jobKey: JobKey }>()(({ db }, given) =>
  db.selectFrom('job_intake').select(['source', 'place']).where('job_key', '=', given.jobKey),
);

const upsert = prepare<{ jobKey: JobKey; source: string; place: number }>()(({ db }, given) =>
  db
    .insertInto('job_intake')
    .values({ job_key: given.jobKey, source: given.source, place: given.place })
    .onConflict((conflict) => conflict.columns(['job_key', 'source']).doUpdateSet({ place: given.place })),
);

/** How far jobs' files were taken in, in this session. */
export function createIntakes(session: Session): IntakeRepository {
  return {
    async places(jobKey) {
      const rows = await select.all(session, { jobKey });
      return new Map(rows.map(({ source, place }) => [source, place]));
    },
    async setPlace(jobKey, source, place) {
      await upsert.all(session, { jobKey, source, place });
    },
  };
}
