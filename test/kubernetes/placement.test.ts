import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PodObject } from '../../src/runner/kubernetes/objects.js';
import { createSpace, type Space, servedKinds } from './space.js';
import {
  createPlace,
  type Experiment,
  historyOf,
  idle,
  logsOf,
  numberOf,
  type Place,
  remove,
  respecify,
  runFile,
  submit,
  untilStatus,
} from './support.js';
import { untilFailed } from './told.js';

const served = await servedKinds();

let place: Place;
/** The second of the namespaces in which jobs may run. */
let other: Space;
/** The label by which one node is meant. */
let node: string;

const hostname = 'kubernetes.io/hostname';

beforeAll(async () => {
  other = await createSpace();
  place = await createPlace({
    FRANCA_K8S_NODE_SELECTOR: 'kubernetes.io/os=linux',
    FRANCA_K8S_RUN_TOLERATIONS: 'spot',
  });
  await place.start(namespaces());
  const { items } = await other.cluster.request<{
    items: { metadata: { labels: Record<string, string> } }[];
  }>({
    path: '/api/v1/nodes',
  });
  node = items[0]?.metadata.labels[hostname] ?? '';
});

afterAll(async () => {
  await place?.remove();
  await other?.remove();
});

function namespaces(): Record<string, string> {
  return { FRANCA_K8S_NAMESPACES: `${place.space.name},${other.name}` };
}

function submitTo(namespace: string, script = 'true', replicas = 1): Promise<Experiment> {
  return submit(place.server(), { Worker: { script, replicas } }, undefined, namespace);
}

/** What it was told that it does not get; the cluster may have words of its own. */
async function remarksOf(run: Experiment): Promise<readonly string[]> {
  const history = await historyOf(place.server(), numberOf(run));
  return history.flatMap(({ message }) => (/^(runs in|role )/.test(message ?? '') ? [message ?? ''] : []));
}

async function onePod(
  run: Experiment,
  space = place.space,
): Promise<PodObject & { spec: Record<string, unknown> }> {
  const pods = await space.pods(run);
  expect(pods).toHaveLength(1);
  return pods[0] as PodObject & { spec: Record<string, unknown> };
}

async function untilWaiting(run: Experiment, words: RegExp): Promise<void> {
  await vi.waitFor(
    async () => {
      const last = (await historyOf(place.server(), numberOf(run))).at(-1);
      expect(last?.status).toBe('unschedulable');
      expect(last?.message).toMatch(words);
    },
    { timeout: 60_000, interval: 200 },
  );
}

async function stop(run: Experiment): Promise<void> {
  const path = `/api/v1/root/default/experiments/${numberOf(run)}/stop`;
  await fetch(`${place.server().url}${path}`, { method: 'POST' });
  await untilStatus(place.server(), run, 'Failed');
}

describe('the namespace of a run', () => {
  it('is one of those that the server names when it starts', () => {
    const names = `${place.space.name}, ${other.name}`;
    expect(place.server().output()).toMatch(new RegExp(`jobs +pods on Kubernetes, in ${names}\n`));
  });

  it('is the one that it names, and its replicas find each other there', async () => {
    const run = await submitTo(other.name, 'echo "$TF_CONFIG"; sleep 300', 2);
    await vi.waitFor(
      async () => {
        const { 'test-worker-1': printed } = await logsOf(place.server(), run);
        expect(printed?.join()).toContain(`.${other.name}.svc:2222`);
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(await other.pods(run)).toHaveLength(2);
    expect(await other.services(run)).toHaveLength(1);
    expect([await place.space.pods(run), await place.space.services(run)]).toEqual([[], []]);
    expect(await remarksOf(run)).toEqual([]);
    await remove(place.server(), run);
    await vi.waitFor(
      async () =>
        expect([await other.pods(run), await other.jobs(run), await other.services(run)]).toEqual([
          [],
          [],
          [],
        ]),
      { timeout: 60_000 },
    );
  });

  it.skipIf(!served.has('TFJob'))('is that of an object of the training operator, too', async () => {
    const roles = { Ps: { script: 'sleep 300' }, Worker: { script: 'echo "$TF_CONFIG"' } };
    const run = await submit(place.server(), roles, undefined, other.name);
    await vi.waitFor(async () => expect(await other.trainingJobs('TFJob', run)).toHaveLength(1));
    expect(await place.space.trainingJobs('TFJob', run)).toEqual([]);
    await untilStatus(place.server(), run, 'Succeeded');
    const { 'test-worker-0': printed } = await logsOf(place.server(), run);
    expect(printed?.join()).toContain(`.${other.name}.svc:2222`);
    await remove(place.server(), run);
    await vi.waitFor(
      async () => expect([await other.pods(run), await other.trainingJobs('TFJob', run)]).toEqual([[], []]),
      { timeout: 60_000 },
    );
  });

  it('is the same after the server was away', async () => {
    const run = await submitTo(other.name, 'sleep 4; echo end');
    await untilStatus(place.server(), run, 'Running');
    await place.server().stop();
    await place.start(namespaces());
    await untilStatus(place.server(), run, 'Succeeded');
    expect(await logsOf(place.server(), run)).toEqual({ 'test-worker-0': ['end'] });
    await onePod(run, other);
  });

  it('is left by no run that is in it, though it is not listed any more', async () => {
    const [ending, stopped] = [
      await submitTo(other.name, 'sleep 6; echo end'),
      await submitTo(other.name, idle),
    ];
    await Promise.all([ending, stopped].map((run) => untilStatus(place.server(), run, 'Running')));
    await place.server().stop();
    await place.start();
    try {
      await untilStatus(place.server(), stopped, 'Running');
      await remove(place.server(), stopped);
      await untilStatus(place.server(), ending, 'Succeeded');
      expect(await logsOf(place.server(), ending)).toEqual({ 'test-worker-0': ['end'] });
      await vi.waitFor(async () => expect(await other.pods(stopped)).toEqual([]), { timeout: 60_000 });
      const next = await submitTo(other.name);
      await untilStatus(place.server(), next, 'Succeeded');
      await onePod(next);
    } finally {
      await place.server().stop();
      await place.start(namespaces());
    }
  });

  it.each([
    ['of the cluster', 'kube-system'],
    ['that is not there', 'nobody'],
    ['that is no name', `../${'x'.repeat(300)}`],
  ])('is the first for one %s, and the run is told so', async (_name, namespace) => {
    const run = await submitTo(namespace);
    await untilStatus(place.server(), run, 'Succeeded');
    const { metadata } = await onePod(run);
    expect(metadata?.namespace).toBe(place.space.name);
    const shown = JSON.stringify(namespace.slice(0, 63));
    expect(await remarksOf(run)).toEqual([
      `runs in the namespace ${place.space.name}: jobs may not run in ${shown}`,
    ]);
    const everywhere = await other.cluster.request<{ items: PodObject[] }>({
      path: '/api/v1/pods',
      query: { labelSelector: `franca/run=${run.uid}` },
    });
    expect(everywhere.items.map((pod) => pod.metadata?.namespace)).toEqual([place.space.name]);
  });

  it('is the first where a client names none, and nothing is said of it', async () => {
    const run = await submitTo('default');
    await untilStatus(place.server(), run, 'Succeeded');
    await onePod(run);
    expect(await remarksOf(run)).toEqual([]);
  });

  it('may change with a new attempt, and what was before goes with the run', async () => {
    const run = await submitTo('default', 'echo first');
    await untilStatus(place.server(), run, 'Succeeded');
    await respecify(place.server(), run, { Worker: { script: 'echo second' } }, other.name);
    await vi.waitFor(
      async () => expect((await logsOf(place.server(), run))['test-worker-0']).toEqual(['first', 'second']),
      { timeout: 60_000 },
    );
    await untilStatus(place.server(), run, 'Succeeded');
    await onePod(run);
    await onePod(run, other);
    await remove(place.server(), run);
    for (const space of [place.space, other]) {
      await vi.waitFor(
        async () =>
          expect([await space.pods(run), await space.jobs(run), await space.services(run)]).toEqual([
            [],
            [],
            [],
          ]),
        { timeout: 60_000 },
      );
    }
  });
});

describe('the nodes of a run', () => {
  it('are those with its labels', async () => {
    const run = await runFile(place.server(), { node_selector: { [hostname]: node } });
    await untilStatus(place.server(), run, 'Succeeded');
    const { spec } = await onePod(run);
    expect(spec.nodeSelector).toEqual({ [hostname]: node, 'kubernetes.io/os': 'linux' });
    expect(await remarksOf(run)).toEqual([]);
  });

  it('are waited for where none has its labels, in the scheduler’s words', async () => {
    const run = await runFile(place.server(), { node_selector: { 'example.org/disk': 'none' } });
    await untilWaiting(run, /: 0\/\d+ nodes are available: .*didn't match Pod's node affinity\/selector/);
    await stop(run);
  });

  it('are those of each kind of replica', async () => {
    const environment = {
      node_selector: { [hostname]: node },
      replicas: { n_workers: 1, default_worker: { node_selector: { 'example.org/disk': 'none' } } },
    };
    const run = await runFile(place.server(), environment, 'sleep 300');
    await vi.waitFor(
      async () => {
        const pods = await place.space.pods(run);
        expect(
          pods.map(({ metadata, status }) => [metadata?.labels?.['franca/role'], status?.phase]),
        ).toEqual(
          expect.arrayContaining([
            ['master', 'Running'],
            ['worker', 'Pending'],
          ]),
        );
      },
      { timeout: 60_000 },
    );
    await stop(run);
  });

  it('are those of the operator, whatever it names', async () => {
    const run = await runFile(place.server(), { node_selector: { 'kubernetes.io/os': 'windows' } });
    await untilStatus(place.server(), run, 'Succeeded');
    expect(await remarksOf(run)).toEqual([
      'role master: jobs run on nodes of kubernetes.io/os=linux, not windows',
    ]);
  });

  it('are those that its affinity says', async () => {
    const affinityTo = (value: string) => ({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: hostname, operator: 'In', values: [value] }] }],
          },
        },
      },
    });
    const there = await runFile(place.server(), affinityTo(node));
    await untilStatus(place.server(), there, 'Succeeded');
    const nowhere = await runFile(place.server(), affinityTo('nowhere'));
    await untilWaiting(nowhere, /didn't match Pod's node affinity\/selector/);
    await stop(nowhere);
  });

  it.each([
    [
      'misspelt',
      { nodeAffinity: { required: {} } },
      /^submit_rejected: .*unknown field "spec\.template\.spec\.affinity\.nodeAffinity\.required"/,
    ],
    [
      'incomplete',
      { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } },
      /^submit_rejected: .*topologyKey: Required value/,
    ],
    [
      'about pods of other namespaces',
      {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ namespaceSelector: {}, topologyKey: hostname }],
        },
      },
      /^config_error: .*role master: its affinity may not name namespaces/,
    ],
  ])('are none where its affinity is %s, and it fails in words', async (_name, affinity, words) => {
    const run = await runFile(place.server(), { affinity });
    expect(await untilFailed(place.server(), run)).toMatch(words);
    expect(await place.space.jobs(run)).toEqual([]);
  });

  it('may have the taints that runs may tolerate, and no others', async () => {
    const run = await runFile(place.server(), {
      tolerations: [
        { key: 'spot', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' },
        { operator: 'Exists' },
      ],
    });
    await untilStatus(place.server(), run, 'Succeeded');
    const { spec } = await onePod(run);
    // The cluster's own admission adds two, of nodes that are lost.
    const tolerations = (spec.tolerations as { key?: string }[]).filter(
      ({ key }) => key?.startsWith('node.kubernetes.io/') !== true,
    );
    expect(tolerations).toEqual([
      { key: 'spot', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
    ]);
    expect(await remarksOf(run)).toEqual([
      'role master: runs may not ask to tolerate the taint node-role.kubernetes.io/control-plane; ' +
        'role master: runs may not ask to tolerate every taint',
    ]);
  });
});

describe('a device that no node has is waited for, by name', () => {
  const words = /: 0\/\d+ nodes are available: .*Insufficient nvidia\.com\/gpu/;

  it('of a Submarine task', async () => {
    const resources = 'cpu=10m,memory=32M,nvidia.com/gpu=1';
    const run = await submit(place.server(), { Worker: { script: 'true', resources } });
    await untilWaiting(run, words);
    await stop(run);
  });

  it('of a Polyaxonfile', async () => {
    const run = await runFile(place.server(), { resources: { gpu: { requests: 1, limits: 1 } } });
    await untilWaiting(run, words);
    await stop(run);
  });
});

it('a claim that its namespace does not have is waited for, by name', async () => {
  await place.server().stop();
  await place.start({ ...namespaces(), FRANCA_K8S_CLAIM: 'data' });
  const run = await submitTo(other.name);
  await untilWaiting(run, /persistentvolumeclaim "data" not found/);
  await stop(run);
});
