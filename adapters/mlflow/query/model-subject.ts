import type { DatasetName } from '../../../src/core/logged-model.js';
import {
  type Comparison,
  compare,
  exists,
  type Filter,
  joined,
  type LoggedModelField,
  measurement,
  modelAttribute,
  modelParam,
  modelRank,
  modelTag,
  not,
  type OrderField,
  oneOf,
  or,
} from '../../../src/core/query.js';
import { fromModelId, toModelId } from '../translate/logged-model.js';
import { toModelStatus } from '../translate/model-status.js';
import { modelStatuses } from '../wire/logged-model.js';
import { listOperators, textOperators } from './conditions.js';
import { type SearchField, textField, timeField } from './fields.js';
import { passes, type TextTest, textIs } from './operations.js';
import { fixedKind, openKind, type Subject } from './subject.js';

type ModelField = SearchField<LoggedModelField>;

const shownId = joined('m-', { attribute: 'idHex' }) as OrderField<LoggedModelField>;

/** Statuses are sorted by their numbers. */
const shownStatus = modelRank(
  'status',
  modelStatuses.map((word) => [toModelStatus(word)]),
);

export const modelAttributes: ReadonlyMap<string, ModelField> = new Map([
  ['name', text(modelAttribute('name'))],
  ['model_id', text(shownId, idIs)],
  ['model_type', textOrNone('modelType')],
  ['source_run_id', textOrNone('sourceRef')],
  ['status', text(shownStatus, statusIs)],
  ['creation_timestamp_ms', timeField<LoggedModelField>(modelAttribute('createdAt'))],
  ['last_updated_timestamp_ms', timeField<LoggedModelField>(modelAttribute('updatedAt'))],
]);

export const modelAliases: ReadonlyMap<string, string> = new Map([
  ['creation_timestamp', 'creation_timestamp_ms'],
  ['creation_time', 'creation_timestamp_ms'],
  ['last_updated_timestamp', 'last_updated_timestamp_ms'],
]);

function text(
  field: OrderField<LoggedModelField>,
  test = (asked: TextTest) => textIs<LoggedModelField>(field, asked),
): ModelField {
  const operators = [...textOperators, ...listOperators];
  return textField<LoggedModelField>(field, { operators, test, takesNumbers: true });
}

/** A text that is shown as the empty one where there is none. */
function textOrNone(name: 'modelType' | 'sourceRef'): ModelField {
  const field = modelAttribute(name);
  return text(field, (test) => {
    const known = textIs<LoggedModelField>(field, test);
    return passes(test, '') ? or(known, not(exists<LoggedModelField>(field))) : known;
  });
}

/** The model of this id, as which `m-` and 32 hex digits are shown. */
function idIs(test: TextTest): Filter<LoggedModelField> {
  if (test.kind === 'like') return textIs<LoggedModelField>(shownId, test);
  const texts = 'texts' in test ? test.texts : [test.text];
  const ids = texts.map(idShownAs).filter((id) => id !== null);
  const among = oneOf<LoggedModelField>(modelAttribute('id'), ids);
  return isDenial(test) ? not(among) : among;
}

function idShownAs(text: string): string | null {
  const id = toModelId(text);
  return id !== null && fromModelId(id) === text ? id : null;
}

/** The real server compares a status by its number, its documentation by a short word; answers show the long one. */
function statusIs(test: TextTest): Filter<LoggedModelField> {
  const meant = modelStatuses.filter((word, place) => {
    const spellings = [word, word.replace(/^LOGGED_MODEL_/, ''), String(place + 1)];
    const isPassed = (spelling: string) => passes(test, spelling);
    return isDenial(test) ? spellings.every(isPassed) : spellings.some(isPassed);
  });
  return oneOf<LoggedModelField>(modelAttribute('status'), meant.map(toModelStatus));
}

function isDenial({ kind }: TextTest): boolean {
  return kind === 'other' || kind === 'notIn';
}

/** A model passes with any of the values that were measured. */
function metricOn(key: string, datasets: readonly DatasetName[] | null): ModelField {
  const field = measurement(key, datasets);
  const test = (comparison: Comparison, number: number) => compare(field, comparison, number);
  return { testable: { kind: 'number', test }, order: [] };
}

const ofAttributes = fixedKind('attributes', modelAttributes, modelAliases);
const ofParams = openKind('params', (key) => text(modelParam(key)));
const ofTags = openKind('tags', (key) => text(modelTag(key)));

/**
 * Logged models, as filters name what is theirs.
 *
 * @param datasets what metrics are of these alone; null for any.
 */
export function filteredModels(datasets: readonly DatasetName[] | null): Subject<LoggedModelField> {
  const ofMetrics = openKind('metrics', (key) => metricOn(key, datasets));
  return {
    kinds: new Map([ofAttributes, ofMetrics, ofParams, ofTags].map((kind) => [kind.word, kind])),
    bare: ofAttributes,
  };
}
