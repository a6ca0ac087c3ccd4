import type { JobId, JobKey, ProjectId, ProjectKey, RunId, RunKey, UserKey, WorkspaceKey } from '../ids.js';
import type { MetricPoint, MetricSummary, StoredPoint } from '../metrics.js';
import type {
  Attempt,
  AuditEvent,
  Author,
  Environment,
  Extensions,
  IdempotencyKey,
  Job,
  MemberRole,
  Project,
  Run,
  StatusEvent,
  Template,
  Token,
  User,
  Workspace,
} from '../model.js';
import type { Param, Tag } from '../params.js';
import type { RunSpec, SpecInput } from '../spec.js';
import type { Status } from '../status.js';
import type { Micros } from '../time.js';

/**
 * The database. All writing goes through `transaction`; what it acknowledges survives the death of the
 * process and of the machine. Reads outside a transaction see committed data only.
 *
 * Every method of every repository rejects with a CoreError `unavailable` when the database cannot
 * answer now (disk full, connection lost, locked), and then nothing of the transaction is stored; but
 * where a connection to PostgreSQL breaks during COMMIT, nobody can know, and it may be.
 */
export interface Store {
  /** Reads alone; a write through it is an error of the caller's. */
  readonly read: Repositories;
  /** When this database was created, milliseconds since 1970: a part of Submarine's ids. */
  readonly createdAtMs: number;
  /**
   * Runs `work` in one transaction and resolves when it is durable. Inside, nothing but `tx` may be
   * awaited: on SQLite all transactions run one after another on one connection.
   */
  transaction<T>(work: (tx: Repositories) => Promise<T>): Promise<T>;
  /** Resolves if the database answers a read and would take a write; rejects `unavailable` otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface Repositories {
  readonly accounts: AccountRepository;
  readonly projects: ProjectRepository;
  readonly runs: RunRepository;
  readonly specs: SpecRepository;
  readonly attempts: AttemptRepository;
  readonly jobs: JobRepository;
  readonly statuses: StatusRepository;
  readonly params: ParamRepository;
  readonly tags: TagRepository;
  readonly metrics: MetricRepository;
  readonly environments: DocumentRepository<Environment>;
  readonly templates: DocumentRepository<Template>;
  readonly idempotency: IdempotencyRepository;
  readonly audit: AuditRepository;
}

/** Workspaces, users, their memberships and tokens. Names are found without regard to case. */
export interface AccountRepository {
  findWorkspace(name: string): Promise<Workspace | null>;
  /** Rejects `already_exists` for a taken name. */
  insertWorkspace(input: { name: string; createdAt: Micros }): Promise<Workspace>;
  findUser(name: string): Promise<User | null>;
  findUserByKey(key: UserKey): Promise<User | null>;
  /** Rejects `already_exists` for a taken name. */
  insertUser(input: { id: string; name: string; isSuperuser: boolean; createdAt: Micros }): Promise<User>;
  setSuperuser(key: UserKey, isSuperuser: boolean): Promise<void>;
  findMember(workspaceKey: WorkspaceKey, userKey: UserKey): Promise<MemberRole | null>;
  /** Sets the role, or with null takes the membership away. */
  setMember(workspaceKey: WorkspaceKey, userKey: UserKey, role: MemberRole | null): Promise<void>;
  findToken(hash: string): Promise<Token | null>;
  insertToken(token: Token): Promise<void>;
}

export interface NewProject {
  readonly id: ProjectId;
  readonly workspaceKey: WorkspaceKey;
  readonly name: string;
  readonly description: string | null;
  readonly isPublic: boolean;
  readonly createdBy: Author;
  readonly createdAt: Micros;
  readonly extensions: Extensions;
}

export interface ProjectRepository {
  /** Gives the next number of the workspace (from 0) and a free slug; rejects `already_exists` for a taken name. */
  insert(input: NewProject): Promise<Project>;
  find(key: ProjectKey): Promise<Project | null>;
  findByNumber(workspaceKey: WorkspaceKey, number: number): Promise<Project | null>;
  findBySlug(workspaceKey: WorkspaceKey, slug: string): Promise<Project | null>;
}

export interface NewRun {
  readonly id: RunId;
  readonly projectKey: ProjectKey;
  readonly name: string | null;
  readonly description: string | null;
  readonly createdBy: Author;
  readonly managed: boolean;
  readonly status: Status;
  readonly specRevision: number | null;
  readonly originKey: RunKey | null;
  readonly originKind: Run['originKind'];
  readonly parentKey: RunKey | null;
  readonly parentRef: string | null;
  readonly createdAt: Micros;
  readonly extensions: Extensions;
}

/** What may change in a run's row. */
export type RunPatch = Partial<
  Pick<
    Run,
    | 'name'
    | 'description'
    | 'desiredState'
    | 'status'
    | 'statusReason'
    | 'statusMessage'
    | 'attempt'
    | 'specRevision'
    | 'startedAt'
    | 'finishedAt'
    | 'heartbeatAt'
    | 'deletedAt'
    | 'purgeAt'
    | 'extensions'
  >
>;

/** A place in the list of runs, which is ordered by (createdAt, key). */
export interface RunCursor {
  readonly createdAt: Micros;
  readonly key: RunKey;
}

export interface RunPageQuery {
  readonly workspaceKey: WorkspaceKey;
  readonly projectKey?: ProjectKey;
  /** Only runs in one of these statuses. */
  readonly statuses?: readonly Status[];
  /** Only runs behind this place. */
  readonly after?: RunCursor;
  readonly limit: number;
}

export interface RunRepository {
  /** Gives the next number of the project; the row starts with attempt 1, desired state `running`, version 1. */
  insert(input: NewRun): Promise<Run>;
  find(id: RunId): Promise<Run | null>;
  findByKey(key: RunKey): Promise<Run | null>;
  /** Inside a transaction: the run, held against every other writer until the end of the transaction. */
  lock(key: RunKey): Promise<Run | null>;
  /** Changes the row, counts its version up, and gives it back. */
  update(key: RunKey, patch: RunPatch, updatedAt: Micros): Promise<Run>;
  /** Runs that are not deleted, in the order (createdAt, key). */
  page(query: RunPageQuery): Promise<readonly Run[]>;
  /** Keys of managed runs with work left: not ended, or due to be purged. In the order of the keys. */
  unfinished(): Promise<readonly RunKey[]>;
  /** Removes the run and all that belongs to it from the database; its audit events stay. */
  remove(key: RunKey): Promise<void>;
}

export interface SpecRepository {
  insert(runKey: RunKey, revision: number, spec: SpecInput, createdAt: Micros): Promise<void>;
  find(runKey: RunKey, revision: number): Promise<RunSpec | null>;
  /** The wanted revision of each of these runs that has one. */
  current(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, RunSpec>>;
}

export interface AttemptRepository {
  /** Starts an attempt, last in the line of those that wait. */
  insert(input: Pick<Attempt, 'runKey' | 'number' | 'reason' | 'createdAt'>): Promise<Attempt>;
  find(runKey: RunKey, number: number): Promise<Attempt | null>;
  list(runKey: RunKey): Promise<readonly Attempt[]>;
  update(
    runKey: RunKey,
    number: number,
    patch: Partial<Pick<Attempt, 'submittedRevision' | 'admitted'>>,
  ): Promise<void>;
}

export interface NewJob {
  readonly id: JobId;
  readonly attempt: number;
  readonly role: string;
  readonly index: number;
  readonly name: string;
  readonly status: Status;
  readonly resources: Job['resources'];
  readonly createdAt: Micros;
}

export type JobPatch = Partial<
  Pick<
    Job,
    'status' | 'reason' | 'message' | 'exitCode' | 'signal' | 'node' | 'retired' | 'startedAt' | 'finishedAt'
  >
>;

export interface JobRepository {
  /** Adds jobs, numbered on from the run's last. */
  insert(runKey: RunKey, jobs: readonly NewJob[]): Promise<readonly Job[]>;
  /** All jobs of all attempts of these runs, in the order (run key, number). */
  list(runKeys: readonly RunKey[]): Promise<readonly Job[]>;
  update(key: JobKey, patch: JobPatch, updatedAt: Micros): Promise<void>;
}

export interface StatusRepository {
  append(event: Omit<StatusEvent, 'seq'>): Promise<StatusEvent>;
  /** Events of the runs themselves (`jobs: false`), or of their jobs too, in the order (run key, seq). */
  list(runKeys: readonly RunKey[], options: { jobs: boolean }): Promise<readonly StatusEvent[]>;
}

export interface ParamRepository {
  /** Adds params, or replaces those of the same keys, which keep their places. */
  upsert(runKey: RunKey, params: readonly Param[]): Promise<void>;
  /** In the order in which they came. */
  list(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly Param[]>>;
}

export interface TagRepository {
  /** Adds tags, or replaces those of the same keys, which keep their places. */
  upsert(runKey: RunKey, tags: readonly Tag[]): Promise<void>;
  remove(runKey: RunKey, keys: readonly string[]): Promise<void>;
  /** In the order in which they came. */
  list(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly Tag[]>>;
}

/** A place in the history of one metric, which is ordered by (timestamp, step, seq). */
export interface PointCursor {
  readonly timestampMs: bigint;
  readonly timestampUs: number;
  readonly step: bigint | null;
  readonly seq: number;
}

export interface MetricRepository {
  /**
   * Appends points and brings the summaries up to date. Points of the same (step, timestamp) within
   * one call share a row number.
   */
  append(runKey: RunKey, points: readonly MetricPoint[], at: Micros): Promise<void>;
  /** One metric's history in the order (timestamp, step, seq), null steps first. */
  history(
    runKey: RunKey,
    key: string,
    page: { after?: PointCursor; limit: number },
  ): Promise<readonly StoredPoint[]>;
  /** All points of a run in the order (row, seq), from behind `afterSeq`-th place on. */
  rows(
    runKey: RunKey,
    page: { after?: { row: number; seq: number }; limit: number },
  ): Promise<readonly StoredPoint[]>;
  summaries(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly MetricSummary[]>>;
}

/** Named documents of a workspace. Names are exact. */
export interface DocumentRepository<
  T extends { readonly name: string; readonly workspaceKey: WorkspaceKey },
> {
  /** Rejects `already_exists` for a taken name. */
  insert(input: Omit<T, 'sequence' | 'updatedAt'>): Promise<T>;
  find(workspaceKey: WorkspaceKey, name: string): Promise<T | null>;
  /** In the order in which they were created. */
  list(workspaceKey: WorkspaceKey): Promise<readonly T[]>;
  /** Replaces the document of this sequence; rejects `already_exists` if its new name is taken. */
  replace(document: T): Promise<T>;
  remove(workspaceKey: WorkspaceKey, name: string): Promise<boolean>;
}

export interface IdempotencyRepository {
  /** The key's record unless it has expired. */
  find(
    workspaceKey: WorkspaceKey,
    userKey: UserKey,
    key: string,
    now: Micros,
  ): Promise<IdempotencyKey | null>;
  /** Stores the record, over an expired one of the same key; rejects `already_exists` over a live one. */
  insert(record: IdempotencyKey, now: Micros): Promise<void>;
}

export interface AuditRepository {
  append(event: AuditEvent): Promise<void>;
  list(entity: string): Promise<readonly AuditEvent[]>;
}
