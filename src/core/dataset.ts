import { invalid } from './errors.js';

/** Data that runs of a project use. The name and the digest are its identity there. */
export interface Dataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  /** Where it comes from, and what it looks like: in the words of its client, often JSON. */
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
}

/** That a run uses a dataset. */
export interface RunInput {
  readonly dataset: Dataset;
  /** What for, e.g. `training`; null if nothing is said. */
  readonly context: string | null;
  /** What else is said of it. */
  readonly tags: readonly InputTag[];
}

export interface InputTag {
  readonly key: string;
  readonly value: string;
}

/** A dataset, and what it is used for: each pair once. */
export interface DatasetUse {
  readonly name: string;
  readonly digest: string;
  readonly context: string | null;
}

/** Characters at most; those beyond UTF-16's first plane count as one. */
export const datasetLimits = { name: 500, digest: 36 } as const;

/**
 * Refuses a dataset whose identity is too long to be looked up.
 *
 * @throws CoreError `invalid`.
 */
export function checkDataset({ name, digest }: Pick<Dataset, 'name' | 'digest'>): void {
  if ([...name].length > datasetLimits.name) throw tooLong('name');
  if ([...digest].length > datasetLimits.digest) throw tooLong('digest');
}

function tooLong(part: keyof typeof datasetLimits): Error {
  return invalid(part, `the ${part} of a dataset has at most ${datasetLimits[part]} characters`);
}
