import { findRole, type Role, type RoleKind, type SpecInput } from './spec.js';

/** Where a replica listens for its fellows. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where all replicas of a run are, and which of them this is. */
export interface Cluster {
  /** By role in lower case, the address `host:port` of each of its replicas by index; no role without a replica. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** Which replica this is: its role in lower case, and its index in that role. */
  readonly task: { readonly role: string; readonly index: number };
}

/** Tells where a replica of a role listens. */
export type AddressOf = (role: string, index: number) => Address;

/** The cluster of a run as one of its replicas sees it. */
export function clusterOf(spec: SpecInput, address: AddressOf, role: string, index: number): Cluster {
  return { addresses: addressesOf(spec, address), task: { role: role.toLowerCase(), index } };
}

/** The variables that one replica gets so as to find the others. */
export type TopologyEnvironment = (role: string, index: number) => Record<string, string>;

/**
 * The variables by which replicas of a framework find each other, as the Kubeflow training operator
 * sets them (1.5). TensorFlow: TF_CONFIG when there is more than one replica.
 * PyTorch and XGBoost: MASTER_ADDR, MASTER_PORT, WORLD_SIZE and RANK when there is a master, and for
 * XGBoost with more than one replica WORKER_PORT (the first worker's) and WORKER_ADDRS.
 * MXNet: with more than one replica and a master, which is its scheduler, DMLC_ROLE (`scheduler`, `server` for a
 * parameter server, `worker`), DMLC_PS_ROOT_URI and DMLC_PS_ROOT_PORT (the scheduler's), DMLC_NUM_SERVER and
 * DMLC_NUM_WORKER; not DMLC_USE_KUBERNETES, which asks for names of a cluster's services. A single replica gets
 * none: MXNet would become a scheduler and wait for workers. MPI and Horovod: none, their launchers are told.
 */
export function topologyEnvironment(spec: SpecInput, address: AddressOf): TopologyEnvironment {
  switch (spec.framework) {
    case 'tensorflow':
      return tensorflowEnvironment(spec, address);
    case 'pytorch':
      return rankedEnvironment(spec, address, () => ({}));
    case 'xgboost':
      return rankedEnvironment(spec, address, () => workerAddresses(spec, address));
    case 'mxnet':
      return parameterServerEnvironment(spec, address);
    case 'mpi':
    case 'horovod':
    case null:
      return () => ({});
  }
}

function tensorflowEnvironment(spec: SpecInput, address: AddressOf): TopologyEnvironment {
  if (replicasOf(spec.roles) <= 1) return () => ({});
  const cluster = addressesOf(spec, address);
  return (role, index) => ({
    TF_CONFIG: JSON.stringify({ cluster, task: { type: role.toLowerCase(), index }, environment: 'cloud' }),
  });
}

function parameterServerEnvironment(spec: SpecInput, address: AddressOf): TopologyEnvironment {
  const scheduler = spec.roles.find((role) => role.kind === 'master' && role.replicas > 0);
  if (scheduler === undefined || replicasOf(spec.roles) <= 1) return () => ({});
  const { host, port } = address(scheduler.name, 0);
  const countOf = (kind: RoleKind) => String(replicasOf(spec.roles.filter((role) => role.kind === kind)));
  const shared = {
    DMLC_PS_ROOT_URI: host,
    DMLC_PS_ROOT_PORT: String(port),
    DMLC_NUM_SERVER: countOf('ps'),
    DMLC_NUM_WORKER: countOf('worker'),
  };
  return (role) => {
    const kind = findRole(spec, role)?.kind ?? 'worker';
    return { ...shared, DMLC_ROLE: kind === 'master' ? 'scheduler' : kind === 'ps' ? 'server' : kind };
  };
}

function rankedEnvironment(
  spec: SpecInput,
  address: AddressOf,
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
function workerAddresses(spec: SpecInput, address: AddressOf): Record<string, string> {
  const workers = spec.roles
    .filter((role) => role.kind !== 'master')
    .flatMap((role) => indexes(role).map((index) => address(role.name, index)));
  const [first] = workers;
  if (first === undefined) return {};
  return { WORKER_PORT: String(first.port), WORKER_ADDRS: workers.map(({ host }) => host).join(',') };
}

function addressesOf(spec: SpecInput, address: AddressOf): Record<string, string[]> {
  const replicated = spec.roles.filter((role) => role.replicas > 0);
  return Object.fromEntries(
    replicated.map((role) => [
      role.name.toLowerCase(),
      indexes(role).map((index) => {
        const { host, port } = address(role.name, index);
        return `${host}:${port}`;
      }),
    ]),
  );
}

function replicasOf(roles: readonly Role[]): number {
  return roles.reduce((sum, role) => sum + role.replicas, 0);
}

function indexes(role: Role): number[] {
  return Array.from({ length: role.replicas }, (_, index) => index);
}
