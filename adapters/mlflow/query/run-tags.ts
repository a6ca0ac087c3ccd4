import {
  and,
  attribute,
  compare,
  everyRun,
  exists,
  extension,
  type Filter,
  not,
  type OrderField,
  or,
  tag,
} from '../../../src/core/query.js';
import { projectedTags } from '../translate/tags.js';
import { entryField, type SearchField } from './fields.js';
import { idShownAs, type TextTest, textIs } from './operations.js';

/** A tag as it is shown: of some, a field of the run. */
export function runTag(key: string): SearchField {
  return shownTags.get(key) ?? entryField(tag(key));
}

/** What is shown as a tag where the run has none of this key: that field, of the runs that pass the filter. */
function toldTag(key: string, told: OrderField, ofRuns: Filter): SearchField {
  const own = tag(key);
  const isTold = and(ofRuns, exists(told), not(exists(own)));
  const { testable } = entryField(own, {
    isThere: or(exists(own), isTold),
    test: (asked) => or(textIs(own, asked), and(isTold, textIs(told, asked))),
  });
  return { testable, order: [own, told] };
}

/** Runs that no client of this dialect made. */
const isForeign = not(exists(extension('mlflow', 'userId')));

const shownTags: ReadonlyMap<string, SearchField> = new Map([
  [projectedTags.name, entryField(attribute('shownName'))],
  [projectedTags.description, entryField(attribute('description'))],
  [projectedTags.parent, entryField(attribute('parentName'), { test: parentIs })],
  [projectedTags.commit, entryField(attribute('codeCommit'))],
  [projectedTags.branch, entryField(attribute('codeBranch'))],
  [projectedTags.url, entryField(attribute('codeUrl'))],
  ['mlflow.user', toldTag('mlflow.user', attribute('createdBy'), isForeign)],
  ['franca.origin', toldTag('franca.origin', attribute('originHex'), everyRun)],
  ['franca.statusMessage', toldTag('franca.statusMessage', attribute('why'), everyRun)],
]);

/** By an index where it is asked for one parent, as for the runs within a run. */
function parentIs(test: TextTest): Filter {
  if (test.kind !== 'equal') return textIs(attribute('parentName'), test);
  const byRef = compare(attribute('parentRef'), 'eq', test.text);
  const id = idShownAs(test.text);
  return id === null ? byRef : or(compare(attribute('parentId'), 'eq', id), byRef);
}
