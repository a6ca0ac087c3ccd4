import type { ProjectKey, WorkspaceKey } from '../ids.js';
import type { Project } from '../model.js';
import type { Filter, Order, ProjectField } from '../query.js';
import type { Lifecycle } from '../stage.js';

/** Which projects a search is about. */
export interface ProjectScope {
  readonly workspaceKey: WorkspaceKey;
  /** Only these; all without it. */
  readonly projectKeys?: readonly ProjectKey[];
  /** Only those that every user may read. */
  readonly publicOnly?: boolean;
  readonly lifecycle: Lifecycle;
  readonly filter: Filter<ProjectField>;
}

export interface ProjectSearch extends ProjectScope {
  /** Ties are decided by the projects' keys; see `totalOrder`. */
  readonly order: Order<ProjectField>;
  /** Only projects behind this place: `next` of an earlier page of the same order. */
  readonly after?: string;
  /** How many projects to pass over, behind `after` if that is given. */
  readonly offset?: number;
  readonly limit: number;
}

export interface ProjectSearchPage {
  readonly projects: readonly Project[];
  /** Where the next page begins; null when this one has the last project. */
  readonly next: string | null;
}
