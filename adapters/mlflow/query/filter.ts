import type { DatasetName } from '../../../src/core/logged-model.js';
import {
  type AnyField,
  exists,
  type Filter,
  type LoggedModelField,
  measurement,
  type ProjectField,
} from '../../../src/core/query.js';
import { joinConditions, type PlacedFilter } from '../../../src/http/join-conditions.js';
import type { Source } from '../../../src/http/source-text.js';
import { filterOf } from './conditions.js';
import { readConditions } from './grammar.js';
import { filteredModels } from './model-subject.js';
import { searchedProjects } from './project-subject.js';
import { filteredRuns } from './run-subject.js';
import { fieldNamed, type Subject } from './subject.js';

/**
 * The filter of a search of runs; an empty one takes every run. It passes `checkFilter`.
 *
 * @throws CoreError `invalid` for `filter`, with the place and what was expected there.
 */
export function parseRunFilter(text: string): Filter {
  const source = sourceOf(text);
  return joinConditions(source, conditionsIn(source, filteredRuns));
}

/** The same for a search of experiments. */
export function parseProjectFilter(text: string): Filter<ProjectField> {
  const source = sourceOf(text);
  return joinConditions(source, conditionsIn(source, searchedProjects));
}

/**
 * The same for a search of logged models.
 *
 * @param datasets what metrics are of these alone, null for any; a filter that asks for no metric takes the models that
 * have one of these.
 */
export function parseModelFilter(
  text: string,
  datasets: readonly DatasetName[] | null,
): Filter<LoggedModelField> {
  const source = sourceOf(text);
  const conditions = conditionsIn(source, filteredModels(datasets));
  if (datasets === null || conditions.some(isOfMetric)) return joinConditions(source, conditions);
  const measured = { at: 0, filter: exists<LoggedModelField>(measurement(null, datasets)) };
  return joinConditions(source, [measured, ...conditions]);
}

function isOfMetric({ filter }: PlacedFilter<LoggedModelField>): boolean {
  return 'field' in filter && filter.field.kind === 'measurement';
}

function sourceOf(text: string): Source {
  return { parameter: 'filter', text };
}

function conditionsIn<F extends AnyField>(source: Source, subject: Subject<F>): readonly PlacedFilter<F>[] {
  return readConditions(source).map((condition) => {
    const { field } = fieldNamed(source, condition.name, subject);
    return { at: condition.name.at, filter: filterOf(source, condition, field.testable) };
  });
}
