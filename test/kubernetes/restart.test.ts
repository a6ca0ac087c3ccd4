import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clusterPoints } from '../../src/core/ports/index.js';
import {
  createPlace,
  type Experiment,
  logsOf,
  type Place,
  remove,
  submit,
  untilFailed,
  untilStatus,
} from './support.js';

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
      await submit(server, { Worker: { script: 'echo up; exec sleep 100' } }),
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

  it.each(clusterPoints)('at %s starts nothing twice and loses nothing', async (point) => {
    const server = await place.start({ FRANCA_TEST_CRASH: point });
    const sent = submit(server, { Worker: { script: counting(3, 0.1), replicas: 2 } }).catch(() => null);
    await server.exited;
    await place.start();
    const run = (await sent) ?? (await only(place));
    await untilStatus(place.server(), run, 'Succeeded');
    const logs = await logsOf(place.server(), run);
    expect(logs).toEqual({ 'test-worker-0': counted(3), 'test-worker-1': counted(3) });
    // The second is stopped, and its Job removed, if the end of the first was taken in before its own.
    expect((await place.space.jobs()).length).toBeLessThanOrEqual(1);
    expect((await place.space.pods()).length).toBeLessThanOrEqual(2);
    await remove(place.server(), run);
    await vi.waitFor(
      async () =>
        expect([await place.space.jobs(), await place.space.pods(), await place.space.services()]).toEqual([
          [],
          [],
          [],
        ]),
      { timeout: 30_000 },
    );
  });
});

/** The only experiment that there is. */
async function only(place: Place): Promise<Experiment> {
  const answer = await fetch(`${place.server().url}/api/v1/experiment`);
  const { result } = (await answer.json()) as { result: Experiment[] };
  expect(result).toHaveLength(1);
  const [first] = result;
  if (first === undefined) throw new Error('none');
  return first;
}
