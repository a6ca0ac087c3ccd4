import { and, attribute, type Filter, not, oneOf, or, statusIn } from '../../../src/core/query.js';
import { isTerminal, statuses } from '../../../src/core/status.js';
import { wordOf } from '../translate/status.js';

/** The runs that are shown in one of these statuses; among them those that are stopping and were in it before. */
export function shownIn(names: readonly string[]): Filter {
  const wanted = statuses.filter((status) => {
    const word = wordOf[status];
    return word !== null && names.includes(word);
  });
  if (wanted.every(isTerminal)) return statusIn(wanted);
  // The first test says nothing new, but an index answers it.
  return and(
    statusIn([...wanted, 'stopping']),
    or(not(statusIn(['stopping'])), oneOf(attribute('statusBeforeStopping'), wanted)),
  );
}
