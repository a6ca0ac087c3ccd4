import { Rejected } from '../../core/ports/runner.js';
import { amountOf } from '../../core/quantity.js';
import type { Resources, Role } from '../../core/spec.js';
import type { KubernetesSettings } from './settings.js';

type Bounds = Pick<KubernetesSettings, 'defaultResources' | 'maxResources'>;

/**
 * What a role's container asks for: its own words; of what it does not name, the operator's default, within the
 * maximum; and the maximum as the limit of what it does not limit.
 *
 * @throws Rejected for a role that asks for more than the maximum.
 */
export function resourcesOf(role: Pick<Role, 'name' | 'resources'>, bounds: Bounds): Resources {
  const { maxResources } = bounds;
  for (const asked of [role.resources.requests, role.resources.limits]) {
    for (const [name, quantity] of Object.entries(asked)) {
      const maximum = maxResources[name];
      if (maximum === undefined || isWithin(quantity, maximum)) continue;
      const message = `role ${role.name} asks for ${name}=${quantity}; at most ${maximum} is allowed here`;
      throw new Rejected('config_error', message);
    }
  }
  const requests: Record<string, string> = { ...role.resources.requests };
  const limits: Record<string, string> = { ...role.resources.limits };
  for (const [name, quantity] of Object.entries(bounds.defaultResources)) {
    if (Object.hasOwn(requests, name) || Object.hasOwn(limits, name)) continue;
    const maximum = maxResources[name];
    const given = maximum === undefined || isWithin(quantity, maximum) ? quantity : maximum;
    // Of devices Kubernetes takes a limit alone.
    if (name.includes('/')) limits[name] = given;
    else requests[name] = given;
  }
  for (const [name, maximum] of Object.entries(maxResources)) {
    if (!name.includes('/') && !Object.hasOwn(limits, name)) limits[name] = maximum;
  }
  return { requests, limits };
}

function isWithin(quantity: string, maximum: string): boolean {
  return (amountOf(quantity) ?? 0) <= (amountOf(maximum) ?? 0);
}
