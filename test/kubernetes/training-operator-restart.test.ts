import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { servedKinds } from './space.js';
import {
  createPlace,
  type Experiment,
  historyOf,
  idle,
  logsOf,
  numberOf,
  type Place,
  submit,
  untilStatus,
} from './support.js';
import { untilFailed } from './told.js';
import { once, roles } from './training-roles.js';

const full = process.env.FRANCA_TEST_FULL === '1';
const served = await servedKinds();

describe.skipIf(!served.has('TFJob'))('a server whose runs are TFJobs', () => {
  let place: Place;
  beforeEach(async () => {
    place = await createPlace();
  });
  afterEach(() => place?.remove());

  const counting = 'i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.2; done; echo end';
  const counted = [...Array.from({ length: 40 }, (_, i) => `line ${i}`), 'end'];
  const worker = `${counting}; [ $JOB_COMPLETION_INDEX = 0 ] && sleep 4; true`;

  it('finds again what runs when it was killed', async () => {
    const server = await place.start();
    const run = await submit(server, roles(worker));
    await untilStatus(server, run, 'Running');
    const uids = async () => [
      (await place.space.trainingJobs('TFJob')).map(({ metadata }) => metadata?.uid),
      (await place.space.pods()).map(({ metadata }) => metadata?.uid).sort(),
    ];
    await vi.waitFor(async () => expect(await place.space.pods()).toHaveLength(3));
    const before = await uids();
    for (let kills = 0; kills < 2; kills += 1) {
      place.server().kill('SIGKILL');
      await place.server().exited;
      await place.start();
      expect(await uids()).toEqual(before);
    }
    await untilStatus(place.server(), run, 'Succeeded', 90);
    const logs = await logsOf(place.server(), run);
    expect([logs['test-worker-0'], logs['test-worker-1']]).toEqual([counted, counted]);
  });

  it.each(full ? ['cluster.recorded', 'cluster.jobCreated', 'cluster.jobRecorded'] : ['cluster.jobCreated'])(
    'makes one, though it was killed at %s',
    async (point) => {
      const server = await place.start({ FRANCA_TEST_CRASH: point });
      const sent = submit(server, roles(once, 'echo once')).catch(() => null);
      await server.exited;
      await place.start();
      const run = (await sent) ?? ({ experimentId: 'run_1' } as Experiment);
      await vi.waitFor(
        async () => expect((await historyOf(place.server(), numberOf(run))).at(-1)?.status).toBe('succeeded'),
        { timeout: 90_000, interval: 300 },
      );
      expect(await place.space.trainingJobs('TFJob')).toHaveLength(1);
      expect(await place.space.pods()).toHaveLength(3);
    },
  );

  it('ends them at their deadline, and removes them after their time to live', async () => {
    const server = await place.start({ FRANCA_K8S_DEADLINE_SECONDS: '20', FRANCA_K8S_TTL_SECONDS: '1' });
    const [long, short] = [
      await submit(server, roles(idle)),
      await submit(server, roles(once, 'true')),
    ] as const;
    expect(await untilFailed(server, long)).toMatch(
      /^deadline_exceeded: test-(ps|worker)-\d: took longer than its deadline allows$/,
    );
    expect(await logsOf(server, long)).toEqual({
      'test-ps-0': ['up', 'bye'],
      'test-worker-0': ['up'],
      'test-worker-1': ['up'],
    });
    await untilStatus(server, short, 'Succeeded');
    expect(await place.space.trainingJobs('TFJob', short)).toHaveLength(1);
    // It looks for such at its start, and every two minutes.
    await vi.waitFor(
      async () => {
        await place.server().stop();
        await place.start({ FRANCA_K8S_TTL_SECONDS: '1' });
        expect(await place.space.trainingJobs('TFJob')).toEqual([]);
      },
      { timeout: 60_000, interval: 2000 },
    );
    await vi.waitFor(async () => expect(await place.space.pods()).toEqual([]), { timeout: 30_000 });
  });

  it('has them ended at their deadline by their nodes while it is away', async () => {
    const server = await place.start({ FRANCA_K8S_DEADLINE_SECONDS: '8' });
    const run = await submit(server, roles(idle, 'echo up; exec sleep 100'));
    await untilStatus(server, run, 'Running');
    server.kill('SIGKILL');
    await server.exited;
    await vi.waitFor(
      async () =>
        expect((await place.space.pods(run)).map(({ status }) => status?.phase)).toEqual(
          Array.from({ length: 3 }, () => 'Failed'),
        ),
      { timeout: 60_000, interval: 500 },
    );
    await place.start();
    expect(await untilFailed(place.server(), run)).toMatch(/^deadline_exceeded: /);
  });
});

describe('a Franca that may not use the training operator', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace({}, { withOperator: false });
    await place.start();
  });
  afterAll(() => place?.remove());

  it('runs the same as Jobs, with the same environment', async () => {
    const run = await submit(place.server(), roles(`echo "$TF_CONFIG"; ${once}`, 'true'));
    await untilStatus(place.server(), run, 'Succeeded');
    const config = JSON.parse((await logsOf(place.server(), run))['test-worker-0']?.[0] ?? '') as {
      cluster: Record<string, string[]>;
    };
    expect(Object.entries(config.cluster).map(([role, { length }]) => [role, length])).toEqual([
      ['ps', 1],
      ['worker', 2],
    ]);
    expect(config).toMatchObject({ task: { type: 'worker', index: 0 }, environment: 'cloud' });
    expect(await place.space.jobs(run)).toHaveLength(2);
  });
});
