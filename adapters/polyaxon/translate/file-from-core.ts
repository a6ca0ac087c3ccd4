import type { Resources, Role, RunSpec } from '../../../src/core/spec.js';
import { bounds } from '../wire/polyaxonfile.js';
import { fromResources, resourceKinds } from './resources.js';
import { hasReplicas } from './roles.js';

/**
 * The file that says of a run of another dialect what both know. It reads as a file that was sent: it asks for
 * as many replicas, one of them the master that every file has, wherever Polyaxon has such replicas.
 */
export function fileOf({ framework, roles }: RunSpec): Record<string, unknown> {
  const master = masterOf(roles);
  const image = [master, ...roles].find((role) => role?.image != null)?.image ?? null;
  const command = [master, ...roles].find((role) => role?.command != null)?.command ?? null;
  const environment = environmentOf(framework, roles, master);
  return {
    version: 1,
    kind: 'experiment',
    ...(framework === null ? {} : { framework }),
    ...(image === null ? {} : { build: { image } }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(command === null ? {} : { run: { cmd: textOf(command) } }),
  };
}

/** The role whose first replica stands for the master. */
function masterOf(roles: readonly Role[]): Role | undefined {
  const present = roles.filter((role) => role.replicas > 0);
  const ofKind = (...kinds: Role['kind'][]) => present.find((role) => kinds.includes(role.kind));
  return ofKind('master') ?? ofKind('chief') ?? ofKind('worker') ?? present[0];
}

function environmentOf(
  framework: RunSpec['framework'],
  roles: readonly Role[],
  master: Role | undefined,
): Record<string, unknown> {
  const resources = master === undefined ? null : resourcesOf(master.resources);
  const replicas = {
    ...replicasOf('worker', framework, roles, master),
    ...replicasOf('ps', framework, roles, master),
  };
  return {
    ...(resources === null ? {} : { resources }),
    ...(master === undefined || master.env.length === 0
      ? {}
      : { env_vars: master.env.map(({ name, value }) => [name, value]) }),
    ...(Object.keys(replicas).length === 0 ? {} : { replicas }),
  };
}

/** The number of replicas beside the master, and what each asks for. */
function replicasOf(
  kind: 'worker' | 'ps',
  framework: RunSpec['framework'],
  roles: readonly Role[],
  master: Role | undefined,
): Record<string, unknown> {
  const own = roles.filter((role) => (role.kind === 'ps') === (kind === 'ps'));
  const sum = own.reduce((count, role) => count + role.replicas, 0);
  const count = master !== undefined && own.includes(master) ? sum - 1 : sum;
  if (count < 1 || !hasReplicas(framework, kind)) return {};
  const typical = own.find((role) => role.kind === kind && role.replicas > 0) ?? own[0];
  const resources = typical === undefined ? null : resourcesOf(typical.resources);
  return {
    [kind === 'ps' ? 'n_ps' : 'n_workers']: count,
    ...(resources === null ? {} : { [`default_${kind}`]: { resources } }),
  };
}

/** Amounts that a file may name; null for none. */
function resourcesOf(asked: Resources): Record<string, unknown> | null {
  const wire = fromResources(asked);
  const isTaken = (kind: string, amount: number | null) =>
    amount !== null &&
    (amount === 0 || amount >= bounds.least) &&
    amount <= bounds.most &&
    (kind === 'cpu' || kind === 'memory' || Number.isInteger(amount));
  const kinds = resourceKinds.flatMap((kind) => {
    const amounts = Object.entries(wire?.[kind] ?? {}).filter(([, amount]) => isTaken(kind, amount));
    return amounts.length === 0 ? [] : [[kind, Object.fromEntries(amounts)]];
  });
  return kinds.length === 0 ? null : Object.fromEntries(kinds);
}

/** The command as one line for a shell; words are quoted where a shell would take them apart, or for an assignment. */
function textOf(command: NonNullable<Role['command']>): string {
  if (command.kind === 'shell') return command.script;
  return command.argv
    .map((word, index) => {
      const isPlain = /^[\w@%+=:,./-]+$/.test(word) && !(index === 0 && word.includes('='));
      return isPlain ? word : `'${word.replaceAll("'", "'\\''")}'`;
    })
    .join(' ');
}
