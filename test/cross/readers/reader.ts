import type { Facts, Names } from '../facts.js';
import type { Apis } from '../support.js';

/** One dialect as it looks at a run. */
export interface Reader {
  readonly name: string;
  /** All that this dialect shows of a run, in its own words. */
  read(apis: Apis, names: Names): Promise<object>;
  /** What it must show of such a run, by the tables of the design: nothing of the adapters is asked. */
  expected(facts: Facts): object;
}
