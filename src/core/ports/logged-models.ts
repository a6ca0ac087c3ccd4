import type { LoggedModelId, LoggedModelKey, ProjectKey, RunKey } from '../ids.js';
import type { LoggedModel, Measurement, ModelLink, ModelParam, StoredMeasurement } from '../logged-model.js';
import type { Author, Extensions } from '../model.js';
import type { Filter, LoggedModelField, Order } from '../query.js';
import type { Lifecycle } from '../stage.js';
import type { Micros } from '../time.js';

export interface NewLoggedModel {
  readonly id: LoggedModelId;
  readonly projectKey: ProjectKey;
  readonly name: string;
  readonly sourceRunKey: RunKey | null;
  readonly sourceRef: string | null;
  readonly modelType: string | null;
  readonly createdBy: Author;
  readonly createdAt: Micros;
  readonly extensions: Extensions;
}

/** What may change in a model's row. */
export type LoggedModelPatch = Partial<
  Pick<LoggedModel, 'status' | 'statusMessage' | 'deletedAt' | 'extensions'>
>;

/** Which models a search is about. */
export interface LoggedModelScope {
  readonly projectKeys: readonly ProjectKey[];
  readonly lifecycle: Lifecycle;
  readonly filter: Filter<LoggedModelField>;
}

export interface LoggedModelSearch extends LoggedModelScope {
  /** Ties are decided by the models' keys; see `totalOrder`. */
  readonly order: Order<LoggedModelField>;
  /** Only models behind this place: `next` of an earlier page of the same order. */
  readonly after?: string;
  /** How many models to pass over, behind `after` if that is given. */
  readonly offset?: number;
  readonly limit: number;
}

export interface LoggedModelPage {
  readonly models: readonly LoggedModel[];
  /** Where the next page begins; null when this one has the last model. */
  readonly next: string | null;
}

export interface LoggedModelRepository {
  /** The row starts as `pending`. */
  insert(input: NewLoggedModel): Promise<LoggedModel>;
  /** Those that there are, trashed ones too. */
  findMany(ids: readonly LoggedModelId[]): Promise<ReadonlyMap<LoggedModelId, LoggedModel>>;
  /** Inside a transaction: the model, held against every other writer until the end of the transaction. */
  lock(key: LoggedModelKey): Promise<LoggedModel | null>;
  /** Changes the row; rejects `not_found` for no model. */
  update(key: LoggedModelKey, patch: LoggedModelPatch, updatedAt: Micros): Promise<LoggedModel>;
  /** Models by a filter, in an order. Rejects `invalid` for a filter, order, cursor or limit that cannot be. */
  search(search: LoggedModelSearch): Promise<LoggedModelPage>;
  /** How many models `search` would find. Rejects as it does. */
  count(scope: LoggedModelScope): Promise<number>;
  /** Some models of a project, trashed ones too; none once there is none left. */
  someOf(projectKey: ProjectKey, limit: number): Promise<readonly LoggedModel[]>;
  /** Removes the model and all that belongs to it from the database; its audit events stay. */
  remove(key: LoggedModelKey): Promise<void>;
}

export interface ModelParamRepository {
  /** Adds params, behind those that there are. Rejects `already_exists` for a key that is there. */
  insert(modelKey: LoggedModelKey, params: readonly ModelParam[]): Promise<void>;
  /** In the order in which they came. */
  list(modelKeys: readonly LoggedModelKey[]): Promise<ReadonlyMap<LoggedModelKey, readonly ModelParam[]>>;
}

/** What runs measured of models. It goes with its run, and with its model. */
export interface MeasurementRepository {
  /**
   * Adds what a run measured of a model. What has the metric, dataset, time and step of what the run has measured
   * already takes its place: so a repeat changes nothing.
   */
  add(modelKey: LoggedModelKey, runKey: RunKey, measurements: readonly Measurement[]): Promise<void>;
  /** Of each metric and dataset the latest, by `compareMeasurements`; in the order of their names. */
  latest(
    modelKeys: readonly LoggedModelKey[],
  ): Promise<ReadonlyMap<LoggedModelKey, readonly StoredMeasurement[]>>;
}

/** Which models runs have read and written. */
export interface ModelLinkRepository {
  /** Adds links; those that are there stay as they are. */
  add(runKey: RunKey, links: readonly Omit<ModelLink, 'modelId'>[]): Promise<void>;
  /** In the order in which they came. */
  list(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly ModelLink[]>>;
}
