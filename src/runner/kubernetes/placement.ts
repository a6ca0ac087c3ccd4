import type { Placement, Toleration } from '../../core/placement.js';
import { Rejected } from '../../core/ports/runner.js';
import type { Role, SpecInput } from '../../core/spec.js';
import type { KubernetesSettings } from './settings.js';

/** The namespace that a spec asks for if jobs may run there, else the first. */
export function namespaceOf(
  { namespace }: Pick<SpecInput, 'namespace'>,
  { namespaces }: Pick<KubernetesSettings, 'namespaces'>,
): string {
  return namespaces.find((name) => name === namespace) ?? namespaces[0];
}

type Bounds = Pick<KubernetesSettings, 'nodeSelector' | 'tolerations' | 'runTolerations'>;

const none: Placement = { nodeSelector: {}, tolerations: [], affinity: null };

/**
 * Where the pods of a role may run: where the operator lets jobs run, and there on the nodes that the run asks for.
 * Of tolerations it gets those that the operator lets runs ask for.
 *
 * @throws Rejected for an affinity that reaches into other namespaces, where it could keep nodes from their pods.
 */
export function placementOf(
  { name, placement }: Pick<Role, 'name' | 'placement'>,
  bounds: Bounds,
): Placement {
  const { nodeSelector, tolerations, affinity } = placement ?? none;
  if (
    podTermsOf(affinity).some(
      ({ namespaces, namespaceSelector }) => namespaces != null || namespaceSelector != null,
    )
  )
    throw new Rejected('config_error', `role ${name}: its affinity may not name namespaces`);
  return {
    nodeSelector: { ...nodeSelector, ...bounds.nodeSelector },
    tolerations: [...bounds.tolerations, ...tolerations.filter((one) => isTaken(one, bounds))],
    affinity,
  };
}

/** What a spec asks for and does not get, in words for whoever submitted it. */
export function remarksOf(spec: SpecInput, namespace: string, bounds: Bounds): readonly string[] {
  const asked = spec.namespace;
  const moved =
    asked === null || asked === namespace
      ? []
      : [`runs in the namespace ${namespace}: jobs may not run in ${JSON.stringify(asked.slice(0, 63))}`];
  return [...moved, ...spec.roles.flatMap((role) => remarksOfRole(role, bounds))];
}

function remarksOfRole({ name, placement }: Role, bounds: Bounds): readonly string[] {
  const { nodeSelector, tolerations } = placement ?? none;
  const overruled = Object.entries(bounds.nodeSelector)
    .filter(([key, value]) => (nodeSelector[key] ?? value) !== value)
    .map(([key, value]) => `role ${name}: jobs run on nodes of ${key}=${value}, not ${nodeSelector[key]}`);
  const refused = tolerations
    .filter((one) => !isTaken(one, bounds))
    .map(
      ({ key }) => `role ${name}: runs may not ask to tolerate ${key ? `the taint ${key}` : 'every taint'}`,
    );
  return [...overruled, ...refused];
}

function isTaken({ key }: Toleration, { runTolerations }: Bounds): boolean {
  return runTolerations.includes('*') || (key !== undefined && runTolerations.includes(key));
}

/** The terms about other pods. What has another form is the cluster's to refuse. */
function podTermsOf(affinity: Placement['affinity']): readonly Readonly<Record<string, unknown>>[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity]
    .map(recordOf)
    .flatMap((rules) => [
      ...recordsOf(rules.requiredDuringSchedulingIgnoredDuringExecution),
      ...recordsOf(rules.preferredDuringSchedulingIgnoredDuringExecution).map(({ podAffinityTerm }) =>
        recordOf(podAffinityTerm),
      ),
    ]);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}
