import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { parseUuid } from '../../src/core/ids.js';
import { type Cluster, connectCluster, isStatus } from '../../src/runner/kubernetes/cluster.js';
import { createDiscovery } from '../../src/runner/kubernetes/discovery.js';
import type { ClusterObject, PodObject } from '../../src/runner/kubernetes/objects.js';
import {
  collectionOf,
  type TrainingKind,
  type WorkloadKind,
  type WorkloadObject,
} from '../../src/runner/kubernetes/workloads.js';
import { freePort, type RunningServer, startServer } from '../support/server.js';

/** An image on the nodes of the cluster that has a shell. */
export const image = process.env.FRANCA_TEST_IMAGE ?? 'localhost/busybox:test';

/** A script that says `up` and goes on until it is told to end, which it does at once. */
export const idle = 'trap "exit 143" TERM; echo up; while :; do sleep 0.1; done';

/** A namespace of one test file, and what a test asks of it. */
export interface Space {
  readonly name: string;
  readonly cluster: Cluster;
  pods(run?: Pick<Experiment, 'uid'>): Promise<readonly PodObject[]>;
  jobs(run?: Experiment): Promise<readonly WorkloadObject[]>;
  /** The objects of a kind of the training operator. */
  trainingJobs(kind: TrainingKind, run?: Experiment): Promise<readonly WorkloadObject[]>;
  services(run?: Experiment): Promise<readonly ClusterObject[]>;
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
  async function list<T>(path: string, run?: Pick<Experiment, 'uid'>): Promise<readonly T[]> {
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
async function rulesWithoutOperator(): Promise<readonly object[]> {
  const text = await readFile(new URL('../../deploy/kubernetes/role.yaml', import.meta.url), 'utf8');
  const [role] = parseAllDocuments(text).map(
    (document) => document.toJS() as { rules: { apiGroups: string[] }[] },
  );
  return role?.rules.filter(({ apiGroups }) => !apiGroups.includes('kubeflow.org')) ?? [];
}

/** Servers that follow one another on one data folder, with pods in one namespace. */
export interface Place {
  readonly space: Space;
  readonly dataFolder: string;
  /** Of each of its servers. */
  readonly port: number;
  server(): RunningServer;
  start(env?: Readonly<Record<string, string>>): Promise<RunningServer>;
  remove(): Promise<void>;
}

/** @param withOperator false for a Franca that may not use the training operator, so that all runs are plain Jobs. */
export async function createPlace(
  settings: Readonly<Record<string, string>> = {},
  { withOperator = true } = {},
): Promise<Place> {
  const space = await createSpace();
  const dataFolder = await mkdtemp(join(tmpdir(), 'franca-kubernetes-'));
  const port = await freePort();
  let server: RunningServer | undefined;
  const kubeconfig = withOperator
    ? process.env.KUBECONFIG
    : await createConfigOf(space, dataFolder, await rulesWithoutOperator());
  return {
    space,
    dataFolder,
    port,
    server() {
      if (server === undefined) throw new Error('no server was started');
      return server;
    },
    async start(env = {}) {
      server = await startServer({
        dataFolder,
        port,
        env: {
          ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
          HOME: process.env.HOME ?? '/root',
          FRANCA_RUNNER: 'kubernetes',
          FRANCA_K8S_NAMESPACES: space.name,
          FRANCA_K8S_IMAGE: image,
          FRANCA_JOB_URL: `http://franca.example:${port}`,
          ...settings,
          ...env,
        },
      });
      return server;
    },
    async remove() {
      await server?.stop();
      await space.remove();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** An experiment as its client sees it. */
export interface Experiment {
  readonly experimentId: string;
  readonly uid: string;
  readonly status: string;
  readonly acceptedTime: string;
  readonly runningTime: string | null;
  readonly finishedTime: string | null;
}

/** A role whose replicas do a script. */
export interface ScriptRole {
  readonly script: string;
  readonly replicas?: number;
  readonly resources?: string;
  readonly image?: string;
}

async function ask<T>(server: RunningServer, path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1/experiment${path}`, {
    ...init,
    headers: { 'content-type': 'application/json' },
  });
  const body = (await answer.json()) as { success: boolean; message: string; result: T };
  if (!body.success) throw new Error(`${answer.status}: ${body.message}`);
  return body.result;
}

/** Words are parted by spaces alone, so the script goes by the environment. */
export function experimentOf(
  roles: Readonly<Record<string, ScriptRole>>,
  framework = 'TensorFlow',
  namespace = 'default',
): object {
  const spec = Object.entries(roles).map(([name, role]) => [
    name,
    {
      replicas: role.replicas ?? 1,
      resources: role.resources ?? 'cpu=10m,memory=32M',
      ...(role.image === undefined ? {} : { image: role.image }),
      cmd: `sh -c eval\${IFS}"$SCRIPT"`,
      envVars: { SCRIPT: role.script },
    },
  ]);
  const meta = { name: 'test', namespace, framework };
  return { meta, environment: { image }, spec: Object.fromEntries(spec) };
}

export function submit(
  server: RunningServer,
  roles: Readonly<Record<string, ScriptRole>>,
  framework?: string,
  namespace?: string,
): Promise<Experiment> {
  const body = JSON.stringify(experimentOf(roles, framework, namespace));
  return ask(server, '', { method: 'POST', body });
}

/** Runs a script by a Polyaxonfile with this environment; gives the run as the other dialect shows it. */
export async function runFile(
  server: RunningServer,
  environment: object,
  script = 'true',
): Promise<Experiment> {
  const file = {
    version: 1,
    kind: 'experiment',
    framework: 'tensorflow',
    environment,
    build: { image },
    run: { cmd: script },
  };
  const answer = await fetch(`${server.url}/api/v1/root/default/experiments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content: JSON.stringify(file) }),
  });
  const { uuid } = (await answer.json()) as { uuid: string };
  const made = (await ask<Experiment[]>(server, '')).find(({ uid }) => uid.replaceAll('-', '') === uuid);
  if (made === undefined) throw new Error(`${answer.status}: no experiment was made`);
  return made;
}

/** Gives an experiment other numbers of replicas. */
export async function rescale(
  server: RunningServer,
  { experimentId }: Experiment,
  roles: Readonly<Record<string, ScriptRole>>,
  namespace?: string,
): Promise<void> {
  const body = JSON.stringify(experimentOf(roles, undefined, namespace));
  await ask(server, `/${experimentId}`, { method: 'PATCH', body });
}

export function find(server: RunningServer, { experimentId }: Experiment): Promise<Experiment> {
  return ask(server, `/${experimentId}`);
}

/** Changes the roles of an experiment, and its namespace. */
export async function respecify(
  server: RunningServer,
  { experimentId }: Experiment,
  roles: Readonly<Record<string, ScriptRole>>,
  namespace?: string,
): Promise<void> {
  const body = JSON.stringify(experimentOf(roles, undefined, namespace));
  await ask(server, `/${experimentId}`, { method: 'PATCH', body });
}

export async function remove(server: RunningServer, { experimentId }: Experiment): Promise<void> {
  await ask(server, `/${experimentId}`, { method: 'DELETE' });
}

/** Waits for a status of an experiment. */
export function untilStatus(
  server: RunningServer,
  experiment: Experiment,
  status: string,
  seconds = 60,
): Promise<Experiment> {
  return vi.waitFor(
    async () => {
      const now = await find(server, experiment);
      expect(now.status).toBe(status);
      return now;
    },
    { timeout: seconds * 1000, interval: 200 },
  );
}

/** The output of each job by its name. */
export async function logsOf(
  server: RunningServer,
  { experimentId }: Experiment,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { logContent } = await ask<{ logContent: { podName: string; podLog: string[] }[] }>(
    server,
    `/logs/${experimentId}`,
  );
  return Object.fromEntries(logContent.map(({ podName, podLog }) => [podName, podLog]));
}

/** One entry of a run's history. */
export interface HistoryEntry {
  readonly status: string;
  readonly message: string | null;
}

/** A run's history with its messages, which the dialect of runs by number shows. */
export async function historyOf(server: RunningServer, number: number): Promise<readonly HistoryEntry[]> {
  const answer = await fetch(`${server.url}/api/v1/root/default/experiments/${number}/statuses?limit=100`);
  const { results } = (await answer.json()) as { results: HistoryEntry[] };
  return results;
}

/** Its number among the runs of its project; every test file has a project of its own. */
export function numberOf({ experimentId }: Experiment): number {
  return Number(experimentId.split('_').at(-1));
}

/** How each API shows what the cluster makes of a run. */
const shownAs = {
  unschedulable: ['unschedulable', 'Created', 'SCHEDULED', 'RUNNING'],
  starting: ['starting', 'Created', 'SCHEDULED', 'RUNNING'],
  unknown: ['unknown', 'Running', 'RUNNING', 'RUNNING'],
  failed: ['failed', 'Failed', 'FAILED', 'FAILED'],
  stopped: ['stopped', 'Failed', 'KILLED', 'FAILED'],
} as const;

/** The status that every API shows of a run, each with why: Polyaxon, Submarine, MLflow and its seed's, Foundry. */
async function seenByAll(
  server: RunningServer,
  run: Experiment,
): Promise<[string | undefined, string | undefined][]> {
  const get = async <T>(path: string) => (await (await fetch(`${server.url}${path}`)).json()) as T;
  const id = run.uid.replaceAll('-', '');
  const project = await get<{ uuid: string }>('/api/v1/root/default');
  const model = `ri.models.main.model.${parseUuid(project.uuid)}`;
  const [last, submarine, mlflow, seed, foundry] = await Promise.all([
    historyOf(server, numberOf(run)).then((history) => history.at(-1)),
    ask<{ status: string; reason?: string }>(server, `/${run.experimentId}`),
    get<MlflowRun>(`/api/2.0/mlflow/runs/get?run_id=${id}`),
    get<SeedRun>(`/api/v1/experiments/runs/${id}`),
    get<{ status: string; statusMessage?: string }>(
      `/api/v2/models/${model}/experiments/ri.models.main.experiment.${run.uid}?preview=true`,
    ),
  ]);
  const { info, data } = mlflow.run;
  return [
    [last?.status, last?.message ?? undefined],
    [submarine.status, submarine.reason],
    [info.status, data.tags.find(({ key }) => key === whyTag)?.value],
    [seed.status, seed.tags[whyTag]],
    [foundry.status, foundry.statusMessage],
  ];
}

const whyTag = 'franca.statusMessage';

interface MlflowRun {
  readonly run: {
    readonly info: { readonly status: string };
    readonly data: { readonly tags: readonly { readonly key: string; readonly value: string }[] };
  };
}

interface SeedRun {
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Waits until every API shows a run in a status, in its own word and for the same reason; gives that. */
export function untilTold(
  server: RunningServer,
  run: Experiment,
  status: keyof typeof shownAs,
  seconds = 60,
): Promise<string> {
  const [polyaxon, submarine, mlflow, foundry] = shownAs[status];
  return vi.waitFor(
    async () => {
      const seen = await seenByAll(server, run);
      const why = seen[0]?.[1];
      expect(seen).toEqual([
        [polyaxon, expect.any(String)],
        [submarine, why],
        [mlflow, why],
        [mlflow, why],
        [foundry, why],
      ]);
      return why ?? '';
    },
    { timeout: seconds * 1000, interval: 200 },
  );
}

/** Waits until an experiment has failed in the words of every API; gives why. */
export function untilFailed(server: RunningServer, experiment: Experiment, seconds = 60): Promise<string> {
  return untilTold(server, experiment, 'failed', seconds);
}
