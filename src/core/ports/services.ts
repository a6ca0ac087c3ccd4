import type { ArtifactRoot } from '../artifact-path.js';
import type { JobId, ProjectKey, RunKey, ServiceId, ServiceKey } from '../ids.js';
import type { Author } from '../model.js';
import type { Service, ServiceKind, ServiceSubject } from '../service.js';
import type { Micros } from '../time.js';

/** Where services run. */
export interface ServiceHost {
  /** How many may run at once. */
  readonly limit: number;
  /** True if a program of this name is found where jobs look for programs. */
  hasProgram(name: string): Promise<boolean>;
  /** Puts links to other roots into a root, by name, as a program sees it; those that are there stay as they are. */
  link(root: ArtifactRoot, links: readonly OutputsLink[]): Promise<void>;
  /** True if something listens at this port of the loopback interface. */
  listens(port: number): Promise<boolean>;
}

/** A root under a name. */
export interface OutputsLink {
  /** Fit for the name of a file. */
  readonly name: string;
  readonly root: ArtifactRoot;
}

export interface NewService extends ServiceSubject {
  readonly id: ServiceId;
  readonly kind: ServiceKind;
  readonly jobId: JobId;
  readonly pathPrefix: string;
  readonly spec: Service['spec'];
  readonly createdBy: Author;
  readonly createdAt: Micros;
}

/** What may change in a service's row. */
export type ServicePatch = Partial<
  Pick<Service, 'desiredState' | 'status' | 'reason' | 'message' | 'jobId' | 'port' | 'pathPrefix' | 'spec'>
>;

/** A run whose outputs a service of its project shows. */
export interface ShownRun {
  readonly number: number;
  readonly name: string | null;
  readonly root: ArtifactRoot;
}

export interface ServiceRepository {
  /** The row starts as `created`, wanted `running`; rejects `already_exists` where the subject has one of this kind. */
  insert(input: NewService): Promise<Service>;
  find(subject: ServiceSubject, kind: ServiceKind): Promise<Service | null>;
  findByKey(key: ServiceKey): Promise<Service | null>;
  findById(id: ServiceId): Promise<Service | null>;
  /** Inside a transaction: the service, held against every other writer until the end of the transaction. */
  lock(key: ServiceKey): Promise<Service | null>;
  /** Changes the row; rejects `not_found` for none. */
  update(key: ServiceKey, patch: ServicePatch, updatedAt: Micros): Promise<Service>;
  remove(key: ServiceKey): Promise<void>;
  /** Of all services, in their order. */
  keys(): Promise<readonly ServiceKey[]>;
  /** Services of a project and of its runs that somebody wants, newest first. */
  wanted(projectKey: ProjectKey, kind: ServiceKind): Promise<readonly Service[]>;
  /** Of a run's own services. */
  keysOfRun(runKey: RunKey): Promise<readonly ServiceKey[]>;
  /** Of a project's own services and of those of its runs. */
  keysOfProject(projectKey: ProjectKey): Promise<readonly ServiceKey[]>;
  /**
   * How many services have a process or will have one, over all workspaces. Inside a transaction it also holds
   * back every other that counts, so that what is added on the strength of the number stays right.
   */
  countLive(): Promise<number>;
  /** The kinds of services that are up, of each of these runs that has any. */
  upOfRuns(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, ReadonlySet<ServiceKind>>>;
  /** The same of projects' own services. */
  upOfProjects(
    projectKeys: readonly ProjectKey[],
  ): Promise<ReadonlyMap<ProjectKey, ReadonlySet<ServiceKind>>>;
  /** Runs of a project that are not deleted, from behind the one of this number on, in the order of the numbers. */
  shownRuns(projectKey: ProjectKey, afterNumber: number, limit: number): Promise<readonly ShownRun[]>;
}
