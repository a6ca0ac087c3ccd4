import type { ArtifactRoot } from '../artifact-path.js';
import type { ProjectKey, RunId, RunKey, WorkspaceKey } from '../ids.js';
import type { Author, CodeRef, Extensions, Run } from '../model.js';
import type { Filter, Order } from '../query.js';
import type { Lifecycle } from '../stage.js';
import type { Status } from '../status.js';
import type { Micros } from '../time.js';

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
  /** null: its own. */
  readonly artifactRoot: RunId | null;
  readonly codeRef: CodeRef | null;
  readonly framework: string | null;
  readonly backend: string | null;
  readonly groupRef: string | null;
  readonly buildRef: string | null;
  readonly codeRoot: ArtifactRoot | null;
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
    | 'archivedAt'
    | 'purgeAt'
    | 'parentKey'
    | 'parentRef'
    | 'codeRef'
    | 'framework'
    | 'backend'
    | 'groupRef'
    | 'buildRef'
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

/** Which runs a search is about. */
export interface RunScope {
  readonly workspaceKey: WorkspaceKey;
  /** Only runs of these projects; of all without it. */
  readonly projectKeys?: readonly ProjectKey[];
  /** Only runs of projects that every user may read. */
  readonly publicOnly?: boolean;
  readonly lifecycle: Lifecycle;
  readonly filter: Filter;
}

export interface RunSearch extends RunScope {
  /** Ties are decided by the runs' keys; see `totalOrder`. */
  readonly order: Order;
  /** Only runs behind this place: `next` of an earlier page of the same order. */
  readonly after?: string;
  /** How many runs to pass over, behind `after` if that is given. */
  readonly offset?: number;
  readonly limit: number;
}

export interface RunSearchPage {
  readonly runs: readonly Run[];
  /** Where the next page begins; null when this one has the last run. Pages neither skip nor repeat a run that keeps its place. */
  readonly next: string | null;
}

export interface RunRepository {
  /** Gives the next number of the project; the row starts with attempt 1, desired state `running`, version 1. */
  insert(input: NewRun): Promise<Run>;
  find(id: RunId): Promise<Run | null>;
  findByKey(key: RunKey): Promise<Run | null>;
  findByNumber(projectKey: ProjectKey, number: number): Promise<Run | null>;
  /** True if a run of the project that is not being purged has exactly this name. */
  hasName(projectKey: ProjectKey, name: string): Promise<boolean>;
  /** Those that there are, deleted ones too. */
  findMany(keys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, Run>>;
  /** Inside a transaction: the run, held against every other writer until the end of the transaction. */
  lock(key: RunKey): Promise<Run | null>;
  /** Changes the row, counts its version up, and gives it back. */
  update(key: RunKey, patch: RunPatch, updatedAt: Micros): Promise<Run>;
  /** Runs that are not deleted, in the order (createdAt, key). */
  page(query: RunPageQuery): Promise<readonly Run[]>;
  /** Runs by a filter, in an order. Rejects `invalid` for a filter, order, cursor or limit that cannot be. */
  search(search: RunSearch): Promise<RunSearchPage>;
  /** How many runs `search` would find. Rejects as it does. */
  count(scope: RunScope): Promise<number>;
  /** Keys of managed runs with work left: not ended, or due to be purged. In the order of the keys. */
  unfinished(): Promise<readonly RunKey[]>;
  /** Trashes every run of a project that is in use, with this time, and gives their keys. */
  trashActive(projectKey: ProjectKey, at: Micros): Promise<readonly RunKey[]>;
  /** Takes the runs of a project out of the trash that were trashed at this very time, and gives their keys. */
  restoreTrashed(projectKey: ProjectKey, trashedAt: Micros, updatedAt: Micros): Promise<readonly RunKey[]>;
  /** When a run of the project was last trashed, of those that are trashed now; null for none. */
  lastTrashedAt(projectKey: ProjectKey): Promise<Micros | null>;
  /** Keys of managed runs of a project that have not ended, trashed ones too. In the order of the keys. */
  unfinishedIn(projectKey: ProjectKey): Promise<readonly RunKey[]>;
  /** Marks every run of a project for purging, and gives the keys of those that were not marked before. */
  markForPurge(projectKey: ProjectKey, at: Micros): Promise<readonly RunKey[]>;
  /** True if a run other than this one writes to that folder of outputs. */
  sharesArtifactRoot(root: RunId, except: RunKey): Promise<boolean>;
  /** True if a run other than this one (null: any) may still start jobs with this code. */
  usesCode(root: ArtifactRoot, except: RunKey | null): Promise<boolean>;
  /** Removes the run and all that belongs to it from the database; its audit events stay. */
  remove(key: RunKey): Promise<void>;
}
