import { type Selectable, sql } from 'kysely';
import type { JobKey, RunKey } from '../core/ids.js';
import type { StatusEvent } from '../core/model.js';
import type { StatusQuery, StatusRepository } from '../core/ports/index.js';
import { type Origin, type Reason, type Status, statuses } from '../core/status.js';
import type { Micros } from '../core/time.js';
import { among, amongTexts } from './engine.js';
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
  details: string | null;
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
      details: given.details,
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

/** Which history, and what of it; each part is one statement of its own, so that each goes by its index. */
interface HistoryParameters {
  runKey: RunKey;
  jobKey: JobKey | null;
  statuses: readonly string[];
  through: number;
}

type History = 'run' | 'job';

const pages = {
  run: preparePage('run'),
  job: preparePage('job'),
} as const;

const counts = {
  run: prepareCount('run'),
  job: prepareCount('job'),
} as const;

function preparePage(history: History) {
  return prepare<HistoryParameters & { offset: number; limit: number }>()(({ db, engine }, given) =>
    db
      .selectFrom('status_event')
      .selectAll()
      .where('run_key', '=', given.runKey)
      .where(history === 'run' ? sql<boolean>`job_key is null` : sql<boolean>`job_key = ${given.jobKey}`)
      .where('seq', '<=', given.through)
      .where(amongTexts(engine, 'status', given.statuses))
      .orderBy('seq')
      .limit(given.limit)
      .offset(given.offset),
  );
}

function prepareCount(history: History) {
  return prepare<HistoryParameters>()(({ db, engine }, given) =>
    db
      .selectFrom('status_event')
      .select((row) => row.fn.countAll<number>().as('total'))
      .where('run_key', '=', given.runKey)
      .where(history === 'run' ? sql<boolean>`job_key is null` : sql<boolean>`job_key = ${given.jobKey}`)
      .where('seq', '<=', given.through)
      .where(amongTexts(engine, 'status', given.statuses)),
  );
}

function historyOf(query: StatusQuery & { readonly through?: number }): HistoryParameters {
  const { runKey, jobKey, statuses: wanted = statuses, through = Number.MAX_SAFE_INTEGER } = query;
  return { runKey, jobKey, statuses: wanted, through };
}

async function countOf(
  session: Session,
  query: StatusQuery & { readonly through?: number },
): Promise<number> {
  const count = counts[query.jobKey === null ? 'run' : 'job'];
  return Number((await count.first(session, historyOf(query)))?.total ?? 0);
}

/** The status events of this session. */
export function createStatuses(session: Session): StatusRepository {
  return {
    async append(event) {
      const row = await insert.first(session, {
        ...event,
        effective: event.effective ? 1 : 0,
        details: event.details === null ? null : JSON.stringify(event.details),
      });
      if (row === undefined) throw new Error('the insert of a status event gave no row back');
      return { ...event, seq: row.seq };
    },
    async list(runKeys, { jobs }) {
      return (await (jobs ? selectAll : selectOfRuns).all(session, { runKeys })).map(toEvent);
    },
    async page({ offset, limit, ...query }) {
      const page = pages[query.jobKey === null ? 'run' : 'job'];
      const rows = await page.all(session, { ...historyOf(query), offset, limit });
      return { events: rows.map(toEvent), total: await countOf(session, query) };
    },
    count: (query) => countOf(session, query),
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
    details: row.details === null ? null : (JSON.parse(row.details) as StatusEvent['details']),
    origin: row.origin,
  };
}
