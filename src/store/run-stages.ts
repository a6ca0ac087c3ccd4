import { sql } from 'kysely';
import type { ProjectKey, RunKey } from '../core/ids.js';
import type { RunRepository } from '../core/ports/index.js';
import type { Micros } from '../core/time.js';
import { prepare, type Session } from './statement.js';

/** Written as the index `run_unfinished` has it, so that both databases see that the index answers it. */
const isUnfinished = sql<boolean>`((managed = 1 and status not in
  ('succeeded', 'failed', 'upstream_failed', 'stopped', 'skipped')) or purge_at is not null)`;

const isManagedAndUnfinished = sql<boolean>`(managed = 1 and status not in
  ('succeeded', 'failed', 'upstream_failed', 'stopped', 'skipped'))`;

const selectUnfinished = prepare<{ now: Micros }>()(({ db }, given) =>
  db
    .selectFrom('run')
    .select('key')
    .where(isUnfinished)
    .where((row) => row.or([isManagedAndUnfinished, row('purge_at', '<=', given.now)]))
    .orderBy('key'),
);

const selectUnfinishedIn = prepare<{ projectKey: ProjectKey }>()(({ db }, given) =>
  db
    .selectFrom('run')
    .select('key')
    .where(isUnfinished)
    .where(isManagedAndUnfinished)
    .where('project_key', '=', given.projectKey)
    .where('purge_at', 'is', null)
    .orderBy('key'),
);

const selectLastTrashed = prepare<{ projectKey: ProjectKey }>()(({ db }, given) =>
  db
    .selectFrom('run')
    .select('deleted_at')
    .where('project_key', '=', given.projectKey)
    .where('deleted_at', 'is not', null)
    .orderBy('deleted_at', 'desc')
    .limit(1),
);

const trashActive = prepare<{ projectKey: ProjectKey; at: Micros }>()(({ db }, given) =>
  db
    .updateTable('run')
    .set({ deleted_at: given.at, updated_at: given.at })
    .set((column) => ({ version: column('version', '+', 1) }))
    .where('project_key', '=', given.projectKey)
    .where('deleted_at', 'is', null)
    .returning('key'),
);

const restoreTrashed = prepare<{ projectKey: ProjectKey; trashedAt: Micros; updatedAt: Micros }>()(
  ({ db }, given) =>
    db
      .updateTable('run')
      .set({ deleted_at: null, updated_at: given.updatedAt })
      .set((column) => ({ version: column('version', '+', 1) }))
      .where('project_key', '=', given.projectKey)
      .where('deleted_at', '=', given.trashedAt)
      .where('purge_at', 'is', null)
      .returning('key'),
);

const markForPurge = prepare<{ projectKey: ProjectKey; at: Micros }>()(({ db }, given) =>
  db
    .updateTable('run')
    .set({
      desired_state: 'stopped',
      deleted_at: sql<Micros>`coalesce(deleted_at, ${given.at})`,
      purge_at: given.at,
      updated_at: given.at,
    })
    .set((column) => ({ version: column('version', '+', 1) }))
    .where('project_key', '=', given.projectKey)
    .where('purge_at', 'is', null)
    .returning('key'),
);

/**
 * The runs of projects on their way to the trash, back, and out for good; and those with work left. `now` decides
 * what is due to be purged.
 */
export function createRunStages(
  session: Session,
  now: () => Micros,
): Pick<
  RunRepository,
  'unfinished' | 'unfinishedIn' | 'trashActive' | 'restoreTrashed' | 'lastTrashedAt' | 'markForPurge'
> {
  return {
    unfinished: async () => keysOf(await selectUnfinished.all(session, { now: now() })),
    unfinishedIn: async (projectKey) => keysOf(await selectUnfinishedIn.all(session, { projectKey })),
    trashActive: async (projectKey, at) => keysOf(await trashActive.all(session, { projectKey, at })),
    restoreTrashed: async (projectKey, trashedAt, updatedAt) =>
      keysOf(await restoreTrashed.all(session, { projectKey, trashedAt, updatedAt })),
    lastTrashedAt: async (projectKey) =>
      (await selectLastTrashed.first(session, { projectKey }))?.deleted_at ?? null,
    markForPurge: async (projectKey, at) => keysOf(await markForPurge.all(session, { projectKey, at })),
  };
}

function keysOf(rows: readonly { readonly key: RunKey }[]): RunKey[] {
  return rows.map((row) => row.key);
}
