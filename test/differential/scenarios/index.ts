import type { Scenario } from '../steps.js';
import { artifacts } from './artifacts.js';
import { datasets } from './datasets.js';
import { experiments } from './experiments.js';
import { logging } from './logging.js';
import { loggedModels } from './models.js';
import { routing } from './routing.js';
import { runs } from './runs.js';
import { search } from './search.js';

/** The whole list, in the order in which it is replayed. */
export const scenarios: readonly Scenario[] = [
  ...experiments,
  ...runs,
  ...logging,
  ...search,
  ...artifacts,
  ...datasets,
  ...loggedModels,
  ...routing,
];
