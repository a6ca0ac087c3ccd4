import type { Measurement } from '../../src/core/logged-model.js';
import { classify } from '../../src/core/metrics.js';
import type { NewModelInput } from '../../src/services/logged-models/create.js';

/** A model as dialects ask for it, with a plain value for each field. */
export const aModel = (fields: Partial<NewModelInput> = {}): NewModelInput => ({
  name: 'net',
  sourceRef: null,
  modelType: null,
  params: [],
  tags: [],
  extensions: {},
  ...fields,
});

/** What a run measured of a model. */
export const measured = (value: number, fields: Partial<Measurement> = {}): Measurement => ({
  key: 'acc',
  ...classify(value),
  step: 0n,
  timestampMs: 1n,
  timestampUs: 0,
  dataset: null,
  ...fields,
});
