import type { DatasetUse, RunInput } from '../dataset.js';
import type { ProjectKey, RunKey } from '../ids.js';

/** A use of a dataset in a project. */
export interface ProjectDatasetUse extends DatasetUse {
  readonly projectKey: ProjectKey;
}

/** What runs use. Datasets belong to the project of the run that named them first, and go with it. */
export interface InputRepository {
  /**
   * Inside a transaction: adds inputs of a run. A dataset that the project has stays as it is, and so does an
   * input that the run has; of inputs of one dataset the first counts.
   */
  add(
    run: { readonly key: RunKey; readonly projectKey: ProjectKey },
    inputs: readonly RunInput[],
  ): Promise<void>;
  /** In the order in which they came. */
  list(runKeys: readonly RunKey[]): Promise<ReadonlyMap<RunKey, readonly RunInput[]>>;
  /** The first uses of datasets in these projects, oldest dataset first. */
  uses(projectKeys: readonly ProjectKey[], limit: number): Promise<readonly ProjectDatasetUse[]>;
}
