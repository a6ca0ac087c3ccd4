import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseUuid } from '../../src/core/ids.js';
import type { PodObject } from '../../src/runner/kubernetes/objects.js';
import { type Client, startClient } from './client.js';
import { createPlace, image, type Place } from './support.js';

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** The times of a run that worked so long lie one after another between those of the test's own clock. */
function expectTimes(before: number, told: readonly string[], after: number, seconds: number): void {
  const times = told.map((time) => Date.parse(time));
  expect([before, ...times, after]).toEqual([before, ...times, after].toSorted((a, b) => a - b));
  const [, began = 0, ended = 0] = times;
  // The cluster tells whole seconds.
  expect(ended - began).toBeGreaterThan((seconds - 1) * 1000);
}

/** Its machine may have two cores for all, so each pod asks for less than the example's one. */
const resources = 'cpu=100m,memory=64M';

describe('the examples of the documentation run as pods, by the published clients', () => {
  let place: Place;
  let client: Client | undefined;
  beforeAll(async () => {
    place = await createPlace();
    await place.start();
  });
  afterEach(() => client?.stop());
  afterAll(() => place?.remove());

  /** The pods of the run, as the cluster has them while it runs. */
  function pods(uid: string, count: number): Promise<readonly PodObject[]> {
    return vi.waitFor(
      async () => {
        const found = await place.space.pods({ uid });
        expect(found.filter(({ status }) => status?.phase === 'Running')).toHaveLength(count);
        return found;
      },
      { timeout: 60_000, interval: 100 },
    );
  }

  it('Submarine’s with two roles', async () => {
    interface Shown {
      readonly uid: string;
      readonly status: string;
      readonly acceptedTime: string;
      readonly createdTime: string;
      readonly runningTime: string;
      readonly finishedTime: string;
      readonly logs: Readonly<Record<string, readonly string[]>>;
    }
    const { body } = golden<{ request: { body: { meta: object; spec: Record<string, object> } } }>(
      'submarine/create-with-image',
    ).request;
    const experiment = {
      ...body,
      // Parted by spaces alone; both are there until the first worker ends.
      meta: { ...body.meta, cmd: `sh -c echo\${IFS}$ENV_1;echo\${IFS}$TF_CONFIG;sleep\${IFS}5` },
      environment: { image },
      spec: Object.fromEntries(
        Object.entries(body.spec).map(([role, task]) => [role, { ...task, resources }]),
      ),
    };
    const before = Date.now();
    client = await startClient('apache-submarine', 'run_submarine.py', {
      url: place.server().url,
      experiment,
    });
    const accepted = await client.next<Shown>();
    expect(accepted.status).toBe('Accepted');
    const running = await pods(accepted.uid, 2);
    expect(running.map(({ spec }) => spec?.containers?.map((each) => each.image))).toEqual([
      [image],
      [image],
    ]);
    const end = await client.next<Shown>();
    const after = Date.now();
    expect(end).toMatchObject({ status: 'Succeeded', uid: accepted.uid });
    expect(Object.keys(end.logs).sort()).toEqual(['tf-mnist-json-ps-0', 'tf-mnist-json-worker-0']);
    for (const [pod, lines] of Object.entries(end.logs)) {
      expect(lines).toEqual(['ENV1', expect.any(String)]);
      const { task } = JSON.parse(lines[1] ?? '') as { task: object };
      expect(task).toEqual({ type: pod.includes('worker') ? 'worker' : 'ps', index: 0 });
    }
    expectTimes(before, [end.acceptedTime, end.runningTime, end.finishedTime], after, 5);
    expectTimes(before, [end.acceptedTime, end.createdTime, end.finishedTime], after, 5);
  });

  it('Polyaxon’s with a setup', async () => {
    interface Shown {
      readonly uuid: string;
      readonly last_status: string;
      readonly created_at: string;
      readonly started_at: string;
      readonly finished_at: string;
      readonly statuses: readonly string[];
      readonly jobs: readonly {
        readonly unique_name: string;
        readonly last_status: string;
        readonly node_scheduled: string | null;
        readonly log: string;
      }[];
    }
    const { before: steps } = golden<{ before: { body?: { content?: string } }[] }>('polyaxon/get');
    const file = JSON.parse(steps.find(({ body }) => body?.content !== undefined)?.body?.content ?? '') as {
      build: object;
    };
    const content = JSON.stringify({
      ...file,
      build: { ...file.build, image, build_steps: ['echo installed > setup; sleep 1'] },
      run: { cmd: 'cat setup; sleep 2' },
    });
    const before = Date.now();
    client = await startClient('polyaxon-0.6.1', 'run_polyaxon.py', {
      port: place.server().port,
      project: 'quick-start',
      content,
    });
    const created = await client.next<Shown>();
    const [pod] = await pods(parseUuid(created.uuid) ?? '', 1);
    expect(pod?.spec?.containers?.[0]?.image).toBe(image);
    const end = await client.next<Shown>();
    const after = Date.now();
    expect(end.last_status).toBe('succeeded');
    // The six of the documentation's example.
    expect(end.statuses).toEqual(['created', 'building', 'scheduled', 'starting', 'running', 'succeeded']);
    expect(end.jobs).toMatchObject([
      {
        unique_name: 'root.quick-start.1.1.master',
        last_status: 'succeeded',
        node_scheduled: pod?.spec?.nodeName,
      },
    ]);
    expect(end.jobs[0]?.log.trim()).toBe('installed');
    expectTimes(before, [end.created_at, end.started_at, end.finished_at], after, 2);
  });
});
