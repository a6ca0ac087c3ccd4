import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createPlace,
  historyOf,
  idle,
  image,
  logsOf,
  numberOf,
  type Place,
  submit,
  untilStatus,
} from './support.js';
import { untilFailed, untilTold } from './told.js';

describe('jobs on a cluster end', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace({ FRANCA_K8S_IMAGE_PULL_SECONDS: '5' }, { withOperator: false });
    await place.start();
  });
  afterAll(() => place?.remove());

  it('in success, with the output of each pod and times that fit', async () => {
    // The end of the first worker is the end of all: it comes last.
    const script = (name: string, seconds: string) =>
      `echo "${name} $JOB_COMPLETION_INDEX"; echo "$TF_CONFIG"; sleep ${seconds}; echo done`;
    const run = await submit(place.server(), {
      Ps: { script: script('ps', '1') },
      Worker: { script: script('worker', '$((5 - 4 * JOB_COMPLETION_INDEX))'), replicas: 2 },
    });
    const end = await untilStatus(place.server(), run, 'Succeeded');
    expect(Date.parse(end.runningTime ?? '')).toBeGreaterThanOrEqual(Date.parse(end.acceptedTime));
    expect(Date.parse(end.finishedTime ?? '')).toBeGreaterThanOrEqual(Date.parse(end.runningTime ?? ''));
    const logs = await logsOf(place.server(), run);
    expect(Object.keys(logs).sort()).toEqual(['test-ps-0', 'test-worker-0', 'test-worker-1']);
    expect(logs['test-worker-1']).toEqual(['worker 1', expect.stringContaining('"index":1'), 'done']);
    const config = JSON.parse(logs['test-worker-0']?.[1] ?? '') as {
      cluster: { worker: string[] };
      task: object;
    };
    expect(config.task).toEqual({ type: 'worker', index: 0 });
    expect(config.cluster.worker[1]).toMatch(
      /^r-[a-z2-7]{26}-1-worker-1\.r-[a-z2-7]{26}-1\.[\w-]+\.svc:2222$/,
    );
    const history = await historyOf(place.server(), numberOf(run));
    expect(history.map(({ status }) => status)).toEqual([
      'created',
      'scheduled',
      'starting',
      'running',
      'succeeded',
    ]);
    expect(await place.space.jobs(run)).toHaveLength(2);
    expect(await place.space.services(run)).toHaveLength(1);
  });

  it.each([
    ['after their setup, in the same container', 'echo hello > made', 0, ['cat made', 'hello'], null],
    ['with a setup that fails', 'echo oops; exit 7', 1, ['oops'], 'a step of the setup failed: exit code 7'],
  ])('%s', async (_, step, code, printed, words) => {
    const { url } = place.server();
    const [cmd = ''] = code === 0 ? printed : ['true'];
    const content = {
      version: 1,
      kind: 'experiment',
      build: { image, build_steps: [step, 'sleep 3'] },
      run: { cmd },
    };
    const answer = await fetch(`${url}/api/v1/root/default/experiments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ content: JSON.stringify(content) }),
    });
    const { id } = (await answer.json()) as { id: number };
    const statuses = await vi.waitFor(
      async () => {
        const history = await historyOf(place.server(), id);
        expect(['succeeded', 'failed']).toContain(history.at(-1)?.status);
        return history;
      },
      { timeout: 60_000, interval: 300 },
    );
    const ends = code === 0 ? ['scheduled', 'starting', 'running', 'succeeded'] : ['failed'];
    expect(statuses.map(({ status }) => status)).toEqual(['created', 'building', ...ends]);
    if (words !== null) expect(statuses.at(-1)?.message).toContain(words);
    const logs = await fetch(`${url}/api/v1/root/default/experiments/${id}/logs`);
    expect((await logs.text()).trim()).toBe(printed.at(-1));
  });

  it('and find each other by name', async () => {
    const run = await submit(place.server(), {
      Ps: { script: 'for i in $(seq 60); do nc -l -p 2222 -e echo hello from ps && break; done; sleep 5' },
      Worker: {
        script:
          'ps=$(echo "$TF_CONFIG" | sed "s/.*\\"ps\\":\\[\\"\\([^:]*\\):.*/\\1/"); for i in $(seq 60); do nc -w 2 $ps 2222 && exit 0; sleep 0.5; done; exit 1',
      },
    });
    // A name that was asked for too early is not there for half a minute.
    await untilStatus(place.server(), run, 'Succeeded', 150);
    expect((await logsOf(place.server(), run))['test-worker-0']).toContain('hello from ps');
  });

  it('with the exit code in words', async () => {
    const run = await submit(place.server(), { Worker: { script: 'echo 1; echo 2; echo 3; exit 3' } });
    expect(await untilFailed(place.server(), run)).toBe('exit_nonzero: test-worker-0: exit code 3');
    expect((await logsOf(place.server(), run))['test-worker-0']).toEqual(['1', '2', '3']);
  });

  it('when they use more memory than they may', async () => {
    const run = await submit(place.server(), {
      Worker: { script: 'echo before; tail /dev/zero', resources: 'cpu=10m,memory=32M' },
    });
    expect(await untilFailed(place.server(), run)).toBe(
      'oom_killed: test-worker-0: used more memory than its limit of 64M (exit code 137)',
    );
    expect((await logsOf(place.server(), run))['test-worker-0']).toContain('before');
  });

  it('when the command is not there', async () => {
    const { url } = place.server();
    const spec = { Worker: { replicas: 1, resources: 'cpu=10m,memory=32M' } };
    const meta = { name: 'test', namespace: 'default', framework: 'TensorFlow', cmd: 'no-such-command x' };
    const answer = await fetch(`${url}/api/v1/experiment`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ meta, spec, environment: {} }),
    });
    const { result } = (await answer.json()) as { result: Parameters<typeof untilFailed>[1] };
    expect(await untilFailed(place.server(), result)).toBe(
      'config_error: test-worker-0: command not found: "no-such-command"',
    );
  });

  it('when the image cannot be pulled for too long, which is said before', async () => {
    const run = await submit(place.server(), { Worker: { script: 'true', image: 'localhost/none:1' } });
    const words = /the image "localhost\/none:1" cannot be pulled: /;
    await vi.waitFor(async () => expect(await untilTold(place.server(), run, 'starting')).toMatch(words), {
      timeout: 30_000,
    });
    expect(await untilFailed(place.server(), run)).toMatch(words);
    const told = (await historyOf(place.server(), numberOf(run))).map(({ message }) => message);
    expect(told).toContainEqual(
      expect.stringMatching(/^test-worker-0: \S+ pulls the image "localhost\/none:1"$/),
    );
    await vi.waitFor(async () => expect(await place.space.pods(run)).toEqual([]), { timeout: 30_000 });
  });

  it('as soon as they are stopped while no node has room for them, which is told in the scheduler’s words', async () => {
    const run = await submit(place.server(), {
      Worker: { script: 'true', resources: 'cpu=1000,memory=32M' },
    });
    expect(await untilTold(place.server(), run, 'unschedulable')).toMatch(
      /^test-worker-0: 0\/\d+ nodes are available: .*Insufficient cpu/,
    );
    await fetch(`${place.server().url}/api/v1/root/default/experiments/${numberOf(run)}/stop`, {
      method: 'POST',
    });
    expect(await untilTold(place.server(), run, 'stopped')).toMatch(/^user_stop/);
    await vi.waitFor(async () => expect(await place.space.jobs(run)).toEqual([]), { timeout: 30_000 });
  });

  it('when their pod is deleted, with all that they printed', async () => {
    const run = await submit(place.server(), {
      Worker: { script: 'trap "echo bye; exit 5" TERM; echo up; while :; do sleep 0.1; done' },
    });
    await vi.waitFor(
      async () => expect((await logsOf(place.server(), run))['test-worker-0']).toEqual(['up']),
      { timeout: 60_000 },
    );
    const [pod] = await place.space.pods(run);
    await place.space.deletePod(pod ?? {}, 10);
    expect(await untilFailed(place.server(), run)).toBe(
      'pod_deleted: test-worker-0: its pod was deleted from outside (exit code 5)',
    );
    expect((await logsOf(place.server(), run))['test-worker-0']).toEqual(['up', 'bye']);
    await vi.waitFor(async () => expect(await place.space.pods(run)).toEqual([]), { timeout: 30_000 });
  });

  it('when their Job is deleted', async () => {
    const run = await submit(place.server(), { Worker: { script: idle } });
    await untilStatus(place.server(), run, 'Running');
    const [job] = await place.space.jobs(run);
    await place.space.deleteJob(job?.metadata?.name ?? '');
    expect(await untilFailed(place.server(), run)).toMatch(
      /^pod_deleted: test-worker-0: its Job was deleted from outside/,
    );
    await vi.waitFor(async () => expect(await place.space.pods(run)).toEqual([]), { timeout: 30_000 });
    expect(await place.space.jobs(run)).toEqual([]);
  });

  it('when one fails: the others are stopped, and keep their output', async () => {
    const run = await submit(place.server(), {
      Ps: { script: 'trap "echo bye; exit 0" TERM; echo ps; while :; do sleep 0.1; done' },
      Worker: { script: 'sleep 2; echo worker; exit 1' },
    });
    expect(await untilFailed(place.server(), run)).toBe('exit_nonzero: test-worker-0: exit code 1');
    expect(await logsOf(place.server(), run)).toEqual({
      'test-ps-0': ['ps', 'bye'],
      'test-worker-0': ['worker'],
    });
  });
});

describe('a deadline', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace({ FRANCA_K8S_DEADLINE_SECONDS: '4' });
    await place.start();
  });
  afterAll(() => place?.remove());

  it('ends what takes longer', async () => {
    const run = await submit(place.server(), { Worker: { script: idle } });
    expect(await untilFailed(place.server(), run)).toBe(
      'deadline_exceeded: test-worker-0: took longer than its deadline allows',
    );
    expect((await logsOf(place.server(), run))['test-worker-0']).toEqual(['up']);
  });
});
