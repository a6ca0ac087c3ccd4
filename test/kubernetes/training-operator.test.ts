import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PodObject } from '../../src/runner/kubernetes/objects.js';
import type { TrainingKind } from '../../src/runner/kubernetes/workloads.js';
import { isOwn, loadWaitingImage } from './machine.js';
import { servedKinds } from './space.js';
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
  submit,
  untilStatus,
} from './support.js';
import { untilFailed } from './told.js';
import { roles, untilTerm } from './training-roles.js';

const served = await servedKinds();

describe.skipIf(!served.has('TFJob'))('with the training operator a run of several roles', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace({ FRANCA_K8S_IMAGE_PULL_SECONDS: '5' });
    await place.start();
    // The operator lets workers of PyTorch wait for their master in a container of this image.
    if (isOwn) await loadWaitingImage('docker.io/library/alpine:3.10');
  });
  afterAll(() => place?.remove());

  async function stop(run: Experiment): Promise<void> {
    const path = `/api/v1/root/default/experiments/${numberOf(run)}/stop`;
    await fetch(`${place.server().url}${path}`, { method: 'POST' });
  }

  function untilPrinted(run: Experiment, jobs: readonly string[], line = 'up'): Promise<void> {
    return vi.waitFor(
      async () => {
        const logs = await logsOf(place.server(), run);
        for (const job of jobs) expect(logs[job]).toContain(line);
      },
      { timeout: 90_000, interval: 300 },
    );
  }

  function untilNothingIsLeft(run: Experiment): Promise<void> {
    const { space } = place;
    return vi.waitFor(
      async () => {
        expect(await space.pods(run)).toEqual([]);
        expect(await space.trainingJobs('TFJob', run)).toEqual([]);
        expect(await space.jobs(run)).toEqual([]);
      },
      { timeout: 60_000 },
    );
  }

  const all = ['test-ps-0', 'test-worker-0', 'test-worker-1'];

  it('is a TFJob, whose replicas find each other and leave their output', async () => {
    const ps =
      'echo "$TF_CONFIG"; for i in $(seq 60); do nc -l -p 2222 -e echo hello from ps && break; done; sleep 60';
    const worker =
      'echo "$TF_CONFIG"; echo $JOB_COMPLETION_INDEX; ps=$(echo "$TF_CONFIG" | sed "s/.*\\"ps\\":\\[\\"\\([^:]*\\):.*/\\1/"); ' +
      '[ $JOB_COMPLETION_INDEX = 1 ] || for i in $(seq 100); do nc -w 2 $ps 2222 && sleep 2 && exit 0; sleep 0.5; done; [ $JOB_COMPLETION_INDEX = 1 ]';
    const run = await submit(place.server(), roles(worker, ps));
    await untilStatus(place.server(), run, 'Running', 90);
    // Not at its end, when it is removed for the sake of what has to be stopped, unless the operator is faster.
    const [job, ...more] = await place.space.trainingJobs('TFJob', run);
    expect(more).toEqual([]);
    expect(job).toMatchObject({
      spec: { tfReplicaSpecs: { PS: { replicas: 1 }, Worker: { replicas: 2 } } },
    });
    await untilStatus(place.server(), run, 'Succeeded', 90);
    const logs = await logsOf(place.server(), run);
    expect(Object.keys(logs).sort()).toEqual(all);
    expect(logs['test-worker-0']).toContain('hello from ps');
    expect(logs['test-worker-1']).toContain('1');
    // What goes to stderr may come first: the cluster has two pipes for the two.
    const printed = logs['test-worker-0']?.find((line) => line.startsWith('{')) ?? '';
    const config = JSON.parse(printed) as { cluster: Record<string, string[]> };
    const address = (role: string) =>
      expect.stringMatching(new RegExp(`^r-[a-z2-7]{26}-1-${role}\\.${place.space.name}\\.svc:2222$`));
    expect(config).toEqual({
      cluster: { ps: [address('ps-0')], worker: [address('worker-0'), address('worker-1')] },
      task: { type: 'worker', index: 0 },
      environment: 'cloud',
    });
    const history = await historyOf(place.server(), numberOf(run));
    expect(history.map(({ status }) => status)).toEqual([
      'created',
      'scheduled',
      'starting',
      'running',
      'succeeded',
    ]);
    expect(await place.space.jobs(run)).toEqual([]);
    expect(await place.space.services(run)).toEqual([]);
    await remove(place.server(), run);
    await untilNothingIsLeft(run);
  });

  it.each<[string, TrainingKind]>([
    ['PyTorch', 'PyTorchJob'],
    ['XGBoost', 'XGBoostJob'],
  ])('of %s is a %s', async (framework, kind) => {
    const script = 'echo $MASTER_ADDR $MASTER_PORT $WORLD_SIZE $RANK';
    const run = await submit(
      place.server(),
      // The end of the master is the end of all.
      { Master: { script: `${script}; sleep 15` }, Worker: { script, replicas: 2 } },
      framework,
    );
    await untilStatus(place.server(), run, 'Succeeded', 90);
    const [job] = await place.space.trainingJobs(kind, run);
    const name = job?.metadata?.name ?? '';
    expect(name).toMatch(/^r-[a-z2-7]{26}-1$/);
    expect(await logsOf(place.server(), run)).toEqual({
      'test-master-0': [`${name}-master-0 2222 3 0`],
      'test-worker-0': [`${name}-master-0 2222 3 1`],
      'test-worker-1': [`${name}-master-0 2222 3 2`],
    });
    expect(await place.space.jobs(run)).toEqual([]);
  });

  it('fails by the exit code of a replica, and the others are stopped and keep their output', async () => {
    const worker = 'echo up; [ $JOB_COMPLETION_INDEX = 0 ] && exec sleep 100; sleep 4; exit 3';
    const run = await submit(place.server(), roles(worker));
    expect(await untilFailed(place.server(), run)).toBe('exit_nonzero: test-worker-1: exit code 3');
    expect(await logsOf(place.server(), run)).toEqual({
      'test-ps-0': ['up', 'bye'],
      'test-worker-0': ['up'],
      'test-worker-1': ['up'],
    });
  });

  it('fails when the image of a role cannot be pulled', async () => {
    const run = await submit(place.server(), {
      ...roles('exec sleep 100'),
      Ps: { script: 'true', image: 'localhost/none:1' },
    });
    expect(await untilFailed(place.server(), run)).toMatch(
      /test-ps-0: the image "localhost\/none:1" cannot be pulled: /,
    );
    await untilNothingIsLeft(run);
  });

  it('stops, and leaves nothing', async () => {
    const run = await submit(place.server(), roles(untilTerm()));
    await untilPrinted(run, all);
    await stop(run);
    await untilStatus(place.server(), run, 'Failed');
    expect((await historyOf(place.server(), numberOf(run))).at(-1)?.status).toBe('stopped');
    expect(await logsOf(place.server(), run)).toEqual(
      Object.fromEntries(all.map((name) => [name, ['up', 'bye']])),
    );
    await untilNothingIsLeft(run);
  });

  it('leaves nothing when it is deleted while it runs', async () => {
    const run = await submit(place.server(), roles(idle));
    await untilPrinted(run, all);
    await remove(place.server(), run);
    await untilNothingIsLeft(run);
  });

  it('fails when others delete its object', async () => {
    const run = await submit(place.server(), roles(untilTerm(5), untilTerm(5)));
    await untilPrinted(run, all);
    const [job] = await place.space.trainingJobs('TFJob', run);
    await place.space.deleteJob(job?.metadata?.name ?? '', 'TFJob');
    expect(await untilFailed(place.server(), run)).toMatch(
      /^pod_deleted: test-(ps|worker)-\d: its TFJob was deleted from outside \(exit code 5\)/,
    );
    for (const lines of Object.values(await logsOf(place.server(), run)))
      expect(lines).toEqual(['up', 'bye']);
    await untilNothingIsLeft(run);
  });

  it('runs none of its replicas twice, though others delete a pod that the operator would make again', async () => {
    const worker = `[ $JOB_COMPLETION_INDEX = 0 ] || { ${untilTerm()}; }; echo up; sleep 12`;
    const run = await submit(place.server(), roles(worker));
    await untilPrinted(run, all);
    const found = await podOf(run, 'worker-1');
    await place.space.deletePod(found ?? {}, 10);
    await untilPrinted(run, ['test-worker-1'], 'bye');
    // It ended well, so the operator would go on; it is held until all is over.
    await untilStatus(place.server(), run, 'Succeeded', 60);
    expect((await logsOf(place.server(), run))['test-worker-1']).toEqual(['up', 'bye']);
    await vi.waitFor(async () => expect(await podOf(run, 'worker-1')).toBeUndefined(), { timeout: 30_000 });
  });

  it('does not take a pod for its own that the operator made in the place of one that others let go of', async () => {
    const { space } = place;
    const run = await submit(place.server(), roles('echo up; exec sleep 100'));
    await untilPrinted(run, all);
    const pod = (await podOf(run, 'worker-1')) ?? {};
    await space.cluster.request({
      method: 'PATCH',
      path: `/api/v1/namespaces/${space.name}/pods/${pod.metadata?.name}`,
      mediaType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    await space.deletePod(pod, 0);
    expect(await untilFailed(place.server(), run)).toMatch(
      /^pod_deleted: test-worker-1: its pod was deleted from outside/,
    );
    const lines = (await logsOf(place.server(), run))['test-worker-1'] ?? [];
    expect(lines.filter((line) => line === 'up')).toHaveLength(1);
    await vi.waitFor(async () => expect(await podOf(run, 'worker-1')).toBeUndefined(), { timeout: 60_000 });
  });

  it('is another object when it is repeated, for a pod was evicted before anything ran', async () => {
    const { space } = place;
    const large = { script: 'true', resources: 'cpu=1000,memory=32M' };
    const run = await submit(place.server(), { Ps: large, Worker: large });
    await vi.waitFor(async () => expect(await space.pods(run)).toHaveLength(2), { timeout: 30_000 });
    const { name, namespace } = (await podOf(run, 'ps-0'))?.metadata ?? {};
    await space.cluster.request({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
    });
    await vi.waitFor(
      async () => {
        const names = (await space.trainingJobs('TFJob', run)).map(({ metadata }) => metadata?.name);
        expect(names).toContainEqual(expect.stringMatching(/-2$/));
      },
      { timeout: 90_000, interval: 300 },
    );
    await remove(place.server(), run);
    await untilNothingIsLeft(run);
  });

  it('waits for a quota in the words of the quota', async () => {
    const { space } = place;
    const path = `/api/v1/namespaces/${space.name}/resourcequotas/few`;
    await space.create('resourcequotas', { metadata: { name: 'few' }, spec: { hard: { pods: '0' } } });
    await vi.waitFor(async () =>
      expect(await space.cluster.request({ path })).toMatchObject({ status: { hard: { pods: '0' } } }),
    );
    try {
      const run = await submit(place.server(), roles('true', 'true'));
      await vi.waitFor(
        async () => {
          const messages = (await historyOf(place.server(), numberOf(run))).map(({ message }) => message);
          expect(messages).toContainEqual(expect.stringMatching(/cannot be made: exceeded quota: few, /));
        },
        { timeout: 60_000 },
      );
      await stop(run);
      await untilStatus(place.server(), run, 'Failed');
      await untilNothingIsLeft(run);
    } finally {
      await space.cluster.request({ method: 'DELETE', path });
    }
  });

  it('grows and shrinks while it runs, and the others go on', async () => {
    const before = roles('echo "$TF_CONFIG"; echo up; while :; do sleep 0.2; done');
    const run = await submit(place.server(), before);
    await untilPrinted(run, all);
    const grown = {
      ...before,
      Worker: { ...before.Worker, script: before.Worker?.script ?? '', replicas: 3 },
    };
    await respecify(place.server(), run, grown);
    await untilPrinted(run, ['test-worker-2']);
    expect((await place.space.jobs(run)).map(({ metadata }) => metadata?.name)).toEqual([
      expect.stringMatching(/-1-worker-2$/),
    ]);
    const config = JSON.parse((await logsOf(place.server(), run))['test-worker-2']?.[0] ?? '') as {
      cluster: { worker: string[] };
    };
    expect(config.cluster.worker.map((address) => address.split('.')[0])).toEqual([
      expect.stringMatching(/-1-worker-0$/),
      expect.stringMatching(/-1-worker-1$/),
      expect.stringMatching(/-1-worker-2-0$/),
    ]);
    expect(await place.space.services(run)).toHaveLength(1);
    const shrunk = { ...grown, Worker: { ...grown.Worker, replicas: 1 } };
    await respecify(place.server(), run, shrunk);
    await vi.waitFor(
      async () => {
        const phases = (await place.space.pods(run)).map(({ metadata, status }) => [
          metadata?.name?.replace(/^r-\w+-1-(\w+-\d).*$/, '$1'),
          status?.phase,
        ]);
        expect(Object.fromEntries(phases)).toMatchObject({ 'ps-0': 'Running', 'worker-0': 'Running' });
        expect(phases.filter(([, phase]) => phase === 'Running')).toHaveLength(2);
      },
      { timeout: 60_000 },
    );
    await stop(run);
    await untilStatus(place.server(), run, 'Failed');
    await untilNothingIsLeft(run);
  });

  async function podOf(run: Experiment, name: string): Promise<PodObject | undefined> {
    return (await place.space.pods(run)).find(({ metadata }) => metadata?.name?.endsWith(`-${name}`));
  }
});
