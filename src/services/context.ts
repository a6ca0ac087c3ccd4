import type { RunKey } from '../core/ids.js';
import type { User, Workspace } from '../core/model.js';
import type {
  ArtifactStore,
  Changes,
  Clock,
  Crash,
  IdSource,
  JobDatabases,
  JobMeter,
  LogStore,
  ServiceHost,
  Store,
  TableReader,
  Waker,
} from '../core/ports/index.js';

/** What services reach the world by. */
export interface Ports {
  readonly store: Store;
  readonly logs: LogStore;
  readonly artifacts: ArtifactStore;
  readonly tables: TableReader;
  readonly serviceHost: ServiceHost;
  readonly meter: JobMeter;
  readonly jobDatabases: JobDatabases;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly waker: Waker;
  readonly changes: Changes;
  readonly crash: Crash;
}

/** Who asks. */
export interface Actor {
  readonly user: User;
  /** Set when the caller's token is worth one run only. */
  readonly runKey: RunKey | null;
}

/** The setting of one request: every verb takes it first. */
export interface Context {
  readonly ports: Ports;
  readonly actor: Actor;
  readonly workspace: Workspace;
  /**
   * True in dialects that know a trash: what is in it is found and read, and a write to it is refused as
   * `trashed`. To the others it is not there.
   */
  readonly seesTrash?: boolean;
}
