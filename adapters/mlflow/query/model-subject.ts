import type { DatasetName } from '../../../src/core/logged-model.js';
import {
  compare,
  type Filter,
  joined,
  type LoggedModelField,
  latestMeasurement,
  measurement,
  modelAttribute,
  modelParam,
  modelTag,
  oneOf,
} from '../../../src/core/query.js';
import { toModelStatus } from '../translate/model-status.js';
import { modelStatuses } from '../wire/logged-model.js';
import { listOperators, textOperators } from './conditions.js';
import { entryField, type SearchField, textField, timeField } from './fields.js';
import { passes, type TextTest } from './operations.js';
import { fixedKind, openKind, type Subject } from './subject.js';

/** As `translate/logged-model.ts` writes it. */
const modelId = joined('m-', { attribute: 'idHex' }) as LoggedModelField & { kind: 'joined' };

const attributes: ReadonlyMap<string, SearchField<LoggedModelField>> = new Map([
  ['name', text('name')],
  ['model_id', textField<LoggedModelField>(modelId, { operators: [...textOperators, ...listOperators] })],
  ['model_type', text('modelType')],
  ['source_run_id', text('sourceRef')],
  ['status', textField<LoggedModelField>(modelAttribute('status'), { test: statusIs })],
  ['creation_timestamp_ms', timeField<LoggedModelField>(modelAttribute('createdAt'))],
  ['last_updated_timestamp_ms', timeField<LoggedModelField>(modelAttribute('updatedAt'))],
]);

const aliases = new Map([
  ['creation_timestamp', 'creation_timestamp_ms'],
  ['creation_time', 'creation_timestamp_ms'],
  ['last_updated_timestamp', 'last_updated_timestamp_ms'],
]);

function text(name: 'name' | 'modelType' | 'sourceRef'): SearchField<LoggedModelField> {
  return textField<LoggedModelField>(modelAttribute(name), {
    operators: [...textOperators, ...listOperators],
  });
}

/** The models whose status is shown as a word that passes the test. */
function statusIs(test: TextTest): Filter<LoggedModelField> {
  const words = modelStatuses.filter((word) => passes(test, word));
  return oneOf<LoggedModelField>(modelAttribute('status'), words.map(toModelStatus));
}

const ofAttributes = fixedKind('attributes', attributes, aliases);
const ofParams = openKind('params', (key) => entryField<LoggedModelField>(modelParam(key)));
const ofTags = openKind('tags', (key) => entryField<LoggedModelField>(modelTag(key)));

/** A metric: a filter takes a model with any value that passes, an order looks at the latest. */
function metricOn(key: string, datasets: readonly DatasetName[] | null): SearchField<LoggedModelField> {
  const test = (...[operator, number]: [Parameters<typeof compare>[1], number]) =>
    compare<LoggedModelField>(measurement(key, datasets), operator, number);
  return { testable: { kind: 'number', test }, order: [latestMeasurement(key, datasets)] };
}

/**
 * Logged models, as filters and orders name what is theirs.
 *
 * @param datasets what metrics are of these alone; null for any.
 */
export function loggedModels(datasets: readonly DatasetName[] | null): Subject<LoggedModelField> {
  const ofMetrics = openKind('metrics', (key) => metricOn(key, datasets));
  return {
    kinds: new Map([
      ...['attributes', 'attribute', 'attr'].map((word) => [word, ofAttributes] as const),
      ...['metrics', 'metric'].map((word) => [word, ofMetrics] as const),
      ...['params', 'param', 'parameters', 'parameter'].map((word) => [word, ofParams] as const),
      ...['tags', 'tag'].map((word) => [word, ofTags] as const),
    ]),
    bare: ofAttributes,
  };
}
