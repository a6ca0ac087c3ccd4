import type { RunInput } from '../../core/dataset.js';
import type { RunKey } from '../../core/ids.js';
import type { Repositories } from '../../core/ports/index.js';

/** What each of these runs uses, which the caller may read, in the order in which it was logged. */
export async function inputsOf(
  read: Repositories,
  runKeys: readonly RunKey[],
): Promise<ReadonlyMap<RunKey, readonly RunInput[]>> {
  return read.inputs.list(runKeys);
}
