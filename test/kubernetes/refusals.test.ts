import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunRecord } from '../../src/runner/kubernetes/records.js';
import { createConfigOf } from './space.js';
import {
  createPlace,
  type Experiment,
  historyOf,
  image,
  numberOf,
  type Place,
  submit,
  untilStatus,
} from './support.js';
import { untilFailed } from './told.js';

describe('what the cluster does not let in', () => {
  let place: Place;
  beforeEach(async () => {
    place = await createPlace();
  });
  afterEach(() => place?.remove());

  it('waits for a quota, in the words of the quota, and goes on when there is room', async () => {
    const quota = { metadata: { name: 'few' }, spec: { hard: { pods: '0' } } };
    await place.space.create('resourcequotas', quota);
    await vi.waitFor(async () => {
      const path = `/api/v1/namespaces/${place.space.name}/resourcequotas/few`;
      expect(await place.space.cluster.request({ path })).toMatchObject({ status: { hard: { pods: '0' } } });
    });
    const server = await place.start();
    const run = await submit(server, { Worker: { script: 'true', replicas: 2 } });
    await vi.waitFor(
      async () => {
        const messages = (await historyOf(server, numberOf(run))).map(({ message }) => message);
        expect(messages).toContainEqual(expect.stringMatching(/cannot be made: exceeded quota: few, /));
      },
      { timeout: 60_000 },
    );
    await place.space.cluster.request({
      method: 'DELETE',
      path: `/api/v1/namespaces/${place.space.name}/resourcequotas/few`,
    });
    await untilStatus(server, run, 'Succeeded', 120);
  });

  it('fails in the words of the API where Franca may not make it', async () => {
    const rules = [{ apiGroups: ['', 'batch'], resources: ['*'], verbs: ['get', 'list', 'watch'] }];
    const file = await createConfigOf(place.space, place.dataFolder, rules);
    const server = await place.start({ KUBECONFIG: file });
    const run = await submit(server, { Worker: { script: 'true' } });
    expect(await untilFailed(server, run)).toMatch(
      /^submit_rejected: test-worker-0: the cluster refuses the Job: jobs\.batch is forbidden: User "[^"]*:weak"/,
    );
  });

  it('fails where somebody else has its name, and what has it stays', async () => {
    const first = await place.start({ FRANCA_TEST_CRASH: 'cluster.recorded' });
    const sent = submit(first, { Worker: { script: 'true' } }).catch(() => null);
    await first.exited;
    const folder = join(place.dataFolder, 'kubernetes', 'runs');
    const [file = ''] = readdirSync(folder);
    const record = JSON.parse(readFileSync(join(folder, file), 'utf8')) as RunRecord;
    const name = record.objects[0]?.name ?? '';
    const template = {
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image, command: ['sleep', '300'] }] },
    };
    await place.space.cluster.request({
      method: 'POST',
      path: `/apis/batch/v1/namespaces/${place.space.name}/jobs`,
      body: { metadata: { name }, spec: { template } },
    });
    const server = await place.start();
    const run = (await sent) ?? ({ experimentId: 'run_1' } as Experiment);
    await vi.waitFor(
      async () => {
        const last = (await historyOf(server, numberOf(run))).at(-1);
        expect(last?.status).toBe('failed');
        expect(last?.message).toBe(
          `submit_rejected: test-worker-0: the name ${name} is taken by a Job that is not of this run`,
        );
      },
      { timeout: 60_000 },
    );
    const path = `/apis/batch/v1/namespaces/${place.space.name}/jobs/${name}`;
    const left = await place.space.cluster.request<{ metadata: { deletionTimestamp?: string } }>({ path });
    expect(left.metadata.deletionTimestamp).toBeUndefined();
  });
});
