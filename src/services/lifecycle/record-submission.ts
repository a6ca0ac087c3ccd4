import type { RunKey } from '../../core/ids.js';
import type { Ports } from '../context.js';

/** Keeps which revision of the spec the runner has taken for an attempt. */
export async function recordSubmission(
  ports: Ports,
  key: RunKey,
  attempt: number,
  revision: number,
): Promise<void> {
  await ports.store.transaction((tx) => tx.attempts.update(key, attempt, { submittedRevision: revision }));
  ports.crash('submit.recorded');
}
