import { findRole, type Role, type SpecInput } from './spec.js';

/** Where a replica listens for its fellows. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The variables that one replica gets so as to find the others. */
export type TopologyEnvironment = (role: string, index: number) => Record<string, string>;

/**
 * The variables by which replicas of a framework find each other, as the Kubeflow training operator
 * sets them (1.5). TensorFlow: TF_CONFIG when there is more than one replica.
 * PyTorch and XGBoost: MASTER_ADDR, MASTER_PORT, WORLD_SIZE and RANK when there is a master, and for
 * XGBoost with more than one replica WORKER_PORT (the first worker's) and WORKER_ADDRS. Others: none.
 */
export function topologyEnvironment(
  spec: SpecInput,
  address: (role: string, index: number) => Address,
): TopologyEnvironment {
  switch (spec.framework) {
    case 'tensorflow':
      return tensorflowEnvironment(spec, address);
    case 'pytorch':
      return rankedEnvironment(spec, address, () => ({}));
    case 'xgboost':
      return rankedEnvironment(spec, address, () => workerAddresses(spec, address));
    default:
      return () => ({});
  }
}

function tensorflowEnvironment(
  spec: SpecInput,
  address: (role: string, index: number) => Address,
): TopologyEnvironment {
  if (replicasOf(spec.roles) <= 1) return () => ({});
  const cluster: Record<string, string[]> = {};
  for (const role of spec.roles) {
    if (role.replicas === 0) continue;
    cluster[role.name.toLowerCase()] = indexes(role).map((index) => {
      const { host, port } = address(role.name, index);
      return `${host}:${port}`;
    });
  }
  return (role, index) => ({
    TF_CONFIG: JSON.stringify({ cluster, task: { type: role.toLowerCase(), index }, environment: 'cloud' }),
  });
}

function rankedEnvironment(
  spec: SpecInput,
  address: (role: string, index: number) => Address,
  more: () => Record<string, string>,
): TopologyEnvironment {
  const master = spec.roles.find((role) => role.kind === 'master' && role.replicas > 0);
  if (master === undefined) return () => ({ PYTHONUNBUFFERED: '0' });
  const { host, port } = address(master.name, 0);
  const shared = {
    MASTER_ADDR: host,
    MASTER_PORT: String(port),
    WORLD_SIZE: String(replicasOf(spec.roles)),
    PYTHONUNBUFFERED: '0',
    ...more(),
  };
  const ranked = [master, ...spec.roles.filter((role) => role !== master)];
  return (role, index) => {
    const place = ranked.indexOf(findRole(spec, role) ?? master);
    return { ...shared, RANK: String(replicasOf(ranked.slice(0, place)) + index) };
  };
}

/** LightGBM's, which the operator starts as an XGBoost job. */
function workerAddresses(
  spec: SpecInput,
  address: (role: string, index: number) => Address,
): Record<string, string> {
  const workers = spec.roles
    .filter((role) => role.kind !== 'master')
    .flatMap((role) => indexes(role).map((index) => address(role.name, index)));
  const [first] = workers;
  if (first === undefined) return {};
  return { WORKER_PORT: String(first.port), WORKER_ADDRS: workers.map(({ host }) => host).join(',') };
}

function replicasOf(roles: readonly Role[]): number {
  return roles.reduce((sum, role) => sum + role.replicas, 0);
}

function indexes(role: Role): number[] {
  return Array.from({ length: role.replicas }, (_, index) => index);
}
