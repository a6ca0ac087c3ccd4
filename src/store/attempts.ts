import type { Selectable } from 'kysely';
import { notFound } from '../core/errors.js';
import type { RunKey } from '../core/ids.js';
import type { Attempt } from '../core/model.js';
import type { AttemptRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { preparePatch } from './patch.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

const insert = prepare<{ runKey: RunKey; number: number; reason: Attempt['reason']; createdAt: Micros }>()(
  ({ db }, given) =>
    db
      .insertInto('attempt')
      .values({
        run_key: given.runKey,
        number: given.number,
        reason: given.reason,
        submitted_revision: null,
        admitted: 0,
        created_at: given.createdAt,
      })
      .returningAll(),
);

const select = prepare<{ runKey: RunKey; number: number }>()(({ db }, given) =>
  db.selectFrom('attempt').selectAll().where('run_key', '=', given.runKey).where('number', '=', given.number),
);

const selectAll = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db.selectFrom('attempt').selectAll().where('run_key', '=', given.runKey).orderBy('number'),
);

type AttemptPatch = Partial<Pick<Attempt, 'submittedRevision' | 'admitted'>>;

const update = preparePatch<AttemptPatch, { runKey: RunKey; number: number }>({
  submittedRevision: 'submitted_revision',
  admitted: 'admitted',
})((db, changes, given) =>
  db
    .updateTable('attempt')
    .set({ number: given.number, ...changes })
    .where('run_key', '=', given.runKey)
    .where('number', '=', given.number)
    .returning('number'),
);

/** The attempts of this session. */
export function createAttempts(session: Session): AttemptRepository {
  return {
    async insert(input) {
      const row = await insert.first(session, input);
      if (row === undefined) throw new Error('the insert of an attempt gave no row back');
      return toAttempt(row);
    },
    async find(runKey, number) {
      const row = await select.first(session, { runKey, number });
      return row === undefined ? null : toAttempt(row);
    },
    async list(runKey) {
      return (await selectAll.all(session, { runKey })).map(toAttempt);
    },
    async update(runKey, number, patch) {
      const row = await update.first(session, patch, { runKey, number });
      if (row === undefined) throw notFound('run', 'attempt not found');
    },
  };
}

function toAttempt(row: Selectable<Database['attempt']>): Attempt {
  return {
    runKey: row.run_key,
    number: row.number,
    reason: row.reason,
    submittedRevision: row.submitted_revision,
    admitted: row.admitted === 1,
    position: row.position,
    createdAt: row.created_at,
  };
}
