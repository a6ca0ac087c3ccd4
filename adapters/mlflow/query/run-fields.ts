import {
  attribute,
  extension,
  type Filter,
  joined,
  not,
  oneOf,
  rank,
  statusIn,
} from '../../../src/core/query.js';
import { runStatuses, statusesOf } from '../translate/status.js';
import { listOperators, textOperators } from './conditions.js';
import { type SearchField, textField, timeField } from './fields.js';
import { idShownAs, passes, type TextTest, textIs } from './operations.js';

/** As `artifact-uri.ts` writes it. */
const artifactUri = joined(
  'mlflow-artifacts:/',
  { attribute: 'projectNumber' },
  '/',
  { attribute: 'idHex' },
  '/artifacts',
);

/** Statuses are sorted by the words that are shown. */
const shownStatus = rank('status', [...runStatuses].sort().map(statusesOf));

/** The attributes of a run. A time that the core's clock cannot hold is shown, but neither tested nor sorted by. */
export const runAttributes: ReadonlyMap<string, SearchField> = new Map([
  ['run_id', textField(attribute('id'), { test: idIs, operators: [...textOperators, ...listOperators] })],
  ['run_name', textField(attribute('shownName'))],
  ['status', textField(shownStatus, { test: statusIs })],
  ['user_id', textField(extension('mlflow', 'userId', ''))],
  ['artifact_uri', textField(artifactUri)],
  ['start_time', timeField(attribute('beganAt'))],
  ['end_time', timeField(attribute('finishedAt'))],
]);

/** The run of this id, as which 32 hex digits are shown. */
function idIs(test: TextTest): Filter {
  const id = attribute('id');
  switch (test.kind) {
    case 'equal':
    case 'in':
      return oneOf(id, idsOf('texts' in test ? test.texts : [test.text]));
    case 'other':
    case 'notIn':
      return not(oneOf(id, idsOf('texts' in test ? test.texts : [test.text])));
    case 'like':
      return textIs(attribute('idHex'), test);
  }
}

function idsOf(texts: readonly string[]): readonly string[] {
  return texts.map(idShownAs).filter((id) => id !== null);
}

/** The runs whose status is shown as a word that passes the test. */
function statusIs(test: TextTest): Filter {
  return statusIn(runStatuses.filter((word) => passes(test, word)).flatMap(statusesOf));
}
