import {
  and,
  attribute,
  compare,
  contains,
  exists,
  type Field,
  type Filter,
  label,
  match,
  noRun,
  not,
  or,
  startsWith,
  statusIn,
  tag,
} from '../../../src/core/query.js';
import { taggedWith } from '../../../src/core/tag-list.js';
import { type FieldName, fieldKeys, isField, labelPrefix } from '../extensions.js';
import { defaultBranch } from '../translate/experiment.js';
import { experimentIdIn } from '../translate/rids.js';
import { experimentStatuses, statusesShownAs } from '../translate/status.js';
import { isRid } from '../wire/rids.js';
import type { Part } from './reader.js';

const names = {
  EXPERIMENT_NAME: attribute('name'),
  PARAMETER_NAME: { kind: 'paramName' },
  SERIES_NAME: { kind: 'metricName' },
} as const satisfies Record<string, Field>;

const nameFields = ['EXPERIMENT_NAME', 'PARAMETER_NAME', 'SERIES_NAME'] as const;

/** Fields that a run has, or has several of, and what finds those that are equal to a text. */
const equalities = {
  STATUS: (part) => statusIn(statusesShownAs(part.oneOf('value', experimentStatuses))),
  BRANCH: (part) => branchIs(part.text('value')),
  EXPERIMENT_NAME: (part) => compare(names.EXPERIMENT_NAME, 'eq', part.text('value')),
  EXPERIMENT_RID: (part) => ridIs(part.text('value')),
  JOB_RID: (part) => jobRidIs(part.text('value')),
  TAG: (part) => tagIs(part.text('value')),
  PARAMETER_NAME: (part) => compare(names.PARAMETER_NAME, 'eq', part.text('value')),
  SERIES_NAME: (part) => compare(names.SERIES_NAME, 'eq', part.text('value')),
} as const satisfies Record<string, (part: Part) => Filter>;

const equalityFields = Object.keys(equalities) as (keyof typeof equalities)[];

/** `eq`: a field is a text. */
export function equals(part: Part): Filter {
  return equalities[part.oneOf('field', equalityFields)](part);
}

/** `contains`: a text is somewhere in a name. */
export function containing(part: Part): Filter {
  return contains(names[part.oneOf('field', nameFields)], part.text('value'));
}

/** `startsWith`: a name begins with a text. */
export function starting(part: Part): Filter {
  return startsWith(names[part.oneOf('field', nameFields)], part.text('value'));
}

/** The runs in which a key with a value gives the field. */
function hasTag(field: FieldName): Filter {
  return compare(tag(fieldKeys[field]), 'ne', '');
}

/** The runs in which a label gives it. */
function hasLabel(field: FieldName): Filter {
  return match(label, [labelPrefix(field), { wildcard: 'one' }, { wildcard: 'any' }]);
}

/** As `fieldOf` reads it. Of several labels for one field, of which the first is shown, each is found. */
function fieldIs(field: FieldName, text: string): Filter {
  const byLabel = compare(label, 'eq', labelPrefix(field) + text);
  return or(compare(tag(fieldKeys[field]), 'eq', text), and(byLabel, not(hasTag(field))));
}

function branchIs(branch: string): Filter {
  if (branch === '') return noRun;
  const ofCode = attribute('codeBranch');
  const byDefault = or(not(exists(ofCode)), compare(ofCode, 'eq', ''));
  const elsewhere =
    branch === defaultBranch ? or(compare(ofCode, 'eq', branch), byDefault) : compare(ofCode, 'eq', branch);
  return or(fieldIs('branch', branch), and(elsewhere, not(hasTag('branch')), not(hasLabel('branch'))));
}

function jobRidIs(rid: string): Filter {
  return isRid(rid) ? fieldIs('jobRid', rid) : noRun;
}

function ridIs(rid: string): Filter {
  const id = experimentIdIn(rid);
  return id === null ? noRun : compare(attribute('id'), 'eq', id);
}

function tagIs(text: string): Filter {
  return isField(text) ? noRun : taggedWith([text]);
}
