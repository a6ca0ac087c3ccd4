import type { Observation } from '../core/ports/index.js';
import { isTerminal } from '../core/status.js';
import type { ServiceSnapshot } from '../services/services/load.js';

/** What is to be done next to make a service what is wanted of it. */
export type ServiceDecision =
  | { readonly kind: 'none' }
  /** Let the runner start its process. */
  | { readonly kind: 'submit' }
  /** Take in how its process is. */
  | { readonly kind: 'watch'; readonly seen: Observation }
  /** Its process has ended by itself. */
  | { readonly kind: 'fail'; readonly seen: Observation }
  /** Let the runner forget the ended process of one that has failed. */
  | { readonly kind: 'forget' }
  /** Let the runner end its processes. */
  | { readonly kind: 'stop' }
  /** Remove all that is left of it. */
  | { readonly kind: 'remove' };

/** Pure: the same service and the same observations of its processes, old ones too, give the same decision. */
export function decideService(
  { service, isWanted }: ServiceSnapshot,
  observations: readonly Observation[],
): ServiceDecision {
  if (!isWanted) return { kind: observations.every((seen) => isTerminal(seen.status)) ? 'remove' : 'stop' };
  if (service.status === 'failed') return { kind: observations.length === 0 ? 'none' : 'forget' };
  const seen = observations.find(({ jobId }) => jobId === service.jobId);
  if (seen === undefined) return { kind: 'submit' };
  return { kind: isTerminal(seen.status) ? 'fail' : 'watch', seen };
}
