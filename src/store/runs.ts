import { type Compilable, type Selectable, sql } from 'kysely';
import type { ArtifactRoot } from '../core/artifact-path.js';
import { notFound } from '../core/errors.js';
import type { ProjectKey, RunId, RunKey, UserKey, WorkspaceKey } from '../core/ids.js';
import type { CodeRef, Extensions, Run } from '../core/model.js';
import type { NewRun, RunPageQuery, RunPatch, RunRepository } from '../core/ports/index.js';
import type { Status } from '../core/status.js';
import type { Micros } from '../core/time.js';
import { among, holding } from './engine.js';
import { removeMeasurementsOf } from './measurements.js';
import { preparePatch } from './patch.js';
import { createRunStages } from './run-stages.js';
import type { Database } from './schema.js';
import { countRuns, searchRuns } from './search-runs.js';
import { createSharedRoots } from './shared-roots.js';
import { prepare, type Session, type Statement } from './statement.js';

const selectById = prepare<{ id: RunId }>()(({ db }, given) =>
  db.selectFrom('run').selectAll().where('id', '=', given.id),
);

const selectByKey = prepare<{ key: RunKey }>()(({ db }, given) =>
  db.selectFrom('run').selectAll().where('key', '=', given.key),
);

const selectByNumber = prepare<{ projectKey: ProjectKey; number: number }>()(({ db }, given) =>
  db
    .selectFrom('run')
    .selectAll()
    .where('project_key', '=', given.projectKey)
    .where('number', '=', given.number),
);

const selectByName = prepare<{ projectKey: ProjectKey; name: string }>()(({ db }, given) =>
  db
    .selectFrom('run')
    .select('key')
    .where('project_key', '=', given.projectKey)
    .where('name', '=', given.name)
    .where('purge_at', 'is', null)
    .limit(1),
);

const selectMany = prepare<{ keys: readonly RunKey[] }>()(({ db, engine }, given) =>
  db
    .selectFrom('run')
    .selectAll()
    .where(among(engine, 'key', given.keys)),
);

const selectHolding = prepare<{ key: RunKey }>()(({ db, engine }, given) =>
  holding(engine, db.selectFrom('run').selectAll().where('key', '=', given.key)),
);

const hold = prepare<{ key: RunKey }>()(({ db, engine }, given) =>
  holding(engine, db.selectFrom('run').select('key').where('key', '=', given.key)),
);

const takeNumber = prepare<{ projectKey: ProjectKey }>()(({ db }, given) =>
  db
    .updateTable('project')
    .set((column) => ({ next_run_number: column('next_run_number', '+', 1) }))
    .where('key', '=', given.projectKey)
    .returning(['next_run_number as next', 'workspace_key']),
);

const insert = prepare<{
  id: RunId;
  workspaceKey: WorkspaceKey;
  projectKey: ProjectKey;
  number: number;
  name: string | null;
  description: string | null;
  createdByKey: UserKey | null;
  createdByName: string;
  managed: 0 | 1;
  status: Status;
  specRevision: number | null;
  originKey: RunKey | null;
  originKind: Run['originKind'];
  parentKey: RunKey | null;
  parentRef: string | null;
  artifactRoot: RunId | null;
  codeRef: string | null;
  codeCommit: string | null;
  framework: string | null;
  backend: string | null;
  groupRef: string | null;
  buildRef: string | null;
  codeRoot: ArtifactRoot | null;
  createdAt: Micros;
  extensions: string;
}>()(({ db }, given) =>
  db
    .insertInto('run')
    .values({
      id: given.id,
      workspace_key: given.workspaceKey,
      project_key: given.projectKey,
      number: given.number,
      name: given.name,
      description: given.description,
      created_by_key: given.createdByKey,
      created_by_name: given.createdByName,
      managed: given.managed,
      desired_state: 'running',
      status: given.status,
      attempt: 1,
      spec_revision: given.specRevision,
      origin_key: given.originKey,
      origin_kind: given.originKind,
      parent_key: given.parentKey,
      parent_ref: given.parentRef,
      artifact_root: given.artifactRoot,
      code_ref: given.codeRef,
      code_commit: given.codeCommit,
      framework: given.framework,
      backend: given.backend,
      group_ref: given.groupRef,
      build_ref: given.buildRef,
      code_root: given.codeRoot,
      created_at: given.createdAt,
      updated_at: given.createdAt,
      version: 1,
      extensions: given.extensions,
    })
    .returningAll(),
);

/** The commit is stored beside the reference to the code that it is a part of. */
type StoredPatch = RunPatch & { codeCommit?: string | null };

const update = preparePatch<StoredPatch, { key: RunKey; updatedAt: Micros }>({
  name: 'name',
  description: 'description',
  desiredState: 'desired_state',
  status: 'status',
  statusReason: 'status_reason',
  statusMessage: 'status_message',
  attempt: 'attempt',
  specRevision: 'spec_revision',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  heartbeatAt: 'heartbeat_at',
  deletedAt: 'deleted_at',
  archivedAt: 'archived_at',
  codeRef: 'code_ref',
  codeCommit: 'code_commit',
  framework: 'framework',
  backend: 'backend',
  groupRef: 'group_ref',
  buildRef: 'build_ref',
  parentKey: 'parent_key',
  parentRef: 'parent_ref',
  purgeAt: 'purge_at',
  extensions: 'extensions',
})((db, changes, given) =>
  db
    .updateTable('run')
    .set({ ...changes, updated_at: given.updatedAt })
    .set((column) => ({ version: column('version', '+', 1) }))
    .where('key', '=', given.key)
    .returningAll(),
);

/** Points name their run without a foreign key; everything else of the run goes with its row. */
const deletePoints = prepare<{ key: RunKey }>()(({ db }, given) =>
  db.deleteFrom('metric_point').where('run_key', '=', given.key),
);

const deleteRun = prepare<{ key: RunKey }>()(({ db }, given) =>
  db.deleteFrom('run').where('key', '=', given.key),
);

/**
 * Holds a run against all other writers of it.
 *
 * @throws CoreError `not_found` if it is not there.
 */
export async function holdRun(session: Session, key: RunKey): Promise<void> {
  if ((await hold.first(session, { key })) === undefined) throw notFound('run');
}

/** The runs of this session. `now` decides what is due to be purged. */
export function createRuns(session: Session, now: () => Micros): RunRepository {
  return {
    insert: (input) => insertRun(session, input),
    async find(id) {
      return toRunOrNull(await selectById.first(session, { id }));
    },
    async findByKey(key) {
      return toRunOrNull(await selectByKey.first(session, { key }));
    },
    async findByNumber(projectKey, number) {
      return toRunOrNull(await selectByNumber.first(session, { projectKey, number }));
    },
    async hasName(projectKey, name) {
      return (await selectByName.first(session, { projectKey, name })) !== undefined;
    },
    async findMany(keys) {
      const rows = await selectMany.all(session, { keys });
      return new Map(rows.map((row) => [row.key, toRun(row)]));
    },
    async lock(key) {
      if (!session.writable) throw new Error('a lock needs a transaction');
      return toRunOrNull(await selectHolding.first(session, { key }));
    },
    async update(key, patch, updatedAt) {
      const { codeRef } = patch;
      const stored = codeRef === undefined ? patch : { ...patch, codeCommit: codeRef?.commit ?? null };
      const row = await update.first(session, stored, { key, updatedAt });
      if (row === undefined) throw notFound('run');
      return toRun(row);
    },
    async page(query) {
      if (query.statuses?.length === 0) return [];
      return (await pageOf(query).all(session, pageParameters(query))).map(toRun);
    },
    async search(search) {
      const { rows, next } = await searchRuns(session, search);
      return { runs: rows.map(toRun), next };
    },
    count: (scope) => countRuns(session, scope),
    ...createRunStages(session, now),
    ...createSharedRoots(session),
    async remove(key) {
      await removeMeasurementsOf(session, key);
      await deletePoints.all(session, { key });
      await deleteRun.all(session, { key });
    },
  };
}

async function insertRun(session: Session, input: NewRun): Promise<Run> {
  const { projectKey } = input;
  const counter = await takeNumber.first(session, { projectKey });
  if (counter === undefined) throw notFound('project');
  const { createdBy, ...rest } = input;
  const row = await insert.first(session, {
    ...rest,
    workspaceKey: counter.workspace_key,
    number: counter.next - 1,
    createdByKey: createdBy.key,
    createdByName: createdBy.name,
    managed: input.managed ? 1 : 0,
    artifactRoot: input.artifactRoot === input.id ? null : input.artifactRoot,
    codeRef: input.codeRef === null ? null : JSON.stringify(input.codeRef),
    codeCommit: input.codeRef?.commit ?? null,
    extensions: JSON.stringify(input.extensions),
  });
  if (row === undefined) throw new Error('the insert of a run gave no row back');
  return toRun(row);
}

type PageParameters = Record<string, unknown>;

/** Before every run of a list. */
const beforeAll = { createdAt: Number.MIN_SAFE_INTEGER, key: 0 };

const pages = new Map<string, Statement<PageParameters, Selectable<Database['run']>>>();

/** The statement for this form of a query: by project or not, and by so many statuses. */
function pageOf(query: RunPageQuery): Statement<PageParameters, Selectable<Database['run']>> {
  const statuses = query.statuses === undefined ? 0 : new Set(query.statuses).size;
  const form = { project: query.projectKey !== undefined, statuses };
  const name = JSON.stringify(form);
  let statement = pages.get(name);
  if (statement === undefined) {
    statement = preparePage(form);
    pages.set(name, statement);
  }
  return statement;
}

/**
 * With several statuses, the first rows of each are read from its own part of the index and then merged:
 * so a page costs the same however many runs there are.
 */
function preparePage(form: { project: boolean; statuses: number }) {
  return prepare<PageParameters>()(({ db }, given): Compilable<Selectable<Database['run']>> => {
    const parameter = <T>(name: string) => sql<T>`${given[name]}`;
    const part = (status: string | null) => {
      let query = db
        .selectFrom('run')
        .selectAll()
        .where('deleted_at', 'is', null)
        .where('workspace_key', '=', parameter<WorkspaceKey>('workspaceKey'))
        .where(sql<boolean>`(created_at, key) > (${given.createdAt}, ${given.key})`)
        .orderBy('created_at')
        .orderBy('key')
        .limit(parameter<number>('limit'));
      if (form.project) query = query.where('project_key', '=', parameter<ProjectKey>('projectKey'));
      if (status !== null) query = query.where('status', '=', parameter<Status>(status));
      return query;
    };
    const [first = null, ...others] = Array.from({ length: form.statuses }, (_, place) => `status${place}`);
    if (others.length === 0) return part(first);
    return others
      .reduce(
        (union, status) => union.unionAll(db.selectFrom(part(status).as('part')).selectAll()),
        db.selectFrom(part(first).as('part')).selectAll(),
      )
      .orderBy('created_at')
      .orderBy('key')
      .limit(parameter<number>('limit'));
  });
}

function pageParameters(query: RunPageQuery): PageParameters {
  const { workspaceKey, projectKey, after = beforeAll, limit } = query;
  const statuses = [...new Set(query.statuses)].map((status, place) => [`status${place}`, status]);
  return { workspaceKey, projectKey, limit, ...after, ...Object.fromEntries(statuses) };
}

function toRunOrNull(row: Selectable<Database['run']> | undefined): Run | null {
  return row === undefined ? null : toRun(row);
}

/** The run of a row. */
export function toRun(row: Selectable<Database['run']>): Run {
  return {
    key: row.key,
    id: row.id,
    projectKey: row.project_key,
    number: row.number,
    name: row.name,
    description: row.description,
    createdBy: { key: row.created_by_key, name: row.created_by_name },
    managed: row.managed === 1,
    desiredState: row.desired_state,
    status: row.status,
    statusReason: row.status_reason,
    statusMessage: row.status_message,
    attempt: row.attempt,
    specRevision: row.spec_revision,
    originKey: row.origin_key,
    originKind: row.origin_kind,
    parentKey: row.parent_key,
    parentRef: row.parent_ref,
    artifactRoot: row.artifact_root ?? row.id,
    codeRef: row.code_ref === null ? null : (JSON.parse(row.code_ref) as CodeRef),
    framework: row.framework,
    backend: row.backend,
    groupRef: row.group_ref,
    buildRef: row.build_ref,
    codeRoot: row.code_root,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    heartbeatAt: row.heartbeat_at,
    deletedAt: row.deleted_at,
    archivedAt: row.archived_at,
    purgeAt: row.purge_at,
    version: row.version,
    extensions: JSON.parse(row.extensions) as Extensions,
  };
}
