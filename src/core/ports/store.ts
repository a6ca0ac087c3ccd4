import type { ArtifactRoot } from '../artifact-path.js';
import type {
  JobId,
  JobKey,
  LoggedModelKey,
  ProjectId,
  ProjectKey,
  RunKey,
  UserKey,
  WorkspaceKey,
} from '../ids.js';
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
  ProjectCounts,
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
import type { DigestRepository } from './digests.js';
import type { InputRepository } from './inputs.js';
import type { IntakeRepository } from './intakes.js';
import type {
  LoggedModelRepository,
  MeasurementRepository,
  ModelLinkRepository,
  ModelParamRepository,
} from './logged-models.js';
import type { MetricRepository } from './metrics.js';
import type { ProjectScope, ProjectSearch, ProjectSearchPage } from './projects.js';
import type { RunRepository } from './runs.js';
import type { ServiceRepository } from './services.js';

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
  /** When this database was created, milliseconds since 1970: a part of the ids of a dialect. */
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
  readonly projectTags: TagRepository<ProjectKey>;
  readonly metrics: MetricRepository;
  readonly inputs: InputRepository;
  readonly loggedModels: LoggedModelRepository;
  readonly modelParams: ModelParamRepository;
  readonly modelTags: TagRepository<LoggedModelKey>;
  readonly measurements: MeasurementRepository;
  readonly modelLinks: ModelLinkRepository;
  readonly digests: DigestRepository;
  readonly intakes: IntakeRepository;
  readonly bookmarks: BookmarkRepository;
  readonly services: ServiceRepository;
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
  /** Those that there are. */
  findWorkspaces(keys: readonly WorkspaceKey[]): Promise<ReadonlyMap<WorkspaceKey, Workspace>>;
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
  /** Stores a run's token, if it is not stored yet; earlier tokens of the run end at its creation. */
  replaceRunToken(token: Token & { readonly runKey: RunKey }): Promise<void>;
}

export interface NewProject {
  readonly id: ProjectId;
  readonly workspaceKey: WorkspaceKey;
  readonly name: string;
  readonly description: string | null;
  readonly isPublic: boolean;
  readonly tags: readonly Tag[];
  readonly createdBy: Author;
  readonly createdAt: Micros;
  readonly extensions: Extensions;
}

/** What may change in a project's row. Its slug never does; its tags are rows of their own. */
export type ProjectPatch = Partial<
  Pick<Project, 'name' | 'description' | 'isPublic' | 'codeRoot' | 'deletedAt' | 'purgeAt' | 'extensions'>
>;

export interface ProjectPageQuery {
  readonly workspaceKey: WorkspaceKey;
  /** Only those that every user may read. */
  readonly publicOnly: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Projects; names and slugs of those that were deleted for good are free and found no more. */
export interface ProjectRepository {
  /** Gives the next number of the workspace (from 0) and a free slug; rejects `already_exists` for a taken name. */
  insert(input: NewProject): Promise<Project>;
  /** Changes the row; rejects `already_exists` for a taken name, `not_found` for no project. */
  update(key: ProjectKey, patch: ProjectPatch, updatedAt: Micros): Promise<Project>;
  /** Inside a transaction: the project, held against every other writer until the end of the transaction. */
  lock(key: ProjectKey): Promise<Project | null>;
  /** Those that there are. */
  findMany(keys: readonly ProjectKey[]): Promise<ReadonlyMap<ProjectKey, Project>>;
  /** Projects that are not deleted, newest first, and how many there are in all. */
  page(query: ProjectPageQuery): Promise<{ projects: readonly Project[]; total: number }>;
  /** Projects by a filter, in an order. Rejects `invalid` for a filter, order, cursor or limit that cannot be. */
  search(search: ProjectSearch): Promise<ProjectSearchPage>;
  /** How many projects `search` would find. Rejects as it does. */
  count(scope: ProjectScope): Promise<number>;
  /** Of each of these projects of one workspace. */
  counts(
    workspaceKey: WorkspaceKey,
    keys: readonly ProjectKey[],
  ): Promise<ReadonlyMap<ProjectKey, ProjectCounts>>;
  /** True if a project has this as its code. */
  usesCode(root: ArtifactRoot): Promise<boolean>;
  /** Projects that were deleted for good and have logged models left. */
  withModelsToPurge(): Promise<readonly ProjectKey[]>;
  /** Removes the row of a project that was deleted for good, if no run, service or logged model is left in it. */
  removeIfEmpty(key: ProjectKey): Promise<void>;
  find(key: ProjectKey): Promise<Project | null>;
  /** The workspace of a project, without reading the rest of it; null for no project. */
  workspaceOf(key: ProjectKey): Promise<WorkspaceKey | null>;
  findById(id: ProjectId): Promise<Project | null>;
  findByNumber(workspaceKey: WorkspaceKey, number: number): Promise<Project | null>;
  /** Those of these numbers, in the order of the numbers. */
  findByNumbers(workspaceKey: WorkspaceKey, numbers: readonly number[]): Promise<readonly Project[]>;
  findBySlug(workspaceKey: WorkspaceKey, slug: string): Promise<Project | null>;
  /** Names are exact. */
  findByName(workspaceKey: WorkspaceKey, name: string): Promise<Project | null>;
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
  findByNumber(runKey: RunKey, number: number): Promise<Job | null>;
  /** All jobs of all attempts of these runs, in the order (run key, number). */
  list(runKeys: readonly RunKey[]): Promise<readonly Job[]>;
  update(key: JobKey, patch: JobPatch, updatedAt: Micros): Promise<void>;
}

export interface StatusRepository {
  append(event: Omit<StatusEvent, 'seq'>): Promise<StatusEvent>;
  /** Events of the runs themselves (`jobs: false`), or of their jobs too, in the order (run key, seq). */
  list(runKeys: readonly RunKey[], options: { jobs: boolean }): Promise<readonly StatusEvent[]>;
  /** A part of one history, oldest first, and how many events the whole of it has. */
  page(
    query: StatusQuery & { readonly offset: number; readonly limit: number },
  ): Promise<{ events: readonly StatusEvent[]; total: number }>;
  /** How many events of a history there are, up to and with that of `through`. */
  count(query: StatusQuery & { readonly through?: number }): Promise<number>;
}

/** One history: of a run itself, or of one of its jobs. */
export interface StatusQuery {
  readonly runKey: RunKey;
  readonly jobKey: JobKey | null;
  /** Only events of these statuses; all without it. */
  readonly statuses?: readonly Status[];
}

export interface ParamRepository {
  /** Adds params, or replaces those of the same keys, which keep their places. */
  upsert(runKey: RunKey, params: readonly Param[]): Promise<void>;
  remove(runKey: RunKey, keys: readonly string[]): Promise<void>;
  /** Those of these keys that there are, in the order in which they came. */
  find(runKey: RunKey, keys: readonly string[]): Promise<readonly Param[]>;
  /** In the order in which they came. */
  list(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly Param[]>>;
}

/** The tags of runs, or of other things. */
export interface TagRepository<Owner = RunKey> {
  /** Adds tags, or replaces those of the same keys, which keep their places. */
  upsert(owner: Owner, tags: readonly Tag[]): Promise<void>;
  remove(owner: Owner, keys: readonly string[]): Promise<void>;
  /** In the order in which they came. */
  list(owners: readonly Owner[]): Promise<ReadonlyMap<Owner, readonly Tag[]>>;
}

export interface BookmarkPage<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** What each user has marked. Lists are newest first, without what is deleted or what the user may not read. */
export interface BookmarkRepository {
  /** Marks it, or takes the mark away; a repeat changes nothing. */
  setRun(userKey: UserKey, runKey: RunKey, marked: boolean, at: Micros): Promise<void>;
  setProject(userKey: UserKey, projectKey: ProjectKey, marked: boolean, at: Micros): Promise<void>;
  /** Which of these runs the user has marked. */
  markedRuns(userKey: UserKey, keys: readonly RunKey[]): Promise<ReadonlySet<RunKey>>;
  markedProjects(userKey: UserKey, keys: readonly ProjectKey[]): Promise<ReadonlySet<ProjectKey>>;
  runs(userKey: UserKey, page: { offset: number; limit: number }): Promise<BookmarkPage<Run>>;
  projects(userKey: UserKey, page: { offset: number; limit: number }): Promise<BookmarkPage<Project>>;
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
