import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createPlace,
  type Experiment,
  experimentOf,
  find,
  logsOf,
  type Place,
  remove,
  untilStatus,
} from './support.js';

const full = process.env.FRANCA_TEST_FULL === '1';
const kills = full ? 30 : 4;
const count = full ? 20 : 6;
const lines = 40;

const script = `i=0; while [ $i -lt ${lines} ]; do echo line $i; i=$((i+1)); sleep 0.3; done`;
const printed = Array.from({ length: lines }, (_, index) => `line ${index}`);

describe(`a server that is killed at ${kills} random moments while ${count} runs are submitted, run and stopped`, () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
    await place.start();
  });
  afterAll(() => place?.remove());

  /** Asks until a server answers. */
  async function persist<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch {
        await delay(300);
      }
    }
  }

  async function submitOnce(number: number): Promise<Experiment> {
    const body = JSON.stringify(experimentOf({ Worker: { script, replicas: 1 } }));
    return persist(async () => {
      const answer = await fetch(`${place.server().url}/api/v1/experiment`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `run-${number}` },
        body,
      });
      if (!answer.ok) throw new Error(await answer.text());
      return ((await answer.json()) as { result: Experiment }).result;
    });
  }

  async function isStopped(run: Experiment): Promise<boolean> {
    const number = run.experimentId.split('_').at(-1);
    const answer = await fetch(
      `${place.server().url}/api/v1/root/default/experiments/${Number(number)}/stop`,
      {
        method: 'POST',
      },
    );
    return answer.ok;
  }

  it('loses none, runs none twice, and leaves nothing', { timeout: 1_800_000 }, async () => {
    const killing = (async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        await delay(Math.random() * 4000);
        place.server().kill('SIGKILL');
        await place.server().exited;
        await place.start();
      }
    })();
    const runs: Experiment[] = [];
    for (let number = 0; number < count; number += 1) {
      runs.push(await submitOnce(number));
      await delay(Math.random() * 1500);
    }
    const stopped = runs.filter((_, number) => number % 3 === 2);
    for (const run of stopped) await persist(async () => expect(await isStopped(run)).toBe(true));
    await killing;
    const server = place.server();
    for (const run of runs) {
      const hadStop = stopped.includes(run);
      await untilStatus(server, run, hadStop ? 'Failed' : 'Succeeded', 180).catch(async (error: unknown) => {
        // One that had ended before it was stopped is what it was.
        if (!hadStop || (await find(server, run)).status !== 'Succeeded') throw error;
      });
      const log = (await logsOf(server, run))['test-worker-0'] ?? [];
      expect(log).toEqual(hadStop ? printed.slice(0, log.length) : printed);
    }
    const answer = await fetch(`${server.url}/api/v1/experiment`);
    expect(((await answer.json()) as { result: unknown[] }).result).toHaveLength(count);
    for (const run of runs) await remove(server, run);
    const { space } = place;
    await vi.waitFor(
      async () =>
        expect([await space.pods(), await space.jobs(), await space.services()]).toEqual([[], [], []]),
      { timeout: 60_000 },
    );
  });
});
