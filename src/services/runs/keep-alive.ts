import type { Run } from '../../core/model.js';
import type { Repositories } from '../../core/ports/index.js';
import type { Micros } from '../../core/time.js';

/** How exactly a heartbeat is kept. */
const precisionMicros = 1_000_000;

/**
 * Inside a transaction: keeps that the client of a run that is held is alive, and gives the run as it is then.
 * Clients log many times a second, and a change of the row costs a third of the logging of one point, and many
 * times that if the row is wide: so what is less than a second old is taken for now.
 */
export async function keepAlive(tx: Repositories, held: Run, now: Micros): Promise<Run> {
  const { heartbeatAt } = held;
  // A clock that was set back leaves times ahead of it: they are corrected.
  if (heartbeatAt !== null && Math.abs(now - heartbeatAt) < precisionMicros) return held;
  return tx.runs.update(held.key, { heartbeatAt: now }, now);
}
