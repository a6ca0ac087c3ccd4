import type { Placement, Toleration } from '../../../src/core/placement.js';
import type { Polyaxonfile } from '../wire/polyaxonfile.js';

/** What a file says of the nodes of replicas. */
export type PlacementInput = Pick<
  NonNullable<Polyaxonfile['environment']>,
  'node_selector' | 'tolerations' | 'affinity'
>;

/** On which nodes replicas shall run; null where the file says nothing of it. */
export function toPlacement(sent: PlacementInput | null | undefined): Placement | null {
  const nodeSelector = sent?.node_selector ?? {};
  const tolerations = (sent?.tolerations ?? []).map(toToleration);
  const affinity = said(sent?.affinity ?? {});
  const isNothing = [nodeSelector, tolerations, affinity].every((part) => Object.keys(part).length === 0);
  if (isNothing) return null;
  return { nodeSelector, tolerations, affinity: Object.keys(affinity).length === 0 ? null : affinity };
}

type TolerationInput = NonNullable<PlacementInput['tolerations']>[number];

function toToleration({ operator, ...sent }: TolerationInput): Toleration {
  return { operator: operator ?? 'Equal', ...said(sent) };
}

type Said<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without what is null, or an empty text, which Kubernetes takes for the same. */
function said<T extends object>(sent: T): Said<T> {
  const kept = Object.entries(sent).filter(([, value]) => value != null && value !== '');
  return Object.fromEntries(kept) as Said<T>;
}
