import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CrashPoint, clusterPoints, purgePoints, submissionPoints } from '../../src/core/ports/index.js';
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

const full = process.env.FRANCA_TEST_FULL === '1';

/** Those that a run on a cluster passes. */
const points: readonly CrashPoint[] = full
  ? [...clusterPoints, ...submissionPoints.filter((point) => !point.startsWith('local.'))]
  : ['cluster.recorded', 'cluster.jobCreated', 'cluster.endRecorded', 'submit.recorded'];

/** The end of the first replica is the end of all: it comes last. */
const counting = (lines: number, seconds: number) =>
  `echo begin; i=0; while [ $i -lt ${lines} ]; do echo line $i; i=$((i+1)); sleep ${seconds}; done; echo end; [ $JOB_COMPLETION_INDEX = 0 ] && sleep 4; true`;

const counted = (lines: number) => ['begin', ...Array.from({ length: lines }, (_, i) => `line ${i}`), 'end'];

describe('a server that is killed', () => {
  let place: Place;
  beforeEach(async () => {
    place = await createPlace();
  });
  afterEach(() => place?.remove());

  it('finds again what runs, with the same pods and all of their output, each line once', async () => {
    const server = await place.start();
    const runs: Experiment[] = [];
    for (let number = 0; number < 3; number += 1)
      runs.push(await submit(server, { Worker: { script: counting(60, 0.2), replicas: 2 } }));
    for (const run of runs) await untilStatus(server, run, 'Running');
    const before = (await place.space.pods()).map(({ metadata }) => metadata?.uid).sort();
    for (let kills = 0; kills < 3; kills += 1) {
      place.server().kill('SIGKILL');
      await place.server().exited;
      await place.start();
    }
    for (const run of runs) {
      await untilStatus(place.server(), run, 'Succeeded');
      const logs = await logsOf(place.server(), run);
      expect(logs).toEqual({ 'test-worker-0': counted(60), 'test-worker-1': counted(60) });
    }
    expect((await place.space.pods()).map(({ metadata }) => metadata?.uid).sort()).toEqual(before);
  });

  it('learns what ended meanwhile, by itself and by others', async () => {
    const server = await place.start();
    const [ended, deleted] = [
      await submit(server, { Worker: { script: 'echo up; sleep 4; echo over; exit 0' } }),
      await submit(server, { Worker: { script: idle } }),
    ] as const;
    for (const run of [ended, deleted]) await untilStatus(server, run, 'Running');
    server.kill('SIGKILL');
    await server.exited;
    const [pod] = await place.space.pods(deleted);
    await place.space.deletePod(pod ?? {});
    await vi.waitFor(
      async () => {
        const phases = [...(await place.space.pods(ended)), ...(await place.space.pods(deleted))];
        expect(phases.map(({ status }) => status?.phase)).toEqual(['Succeeded', 'Failed']);
      },
      { timeout: 30_000 },
    );
    await place.start();
    await untilStatus(place.server(), ended, 'Succeeded');
    expect((await logsOf(place.server(), ended))['test-worker-0']).toEqual(['up', 'over']);
    expect(await untilFailed(place.server(), deleted)).toMatch(/^pod_deleted: /);
  });

  it.each(points)('at %s starts nothing twice and loses nothing', async (point) => {
    const server = await place.start({ FRANCA_TEST_CRASH: point });
    const roles = { Worker: { script: counting(3, 0.1), replicas: 2 } };
    const sent = submit(server, roles).catch(() => null);
    await server.exited;
    await place.start();
    // What was not accepted before the end of the server is submitted again, as a client would.
    const run = (await sent) ?? (await only(place)) ?? (await submit(place.server(), roles));
    await untilStatus(place.server(), run, 'Succeeded');
    const logs = await logsOf(place.server(), run);
    expect(logs).toEqual({ 'test-worker-0': counted(3), 'test-worker-1': counted(3) });
    const statuses = (await historyOf(place.server(), numberOf(run))).map(({ status }) => status);
    expect(statuses.filter((status, index) => statuses.indexOf(status) !== index)).toEqual([]);
    // The second is stopped, and its Job removed, if the end of the first was taken in before its own.
    expect((await place.space.jobs()).length).toBeLessThanOrEqual(1);
    expect((await place.space.pods()).length).toBeLessThanOrEqual(2);
    await remove(place.server(), run);
    await untilNothingIsLeft(place);
  });

  it.each(full ? purgePoints : (['purge.begin', 'purge.jobsRemoved', 'purge.afterCommit'] as const))(
    'at %s of a removal goes on with it, and leaves nothing',
    async (point) => {
      const server = await place.start({ FRANCA_TEST_CRASH: point });
      const run = await submit(server, { Worker: { script: idle, replicas: 2 } });
      await untilStatus(server, run, 'Running');
      await remove(server, run).catch(() => {});
      await server.exited;
      const { url } = await place.start();
      await untilNothingIsLeft(place);
      await vi.waitFor(() => {
        expect(existsSync(join(place.dataFolder, 'kubernetes/runs', `${run.uid}.json`))).toBe(false);
        expect(readdirSync(join(place.dataFolder, 'logs'))).not.toContain(run.uid);
      });
      expect((await fetch(`${url}/api/v1/experiment/${run.experimentId}`)).status).toBe(404);
    },
  );
});

describe('a server that is asked to end', () => {
  let place: Place;
  beforeEach(async () => {
    place = await createPlace({ FRANCA_SHUTDOWN_SECONDS: '10' });
  });
  afterEach(() => place?.remove());

  it('does so in time, and its pods go on, whose output the next one has', async () => {
    const server = await place.start();
    const run = await submit(server, { Worker: { script: counting(40, 0.2) } });
    await untilStatus(server, run, 'Running');
    const followed = fetch(
      `${server.url}/api/v1/root/default/experiments/${numberOf(run)}/logs?follow=true`,
    ).then((answer) => answer.text());
    followed.catch(() => {});
    const asked = performance.now();
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(12_000);
    const [pod] = await place.space.pods(run);
    expect(pod?.status?.phase).toBe('Running');
    await place.start();
    await untilStatus(place.server(), run, 'Succeeded');
    expect(await logsOf(place.server(), run)).toEqual({ 'test-worker-0': counted(40) });
    expect((await place.space.pods(run)).map(({ metadata }) => metadata?.uid)).toEqual([pod?.metadata?.uid]);
  });
});

function untilNothingIsLeft({ space }: Place): Promise<void> {
  return vi.waitFor(
    async () =>
      expect([await space.jobs(), await space.pods(), await space.services()]).toEqual([[], [], []]),
    { timeout: 60_000 },
  );
}

/** The only experiment that there is, if one is. */
async function only(place: Place): Promise<Experiment | null> {
  const answer = await fetch(`${place.server().url}/api/v1/experiment`);
  const { result } = (await answer.json()) as { result: Experiment[] };
  expect(result.length).toBeLessThanOrEqual(1);
  return result[0] ?? null;
}
