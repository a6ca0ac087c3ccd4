import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PodObject } from '../../src/runner/kubernetes/objects.js';
import {
  createPlace,
  type Experiment,
  historyOf,
  idle,
  logsOf,
  numberOf,
  type Place,
  remove,
  submit,
  untilStatus,
} from './support.js';
import { untilFailed } from './told.js';

describe('runs on a cluster', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace({}, { withOperator: false });
    await place.start();
  });
  afterAll(() => place?.remove());

  async function stop(run: Experiment): Promise<void> {
    const path = `/api/v1/root/default/experiments/${numberOf(run)}/stop`;
    const { status } = await fetch(`${place.server().url}${path}`, { method: 'POST' });
    expect(status).toBeLessThan(300);
  }

  async function lastStatus(run: Experiment): Promise<string | undefined> {
    return (await historyOf(place.server(), numberOf(run))).at(-1)?.status;
  }

  function untilNothingIsLeft(run: Experiment): Promise<void> {
    const { space } = place;
    return vi.waitFor(
      async () =>
        expect([await space.pods(run), await space.jobs(run), await space.services(run)]).toEqual([
          [],
          [],
          [],
        ]),
      { timeout: 60_000 },
    );
  }

  async function evict(pod: PodObject): Promise<void> {
    const { name, namespace } = pod.metadata ?? {};
    await place.space.cluster.request({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
    });
  }

  it('stop within their grace, and are killed after it', async () => {
    const run = await submit(place.server(), {
      Ps: { script: 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.1; done' },
      Worker: { script: 'trap "" TERM; echo up; while :; do sleep 0.1; done', replicas: 2 },
    });
    await untilStatus(place.server(), run, 'Running');
    await vi.waitFor(
      async () => expect(Object.values(await logsOf(place.server(), run))).toEqual([['up'], ['up'], ['up']]),
      { timeout: 60_000 },
    );
    await stop(run);
    await stop(run);
    await untilStatus(place.server(), run, 'Failed');
    expect(await lastStatus(run)).toBe('stopped');
    expect(await logsOf(place.server(), run)).toEqual({
      'test-ps-0': ['up', 'bye'],
      'test-worker-0': ['up'],
      'test-worker-1': ['up'],
    });
    await untilNothingIsLeft(run);
  });

  it('stop, though one of many replicas fails meanwhile', async () => {
    const crashing = 'trap "exit 1" TERM';
    const deaf = 'trap "" TERM';
    const run = await submit(place.server(), {
      Worker: {
        script: `[ $JOB_COMPLETION_INDEX = 3 ] && ${crashing} || ${deaf}; echo up; while :; do sleep 0.1; done`,
        replicas: 8,
      },
    });
    await untilStatus(place.server(), run, 'Running');
    await vi.waitFor(
      async () =>
        expect(Object.values(await logsOf(place.server(), run))).toEqual(
          Array.from({ length: 8 }, () => ['up']),
        ),
      { timeout: 60_000 },
    );
    await stop(run);
    await untilStatus(place.server(), run, 'Failed');
    expect(await lastStatus(run)).toBe('stopped');
    await untilNothingIsLeft(run);
  });

  it('end with their first role, whatever the others do: these are stopped, and keep their output', async () => {
    const run = await submit(
      place.server(),
      {
        Master: { script: 'sleep 2; echo master' },
        Worker: { script: 'trap "echo bye; exit 4" TERM; echo up; while :; do sleep 0.1; done', replicas: 2 },
      },
      'PyTorch',
    );
    await untilStatus(place.server(), run, 'Succeeded');
    expect(await logsOf(place.server(), run)).toEqual({
      'test-master-0': ['master'],
      'test-worker-0': ['up', 'bye'],
      'test-worker-1': ['up', 'bye'],
    });
    await vi.waitFor(
      async () => {
        const phases = (await place.space.pods(run)).map(({ status }) => status?.phase);
        expect(phases).not.toContain('Running');
      },
      { timeout: 60_000 },
    );
  });

  it('stop while their image cannot be pulled', async () => {
    const run = await submit(place.server(), { Worker: { script: 'true', image: 'localhost/none:1' } });
    await vi.waitFor(async () => expect(await place.space.pods(run)).toHaveLength(1), { timeout: 30_000 });
    await stop(run);
    await untilStatus(place.server(), run, 'Failed');
    expect(await lastStatus(run)).toBe('stopped');
    await untilNothingIsLeft(run);
  });

  it('leave nothing when they are deleted while they run', async () => {
    const run = await submit(place.server(), { Worker: { script: idle, replicas: 2 } });
    await untilStatus(place.server(), run, 'Running');
    await remove(place.server(), run);
    await untilNothingIsLeft(run);
    const folder = join(place.dataFolder, 'kubernetes');
    await vi.waitFor(() => {
      expect(existsSync(join(folder, 'runs', `${run.uid}.json`))).toBe(false);
      expect(readdirSync(join(place.dataFolder, 'logs'))).not.toContain(run.uid);
    });
  });

  it('are deleted, though others have deleted their objects before', async () => {
    const run = await submit(place.server(), { Worker: { script: idle } });
    await untilStatus(place.server(), run, 'Running');
    for (const { metadata } of await place.space.jobs(run)) await place.space.deleteJob(metadata?.name ?? '');
    await remove(place.server(), run);
    await untilNothingIsLeft(run);
  });

  it('are repeated free when they are evicted before anything ran', async () => {
    const run = await submit(place.server(), { Worker: { script: 'true', image: 'localhost/none:1' } });
    const first = await vi.waitFor(
      async () => {
        const [pod] = await place.space.pods(run);
        expect(pod?.spec?.nodeName).toBeDefined();
        return pod ?? {};
      },
      { timeout: 30_000 },
    );
    await evict(first);
    await vi.waitFor(
      async () => {
        const attempts = (await place.space.pods(run)).map(
          ({ metadata }) => metadata?.labels?.['franca/attempt'],
        );
        expect(attempts).toContain('2');
      },
      { timeout: 60_000 },
    );
    const messages = (await historyOf(place.server(), numberOf(run))).map(({ message }) => message);
    expect(messages).toContainEqual(
      expect.stringMatching(/started again after: .*was evicted from its node/),
    );
    await stop(run);
    await untilStatus(place.server(), run, 'Failed');
    expect(await lastStatus(run)).toBe('stopped');
  });

  it('fail when they are evicted while they run', async () => {
    const run = await submit(place.server(), { Worker: { script: idle } });
    await untilStatus(place.server(), run, 'Running');
    const [pod] = await place.space.pods(run);
    await evict(pod ?? {});
    expect(await untilFailed(place.server(), run)).toMatch(/^test-worker-0: was evicted from its node/);
  });
});
