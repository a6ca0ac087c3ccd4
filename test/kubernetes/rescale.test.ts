import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PodObject } from '../../src/runner/kubernetes/objects.js';
import { createPlace, find, logsOf, type Place, remove, respecify, submit } from './support.js';

const uidOf = ({ metadata }: PodObject) => metadata?.uid;

describe('a run on a cluster', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
    await place.start();
  });
  afterAll(() => place?.remove());

  it('gets more workers and fewer, and goes on', async () => {
    const server = place.server();
    const script =
      'trap "echo bye; exit 0" TERM; echo "$TF_CONFIG" | sed "s/.*index.:\\([0-9]*\\).*/\\1/"; while :; do sleep 0.1; done';
    const workers = (replicas: number) => ({ Worker: { script, replicas } });
    const run = await submit(server, workers(2));
    const running = async () =>
      (await place.space.pods(run)).filter(({ status }) => status?.phase === 'Running').map(uidOf);
    const untilPrinted = (printed: Readonly<Record<string, readonly string[]>>) =>
      vi.waitFor(async () => expect(await logsOf(server, run)).toEqual(printed), {
        timeout: 60_000,
        interval: 200,
      });
    await untilPrinted({ 'test-worker-0': ['0'], 'test-worker-1': ['1'] });
    const two = await running();

    await respecify(server, run, workers(3));
    await untilPrinted({ 'test-worker-0': ['0'], 'test-worker-1': ['1'], 'test-worker-2': ['2'] });
    expect(await running()).toEqual(expect.arrayContaining(two));

    await respecify(server, run, workers(1));
    await untilPrinted({
      'test-worker-0': ['0'],
      'test-worker-1': ['1', 'bye'],
      'test-worker-2': ['2', 'bye'],
    });
    await vi.waitFor(async () => expect(await running()).toHaveLength(1), { timeout: 30_000, interval: 200 });
    expect(two).toEqual(expect.arrayContaining(await running()));
    expect((await find(server, run)).status).toBe('Running');
    await remove(server, run);
    await vi.waitFor(async () => expect(await place.space.pods(run)).toEqual([]), { timeout: 60_000 });
  });
});
