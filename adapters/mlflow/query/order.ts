import {
  type AnyField,
  attribute,
  type Order,
  type OrderTerm,
  type ProjectField,
  projectAttribute,
  queryLimits,
} from '../../../src/core/query.js';
import { problemAt, quoted } from '../../../src/http/source-text.js';
import { readTerm } from './grammar.js';
import { orderedProjects } from './project-subject.js';
import { orderedRuns } from './run-subject.js';
import { fieldNamed, type Subject } from './subject.js';

/**
 * The order of a search of runs: what the terms leave open is decided by the beginning, the newest first, and then by
 * the id. Runs without a value come last in either direction, and those with NaN before them.
 *
 * @throws CoreError `invalid` for `order_by`, with the number of the term, the place in it and what was expected there.
 */
export function parseRunOrder(terms: readonly string[]): Order {
  return parseOrder(terms, orderedRuns, [
    { field: attribute('beganAt'), direction: 'desc' },
    { field: attribute('id'), direction: 'asc' },
  ]);
}

/**
 * The same for a search of experiments: without terms the newest first, else what they leave open by the number, the
 * greatest first. Of two terms of one field the first counts.
 */
export function parseProjectOrder(terms: readonly string[]): Order<ProjectField> {
  const number = projectAttribute('number');
  const newest = { field: projectAttribute('createdAt'), direction: 'desc' } as const;
  return terms.length === 0
    ? [newest, { field: number, direction: 'asc' }]
    : parseOrder<ProjectField>(terms, orderedProjects, [{ field: number, direction: 'desc' }], 'pass over');
}

/**
 * @param ties decide what the terms leave open, so far as these do not name their fields themselves.
 * @param repeated what to do with a second term of one field: the real server fails on it for runs, and for experiments
 * takes it.
 */
function parseOrder<F extends AnyField>(
  terms: readonly string[],
  subject: Subject<F>,
  ties: Order<F>,
  repeated: 'refuse' | 'pass over' = 'refuse',
): Order<F> {
  const seen = new Set<string>();
  const order: OrderTerm<F>[] = [];
  for (const [place, text] of terms.entries()) {
    const source = { parameter: `order_by[${place}]`, text };
    const { name, descending } = readTerm(source);
    const { field, identity } = fieldNamed(source, name, subject);
    if (seen.has(identity)) {
      if (repeated === 'pass over') continue;
      throw problemAt(source, name.at, `there is an earlier term of ${quoted(name.text)}`);
    }
    seen.add(identity);
    const direction = descending ? 'desc' : 'asc';
    order.push(...field.order.map((each) => ({ field: each, direction }) as const));
    if (order.length > queryLimits.orderTerms - ties.length)
      throw problemAt(source, name.at, 'with this term there are too many');
  }
  const isNamed = (tie: OrderTerm<F>) =>
    order.some(({ field }) => JSON.stringify(field) === JSON.stringify(tie.field));
  return [...order, ...ties.filter((tie) => !isNamed(tie))];
}
