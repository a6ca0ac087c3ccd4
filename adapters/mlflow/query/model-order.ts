import type { DatasetName } from '../../../src/core/logged-model.js';
import {
  type LoggedModelField,
  latestMeasurement,
  modelAttribute,
  type Order,
  type OrderTerm,
  queryLimits,
} from '../../../src/core/query.js';
import { problemAt, quoted, type Source } from '../../../src/http/source-text.js';
import { modelAliases, modelAttributes } from './model-subject.js';

/** A term of the order of logged models. */
export interface ModelOrderTerm {
  /** An attribute, or `metrics.` and a key as it is: no text of the language of filters. */
  readonly name: string;
  readonly ascending: boolean;
  /** What a metric is of; null for any. */
  readonly dataset: DatasetName | null;
}

/**
 * The order of a search of logged models: what the terms leave open is decided by the creation, the newest first, and
 * then by the id. Of two terms of one field the first counts.
 *
 * @throws CoreError `invalid` for `order_by`, with the number of the term, the place in it and what was expected there.
 */
export function parseModelOrder(terms: readonly ModelOrderTerm[]): Order<LoggedModelField> {
  const ties: Order<LoggedModelField> = [
    { field: modelAttribute('createdAt'), direction: 'desc' },
    { field: modelAttribute('id'), direction: 'asc' },
  ];
  const order = new Map<string, OrderTerm<LoggedModelField>>();
  const add = (term: OrderTerm<LoggedModelField>) => {
    const identity = JSON.stringify(term.field);
    if (!order.has(identity)) order.set(identity, term);
  };
  for (const [place, { name, ascending, dataset }] of terms.entries()) {
    const source = { parameter: `order_by[${place}].field_name`, text: name };
    add(termOf(source, ascending, dataset));
    if (order.size > queryLimits.orderTerms - ties.length)
      throw problemAt(source, 0, 'with this term there are too many');
  }
  for (const tie of ties) add(tie);
  return [...order.values()];
}

function termOf(
  source: Source,
  isAscending: boolean,
  dataset: DatasetName | null,
): OrderTerm<LoggedModelField> {
  const { text } = source;
  const direction = isAscending ? 'asc' : 'desc';
  if (text.length > queryLimits.textLength)
    throw problemAt(source, 0, `a name may have ${queryLimits.textLength} characters at most`);
  if (text.startsWith(metrics)) {
    const key = text.slice(metrics.length);
    return { field: latestMeasurement(key, dataset === null ? null : [dataset]), direction };
  }
  const field = modelAttributes.get(modelAliases.get(text) ?? text)?.order[0];
  if (field === undefined) {
    const names = [...modelAttributes.keys()].join(', ');
    throw problemAt(source, 0, `there is no ${quoted(text)}; there are ${names} and metrics.<key>`);
  }
  // A text that is not there counts as the empty one.
  return { field, direction, missing: isAscending ? 'first' : 'last' };
}

const metrics = 'metrics.';
