import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { rawAnswerOf } from '../../support/raw-http.js';
import { type RunningServer, startServer } from '../../support/server.js';
import { checkAnswer, objectOf } from './harness.js';

let server: RunningServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'franca-resources-'));
  server = await startServer({ env: { FRANCA_LOCAL_SLOTS: '4' } });
  await call('POST', '/api/v1/projects', { name: 'p' });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** As the clients' schema has it: every key is wanted, and no other is taken. */
const frame = z.array(
  z.strictObject({
    job_uuid: z.string().regex(/^[0-9a-f]{32}$/),
    experiment_uuid: z.string().regex(/^[0-9a-f]{32}$/),
    job_name: z.string(),
    container_id: z.string(),
    n_cpus: z.int().positive(),
    cpu_percentage: z.number().nonnegative(),
    percpu_percentage: z.array(z.number()).nullable(),
    memory_used: z.int().positive(),
    memory_limit: z.int().positive(),
    gpu_resources: z.array(z.unknown()).nullable(),
  }),
);

type Frame = z.output<typeof frame>;

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const answer = await fetch(server.url + path, { method, ...init });
  const checked = checkAnswer(method, path, await rawAnswerOf(answer));
  expect(checked.http).toBeLessThan(300);
  return objectOf(checked.body);
}

interface Watcher {
  readonly frames: Frame[];
  /** The code that the socket was closed with; rejects for a refused handshake. */
  readonly closed: Promise<number>;
  leave(): void;
}

function watch(path: string): Watcher {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(frame.parse(JSON.parse(String(data)))));
  const closed = new Promise<number>((resolve, reject) => {
    socket.on('close', resolve);
    socket.on('error', reject);
  });
  return { frames, closed, leave: () => socket.close() };
}

/** Busy until the test says so. */
function untilTold(name: string): { cmd: string; tell: () => void } {
  const file = join(folder, name);
  return {
    cmd: `while [ ! -e ${file} ]; do :; done`,
    tell: () => writeFileSync(file, ''),
  };
}

async function create(content: object): Promise<number> {
  const made = await call('POST', '/api/v1/root/p/experiments', {
    content: JSON.stringify({ version: 1, kind: 'experiment', ...content }),
  });
  return z.number().parse(made.id);
}

const patient = { timeout: 30_000, interval: 50 };

describe.runIf(process.platform === 'linux')('the resources of an experiment', { timeout: 60_000 }, () => {
  it('come while it runs, of all jobs or of one, until it ends; then there are none', async () => {
    const master = untilTold('master');
    const id = await create({
      environment: {
        resources: { memory: { limits: 64 } },
        tensorflow: { n_workers: 1 },
      },
      framework: 'tensorflow',
      run: { cmd: master.cmd },
    });
    const path = `/root/p/experiments/${id}`;
    const all = watch(`/api/v1${path}/resources/`);
    const older = watch(`/ws/v1${path}/resources`);
    await vi.waitFor(() => {
      expect(
        all.frames
          .at(-1)
          ?.map(({ job_name }) => job_name)
          .sort(),
      ).toEqual(['master.1', 'worker.1']);
      for (const use of all.frames.at(-1) ?? []) expect(use.cpu_percentage).toBeGreaterThan(10);
      expect(older.frames.length).toBeGreaterThan(1);
    }, patient);
    const { uuid } = await call('GET', `/api/v1${path}`);
    const jobs = z
      .array(z.record(z.string(), z.unknown()))
      .parse((await call('GET', `/api/v1${path}/jobs`)).results);
    const worker = jobs.find(({ role }) => role === 'worker');
    const one = watch(`/api/v1${path}/jobs/${worker?.id}/resources/`);
    await vi.waitFor(() => expect(one.frames).not.toEqual([]), patient);
    expect(one.frames[0]).toEqual([
      expect.objectContaining({ experiment_uuid: uuid, job_uuid: worker?.uuid, job_name: 'worker.1' }),
    ]);
    const limits = new Map(all.frames.at(-1)?.map((use) => [use.job_name, use.memory_limit]));
    expect(limits.get('master.1')).toBe(64 * 1024 ** 2);
    master.tell();
    expect(await Promise.all([all, older, one].map(({ closed }) => closed))).toEqual([1000, 1000, 1000]);
    const late = watch(`/api/v1${path}/resources`);
    expect(await late.closed).toBe(1000);
    expect(late.frames).toEqual([]);
  });

  it('are refused before the socket is open for what is not there', async () => {
    for (const path of [
      '/root/p/experiments/99',
      '/root/p/experiments/1/jobs/99',
      '/root/none/experiments/1',
    ]) {
      await expect(watch(`/api/v1${path}/resources`).closed).rejects.toThrow('404');
    }
  });

  it('leave the server as it was when a watcher goes', async () => {
    const job = untilTold('left');
    const id = await create({ run: { cmd: job.cmd } });
    const watcher = watch(`/api/v1/root/p/experiments/${id}/resources`);
    await vi.waitFor(() => expect(watcher.frames).not.toEqual([]), patient);
    watcher.leave();
    await watcher.closed;
    const next = watch(`/api/v1/root/p/experiments/${id}/resources`);
    await vi.waitFor(() => expect(next.frames).not.toEqual([]), patient);
    job.tell();
    expect(await next.closed).toBe(1000);
    expect(server.output()).not.toContain('"level":50');
  });
});

describe('the cluster', () => {
  it('is the machine of the server', async () => {
    const { nodes } = await call('GET', '/api/v1/cluster/');
    const [node] = z.array(z.record(z.string(), z.unknown())).parse(nodes);
    expect(node).toMatchObject({ sequence: 1, hostname: hostname(), gpus: [], n_gpus: 0 });
    expect(await call('GET', '/api/v1/nodes/1/')).toEqual(node);
    for (const [place, status] of [
      ['2', 404],
      ['0', 400],
      ['x', 400],
    ] as const) {
      expect((await fetch(`${server.url}/api/v1/nodes/${place}`)).status).toBe(status);
    }
  });
});
