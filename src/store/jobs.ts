import type { Selectable } from 'kysely';
import { notFound } from '../core/errors.js';
import type { JobId, JobKey, RunKey } from '../core/ids.js';
import type { Job } from '../core/model.js';
import type { JobPatch, JobRepository } from '../core/ports/index.js';
import type { Resources } from '../core/spec.js';
import type { Status } from '../core/status.js';
import type { Micros } from '../core/time.js';
import { among } from './engine.js';
import { preparePatch } from './patch.js';
import { holdRun } from './runs.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

const selectLast = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db
    .selectFrom('job')
    .select('number')
    .where('run_key', '=', given.runKey)
    .orderBy('number', 'desc')
    .limit(1),
);

const insert = prepare<{
  id: JobId;
  runKey: RunKey;
  attempt: number;
  number: number;
  role: string;
  index: number;
  name: string;
  status: Status;
  resources: string;
  createdAt: Micros;
}>()(({ db }, given) =>
  db
    .insertInto('job')
    .values({
      id: given.id,
      run_key: given.runKey,
      attempt: given.attempt,
      number: given.number,
      role: given.role,
      index: given.index,
      name: given.name,
      status: given.status,
      resources: given.resources,
      retired: 0,
      created_at: given.createdAt,
      updated_at: given.createdAt,
    })
    .returningAll(),
);

const update = preparePatch<JobPatch, { key: JobKey; updatedAt: Micros }>({
  status: 'status',
  reason: 'reason',
  message: 'message',
  exitCode: 'exit_code',
  signal: 'signal',
  node: 'node',
  retired: 'retired',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
})((db, changes, given) =>
  db
    .updateTable('job')
    .set({ ...changes, updated_at: given.updatedAt })
    .where('key', '=', given.key)
    .returning('key'),
);

const selectAll = prepare<{ runKeys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('job')
    .selectAll()
    .where(among(engine, 'run_key', given.runKeys))
    .orderBy('run_key')
    .orderBy('number'),
);

const selectByNumber = prepare<{ runKey: RunKey; number: number }>()(({ db }, given) =>
  db.selectFrom('job').selectAll().where('run_key', '=', given.runKey).where('number', '=', given.number),
);

/** The jobs of this session. */
export function createJobs(session: Session): JobRepository {
  return {
    async insert(runKey, jobs) {
      await holdRun(session, runKey);
      const last = (await selectLast.first(session, { runKey }))?.number ?? 0;
      const inserted: Job[] = [];
      for (const job of jobs) {
        const number = last + inserted.length + 1;
        const resources = JSON.stringify(job.resources);
        const row = await insert.first(session, { ...job, runKey, number, resources });
        if (row === undefined) throw new Error('the insert of a job gave no row back');
        inserted.push(toJob(row));
      }
      return inserted;
    },
    async findByNumber(runKey, number) {
      const row = await selectByNumber.first(session, { runKey, number });
      return row === undefined ? null : toJob(row);
    },
    async list(runKeys) {
      return (await selectAll.all(session, { runKeys })).map(toJob);
    },
    async update(key, patch, updatedAt) {
      const row = await update.first(session, patch, { key, updatedAt });
      if (row === undefined) throw notFound('job');
    },
  };
}

function toJob(row: Selectable<Database['job']>): Job {
  return {
    key: row.key,
    id: row.id,
    runKey: row.run_key,
    attempt: row.attempt,
    number: row.number,
    role: row.role,
    index: row.index,
    name: row.name,
    status: row.status,
    reason: row.reason,
    message: row.message,
    exitCode: row.exit_code,
    signal: row.signal,
    node: row.node,
    resources: JSON.parse(row.resources) as Resources,
    retired: row.retired === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}
