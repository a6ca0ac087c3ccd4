import type { DatasetName } from '../../../src/core/logged-model.js';
import type { AnyField, Filter, LoggedModelField, ProjectField } from '../../../src/core/query.js';
import { joinConditions } from '../../../src/http/join-conditions.js';
import { filterOf } from './conditions.js';
import { readConditions } from './grammar.js';
import { loggedModels } from './model-subject.js';
import { searchedProjects } from './project-subject.js';
import { filteredRuns } from './run-subject.js';
import { fieldNamed, type Subject } from './subject.js';

/**
 * The filter of a search of runs; an empty one takes every run. It passes `checkFilter`.
 *
 * @throws CoreError `invalid` for `filter`, with the place and what was expected there.
 */
export function parseRunFilter(text: string): Filter {
  return parseFilter(text, filteredRuns);
}

/** The same for a search of experiments. */
export function parseProjectFilter(text: string): Filter<ProjectField> {
  return parseFilter(text, searchedProjects);
}

/** The same for a search of logged models, whose metrics are those on these datasets; null for any. */
export function parseModelFilter(
  text: string,
  datasets: readonly DatasetName[] | null,
): Filter<LoggedModelField> {
  return parseFilter(text, loggedModels(datasets));
}

function parseFilter<F extends AnyField>(text: string, subject: Subject<F>): Filter<F> {
  const source = { parameter: 'filter', text };
  const conditions = readConditions(source).map((condition) => {
    const { field } = fieldNamed(source, condition.name, subject);
    return { at: condition.name.at, filter: filterOf(source, condition, field.testable) };
  });
  return joinConditions(source, conditions);
}
