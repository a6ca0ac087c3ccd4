import {
  type Filter,
  not,
  oneOf,
  type ProjectField,
  projectAttribute,
  projectTag,
} from '../../../src/core/query.js';
import { projectedTags } from '../translate/tags.js';
import { listOperators } from './conditions.js';
import { entryField, type SearchField, textField, timeField } from './fields.js';
import type { TextTest } from './operations.js';
import { fixedKind, openKind, type Subject } from './subject.js';

const number = projectAttribute('number');

const attributes: ReadonlyMap<string, SearchField<ProjectField>> = new Map([
  ['name', textField<ProjectField>(projectAttribute('name'))],
  [
    'experiment_id',
    textField<ProjectField>(number, {
      operators: ['=', '!=', ...listOperators],
      form: { words: "numbers of experiments, in 'quotes'", accepts: (text) => numeral.test(text) },
      test: numberIs,
    }),
  ],
  ['creation_time', timeField<ProjectField>(projectAttribute('createdAt'), { isWhole: true })],
  ['last_update_time', timeField<ProjectField>(projectAttribute('updatedAt'), { isWhole: true })],
]);

const ofAttributes = fixedKind('attributes', attributes);
const ofTags = openKind('tags', (key) =>
  entryField<ProjectField>(
    key === projectedTags.description ? projectAttribute('description') : projectTag(key),
  ),
);

/** Projects, as filters and orders name what is theirs. */
export const searchedProjects: Subject<ProjectField> = {
  kinds: new Map([
    ['attribute', ofAttributes],
    ['tag', ofTags],
    ['tags', ofTags],
  ]),
  bare: ofAttributes,
};

/** Projects are not sorted by tags. */
export const orderedProjects: Subject<ProjectField> = {
  kinds: new Map([['attribute', ofAttributes]]),
  bare: ofAttributes,
};

/** As Python reads a whole number. */
const numeral = /^\s*[-+]?\d+\s*$/;

function numberIs(test: TextTest): Filter<ProjectField> {
  const texts = 'texts' in test ? test.texts : [test.text];
  const among = oneOf<ProjectField>(number, texts.map(Number).filter(Number.isSafeInteger));
  return test.kind === 'equal' || test.kind === 'in' ? among : not(among);
}
