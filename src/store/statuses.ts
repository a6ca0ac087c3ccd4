import type { Selectable } from 'kysely';
import type { JobKey, RunKey } from '../core/ids.js';
import type { StatusEvent } from '../core/model.js';
import type { StatusRepository } from '../core/ports/index.js';
import type { Origin, Reason, Status } from '../core/status.js';
import type { Micros } from '../core/time.js';
import { among } from './engine.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

const insert = prepare<{
  runKey: RunKey;
  jobKey: JobKey | null;
  attempt: number;
  status: Status;
  effective: 0 | 1;
  at: Micros;
  reason: Reason | null;
  message: string | null;
  traceback: string | null;
  origin: Origin;
}>()(({ db }, given) =>
  db
    .insertInto('status_event')
    .values({
      run_key: given.runKey,
      job_key: given.jobKey,
      attempt: given.attempt,
      status: given.status,
      effective: given.effective,
      at: given.at,
      reason: given.reason,
      message: given.message,
      traceback: given.traceback,
      origin: given.origin,
    })
    .returning('seq'),
);

const selectAll = prepare<{ runKeys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('status_event')
    .selectAll()
    .where(among(engine, 'run_key', given.runKeys))
    .orderBy('run_key')
    .orderBy('seq'),
);

const selectOfRuns = prepare<{ runKeys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('status_event')
    .selectAll()
    .where(among(engine, 'run_key', given.runKeys))
    .where('job_key', 'is', null)
    .orderBy('run_key')
    .orderBy('seq'),
);

/** The status events of this session. */
export function createStatuses(session: Session): StatusRepository {
  return {
    async append(event) {
      const row = await insert.first(session, { ...event, effective: event.effective ? 1 : 0 });
      if (row === undefined) throw new Error('the insert of a status event gave no row back');
      return { ...event, seq: row.seq };
    },
    async list(runKeys, { jobs }) {
      return (await (jobs ? selectAll : selectOfRuns).all(session, { runKeys })).map(toEvent);
    },
  };
}

function toEvent(row: Selectable<Database['status_event']>): StatusEvent {
  return {
    seq: row.seq,
    runKey: row.run_key,
    jobKey: row.job_key,
    attempt: row.attempt,
    status: row.status,
    effective: row.effective === 1,
    at: row.at,
    reason: row.reason,
    message: row.message,
    traceback: row.traceback,
    origin: row.origin,
  };
}
