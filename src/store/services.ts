import { type Selectable, sql } from 'kysely';
import type { ArtifactRoot } from '../core/artifact-path.js';
import { notFound } from '../core/errors.js';
import type { JobId, ProjectKey, RunKey, ServiceId, ServiceKey, UserKey } from '../core/ids.js';
import type { ServicePatch, ServiceRepository } from '../core/ports/index.js';
import type { Service, ServiceKind } from '../core/service.js';
import type { Micros } from '../core/time.js';
import { among, holding } from './engine.js';
import { preparePatch } from './patch.js';
import type { Database } from './schema.js';
import { prepare, type Session } from './statement.js';

const insert = prepare<{
  id: ServiceId;
  projectKey: ProjectKey;
  runKey: RunKey | null;
  kind: ServiceKind;
  jobId: JobId;
  pathPrefix: string;
  spec: string | null;
  createdByKey: UserKey | null;
  createdByName: string;
  createdAt: Micros;
}>()(({ db }, given) =>
  db
    .insertInto('service')
    .values({
      id: given.id,
      project_key: given.projectKey,
      run_key: given.runKey,
      kind: given.kind,
      desired_state: 'running',
      status: 'created',
      job_id: given.jobId,
      path_prefix: given.pathPrefix,
      spec: given.spec,
      created_by_key: given.createdByKey,
      created_by_name: given.createdByName,
      created_at: given.createdAt,
      updated_at: given.createdAt,
    })
    .returningAll(),
);

const selectOfRun = prepare<{ runKey: RunKey; kind: ServiceKind }>()(({ db }, given) =>
  db.selectFrom('service').selectAll().where('run_key', '=', given.runKey).where('kind', '=', given.kind),
);

const selectOfProject = prepare<{ projectKey: ProjectKey; kind: ServiceKind }>()(({ db }, given) =>
  db
    .selectFrom('service')
    .selectAll()
    .where('project_key', '=', given.projectKey)
    .where('kind', '=', given.kind)
    .where('run_key', 'is', null),
);

const selectByKey = prepare<{ key: ServiceKey }>()(({ db }, given) =>
  db.selectFrom('service').selectAll().where('key', '=', given.key),
);

const selectById = prepare<{ id: ServiceId }>()(({ db }, given) =>
  db.selectFrom('service').selectAll().where('id', '=', given.id),
);

const selectHolding = prepare<{ key: ServiceKey }>()(({ db, engine }, given) =>
  holding(engine, db.selectFrom('service').selectAll().where('key', '=', given.key)),
);

const update = preparePatch<ServicePatch, { key: ServiceKey; updatedAt: Micros }>({
  desiredState: 'desired_state',
  status: 'status',
  reason: 'reason',
  message: 'message',
  jobId: 'job_id',
  port: 'port',
  pathPrefix: 'path_prefix',
  spec: 'spec',
})((db, changes, given) =>
  db
    .updateTable('service')
    .set({ ...changes, updated_at: given.updatedAt })
    .where('key', '=', given.key)
    .returningAll(),
);

const selectWanted = prepare<{ projectKey: ProjectKey; kind: ServiceKind }>()(({ db }, given) =>
  db
    .selectFrom('service')
    .selectAll()
    .where('project_key', '=', given.projectKey)
    .where('kind', '=', given.kind)
    .where('desired_state', '=', 'running')
    .orderBy('key', 'desc'),
);

const deleteOne = prepare<{ key: ServiceKey }>()(({ db }, given) =>
  db.deleteFrom('service').where('key', '=', given.key),
);

const selectKeys = prepare<Record<never, never>>()(({ db }) =>
  db.selectFrom('service').select('key').orderBy('key'),
);

const selectKeysOfRun = prepare<{ runKey: RunKey }>()(({ db }, given) =>
  db.selectFrom('service').select('key').where('run_key', '=', given.runKey).orderBy('key'),
);

const selectKeysOfProject = prepare<{ projectKey: ProjectKey }>()(({ db }, given) =>
  db.selectFrom('service').select('key').where('project_key', '=', given.projectKey).orderBy('key'),
);

/** A row that is always there: whoever holds it counts alone, for a row that is not there yet cannot be held. */
const holdCount = prepare<Record<never, never>>()(({ db, engine }) =>
  holding(engine, db.selectFrom('meta').select('name').where('name', '=', 'created_at_ms')),
);

const countLive = prepare<Record<never, never>>()(({ db }) =>
  db
    .selectFrom('service')
    .select((row) => row.fn.countAll<number>().as('total'))
    .where('status', '!=', 'failed'),
);

const selectUpOfRuns = prepare<{ runKeys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('service')
    .select(['run_key', 'kind'])
    .where(among(engine, 'run_key', given.runKeys))
    .where('desired_state', '=', 'running')
    .where('status', '!=', 'failed'),
);

const selectUpOfProjects = prepare<{ projectKeys: readonly ProjectKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('service')
    .select(['project_key', 'kind'])
    .where(among(engine, 'project_key', given.projectKeys))
    .where('run_key', 'is', null)
    .where('desired_state', '=', 'running')
    .where('status', '!=', 'failed'),
);

const selectShownRuns = prepare<{ projectKey: ProjectKey; afterNumber: number; limit: number }>()(
  ({ db }, given) =>
    db
      .selectFrom('run')
      .select(['number', 'name', sql<ArtifactRoot>`coalesce(artifact_root, id)`.as('root')])
      .where('project_key', '=', given.projectKey)
      .where('number', '>', given.afterNumber)
      .where('deleted_at', 'is', null)
      .orderBy('number')
      .limit(given.limit),
);

/** The services of this session. */
export function createServices(session: Session): ServiceRepository {
  return {
    async insert({ createdBy, spec, ...input }) {
      const row = await insert.first(session, {
        ...input,
        spec: spec === null ? null : JSON.stringify(spec),
        createdByKey: createdBy.key,
        createdByName: createdBy.name,
      });
      if (row === undefined) throw new Error('the insert of a service gave no row back');
      return toService(row);
    },
    async find({ projectKey, runKey }, kind) {
      const row =
        runKey === null
          ? await selectOfProject.first(session, { projectKey, kind })
          : await selectOfRun.first(session, { runKey, kind });
      return toServiceOrNull(row);
    },
    findByKey: async (key) => toServiceOrNull(await selectByKey.first(session, { key })),
    findById: async (id) => toServiceOrNull(await selectById.first(session, { id })),
    async lock(key) {
      if (!session.writable) throw new Error('a lock needs a transaction');
      return toServiceOrNull(await selectHolding.first(session, { key }));
    },
    async update(key, patch, updatedAt) {
      const row = await update.first(session, patch, { key, updatedAt });
      if (row === undefined) throw notFound('service');
      return toService(row);
    },
    async remove(key) {
      await deleteOne.all(session, { key });
    },
    keys: async () => (await selectKeys.all(session, {})).map((row) => row.key),
    wanted: async (projectKey, kind) =>
      (await selectWanted.all(session, { projectKey, kind })).map(toService),
    keysOfRun: async (runKey) => (await selectKeysOfRun.all(session, { runKey })).map((row) => row.key),
    keysOfProject: async (projectKey) =>
      (await selectKeysOfProject.all(session, { projectKey })).map((row) => row.key),
    async countLive() {
      if (session.writable) await holdCount.first(session, {});
      return Number((await countLive.first(session, {}))?.total ?? 0);
    },
    async upOfRuns(runKeys) {
      const rows = await selectUpOfRuns.all(session, { runKeys });
      return kindsBy(rows.flatMap(({ run_key, kind }) => (run_key === null ? [] : [[run_key, kind]])));
    },
    async upOfProjects(projectKeys) {
      const rows = await selectUpOfProjects.all(session, { projectKeys });
      return kindsBy(rows.map(({ project_key, kind }) => [project_key, kind]));
    },
    async shownRuns(projectKey, afterNumber, limit) {
      const rows = await selectShownRuns.all(session, { projectKey, afterNumber, limit });
      return rows.map(({ number, name, root }) => ({ number, name, root }));
    },
  };
}

function kindsBy<K>(pairs: readonly (readonly [K, ServiceKind])[]): ReadonlyMap<K, ReadonlySet<ServiceKind>> {
  const kinds = new Map<K, Set<ServiceKind>>();
  for (const [key, kind] of pairs) kinds.set(key, (kinds.get(key) ?? new Set()).add(kind));
  return kinds;
}

function toServiceOrNull(row: Selectable<Database['service']> | undefined): Service | null {
  return row === undefined ? null : toService(row);
}

function toService(row: Selectable<Database['service']>): Service {
  return {
    key: row.key,
    id: row.id,
    projectKey: row.project_key,
    runKey: row.run_key,
    kind: row.kind,
    desiredState: row.desired_state,
    status: row.status,
    reason: row.reason,
    message: row.message,
    jobId: row.job_id,
    port: row.port,
    pathPrefix: row.path_prefix,
    spec: row.spec === null ? null : (JSON.parse(row.spec) as Record<string, unknown>),
    createdBy: { key: row.created_by_key, name: row.created_by_name },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
