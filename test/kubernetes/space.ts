import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { type Cluster, connectCluster, isStatus } from '../../src/runner/kubernetes/cluster.js';
import { createDiscovery } from '../../src/runner/kubernetes/discovery.js';
import type { ClusterObject, PodObject } from '../../src/runner/kubernetes/objects.js';
import {
  collectionOf,
  type TrainingKind,
  type WorkloadKind,
  type WorkloadObject,
} from '../../src/runner/kubernetes/workloads.js';

/** A run, by its id. */
interface RunRef {
  readonly uid: string;
}

/** A namespace of one test file, and what a test asks of it. */
export interface Space {
  readonly name: string;
  readonly cluster: Cluster;
  pods(run?: RunRef): Promise<readonly PodObject[]>;
  jobs(run?: RunRef): Promise<readonly WorkloadObject[]>;
  /** The objects of a kind of the training operator. */
  trainingJobs(kind: TrainingKind, run?: RunRef): Promise<readonly WorkloadObject[]>;
  services(run?: RunRef): Promise<readonly ClusterObject[]>;
  create(collection: string, object: object): Promise<void>;
  deletePod(pod: PodObject, graceSeconds?: number): Promise<void>;
  deleteJob(name: string, kind?: WorkloadKind): Promise<void>;
  remove(): Promise<void>;
}

/** The kinds of the training operator that the cluster serves. */
export async function servedKinds(): Promise<ReadonlySet<TrainingKind>> {
  const cluster = await connectCluster(null);
  const discovery = createDiscovery({ cluster, namespaces: ['default'], onError: () => {} });
  try {
    return await discovery.served();
  } finally {
    discovery.close();
    cluster.close();
  }
}

/** Makes a namespace. Fails with the client's words where no cluster is configured. */
export async function createSpace(): Promise<Space> {
  const cluster = await connectCluster(null);
  const name = `franca-test-${randomBytes(4).toString('hex')}`;
  await cluster.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
  const core = (collection: string) => `/api/v1/namespaces/${name}/${collection}`;
  async function list<T>(path: string, run?: RunRef): Promise<readonly T[]> {
    const labelSelector = run === undefined ? 'franca/run' : `franca/run=${run.uid}`;
    const { items } = await cluster.request<{ items: T[] }>({ path, query: { labelSelector } });
    return items;
  }
  return {
    name,
    cluster,
    pods: (run) => list<PodObject>(core('pods'), run),
    jobs: (run) => list<WorkloadObject>(collectionOf('Job', name), run),
    trainingJobs: (kind, run) => list<WorkloadObject>(collectionOf(kind, name), run),
    services: (run) => list<ClusterObject>(core('services'), run),
    async create(collection, object) {
      await cluster.request({ method: 'POST', path: core(collection), body: object });
    },
    async deletePod(pod, gracePeriodSeconds = 1) {
      const body = { gracePeriodSeconds };
      await cluster.request({ method: 'DELETE', path: `${core('pods')}/${pod.metadata?.name}`, body });
    },
    async deleteJob(job, kind = 'Job') {
      const body = { propagationPolicy: 'Background' };
      await cluster.request({ method: 'DELETE', path: `${collectionOf(kind, name)}/${job}`, body });
    },
    async remove() {
      await cluster
        .request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` })
        .catch((error: unknown) => {
          if (!isStatus(error, 404)) throw error;
        });
      cluster.close();
    },
  };
}

/** Makes a client configuration of somebody who may do this, and no more, in a namespace. */
export async function createConfigOf(
  { name, cluster }: Space,
  folder: string,
  rules: readonly object[],
): Promise<string> {
  const group = `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}`;
  const metadata = { name: 'weak' };
  const subjects = [{ kind: 'ServiceAccount', name: 'weak', namespace: name }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'weak' };
  const objects: [string, object][] = [
    [`/api/v1/namespaces/${name}/serviceaccounts`, { metadata }],
    [`${group}/roles`, { metadata, rules }],
    [`${group}/rolebindings`, { metadata, roleRef, subjects }],
  ];
  for (const [path, body] of objects) await cluster.request({ method: 'POST', path, body });
  const config = parse(await readFile(process.env.KUBECONFIG ?? '', 'utf8')) as { users: { user: object }[] };
  const as = `system:serviceaccount:${name}:weak`;
  const users = config.users.map((one) => ({ ...one, user: { ...one.user, as } }));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, stringify({ ...config, users }));
  return file;
}

/** What the manifests of deploy/kubernetes let Franca do, but for objects of the training operator. */
export async function rulesWithoutOperator(): Promise<readonly object[]> {
  const text = await readFile(new URL('../../deploy/kubernetes/role.yaml', import.meta.url), 'utf8');
  const [role] = parseAllDocuments(text).map(
    (document) => document.toJS() as { rules: { apiGroups: string[] }[] },
  );
  return role?.rules.filter(({ apiGroups }) => !apiGroups.includes('kubeflow.org')) ?? [];
}
