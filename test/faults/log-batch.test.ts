import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../support/server.js';
import { createSite, full, type Site } from './support.js';

const rounds = full ? 20 : 4;
/** Batches that are acknowledged before each SIGKILL, by all writers together. */
const acknowledgements = full ? 5_000 : 500;
const writers = 8;
const keys = ['m0', 'm1', 'm2', 'm3', 'm4'];

let site: Site;
let server: RunningServer;

beforeEach(async () => {
  site = await createSite();
  server = await startServer({ dataFolder: site.dataFolder, port: site.port });
});

afterEach(async () => {
  await server.stop();
  await site.remove();
});

function post(path: string, body: unknown): Promise<Response> {
  return fetch(`${site.url}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${site.url}/api/2.0/mlflow/${path}`);
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as T;
}

interface MlflowRun {
  readonly info: { readonly run_id: string };
  readonly data: {
    readonly metrics: readonly { readonly key: string; readonly value: number }[];
    readonly params: readonly { readonly key: string; readonly value: string }[];
    readonly tags: readonly { readonly key: string; readonly value: string }[];
  };
}

/** A run, the steps that were acknowledged, and the one that is sent next. */
interface Writer {
  readonly id: string;
  readonly acknowledged: number[];
  next: number;
}

async function createWriter(): Promise<Writer> {
  const { run } = (await (await post('runs/create', { experiment_id: '0' })).json()) as { run: MlflowRun };
  return { id: run.info.run_id, acknowledged: [], next: 0 };
}

/** Five points of one step, a param that is there or is not, and the step as a tag. */
function batchOf(id: string, step: number): object {
  return {
    run_id: id,
    metrics: keys.map((key) => ({ key, value: step, timestamp: step, step })),
    params: [{ key: `p${step % 100}`, value: String(step % 100) }],
    tags: [{ key: 'last', value: String(step) }],
  };
}

/** Sends batch after batch until the connection breaks. */
async function write(writer: Writer, onAcknowledged: () => void): Promise<void> {
  for (;;) {
    const step = writer.next;
    writer.next += 1;
    const answer = await post('runs/log-batch', batchOf(writer.id, step)).catch(() => null);
    if (answer === null) return;
    expect(answer.status).toBe(200);
    writer.acknowledged.push(step);
    onAcknowledged();
    await answer.arrayBuffer().catch(() => undefined);
  }
}

async function check({ id, acknowledged }: Writer): Promise<void> {
  const steps = await Promise.all(
    keys.map(async (key) => {
      const path = `metrics/get-history?run_id=${id}&metric_key=${key}`;
      const { metrics } = await get<{ metrics: { value: number; step: number }[] }>(path);
      expect(metrics.filter(({ value, step }) => value !== step)).toEqual([]);
      return metrics.map(({ step }) => step);
    }),
  );
  const stored = steps[0] ?? [];
  const there = new Set(stored);
  // Once each, and whole: what one metric has, all have.
  expect(there.size).toBe(stored.length);
  for (const others of steps) expect(others).toEqual(stored);
  expect(acknowledged.filter((step) => !there.has(step))).toEqual([]);
  // A writer has one batch under way when the server is killed.
  expect(stored.length - acknowledged.length).toBeLessThanOrEqual(rounds);

  const { data } = (await get<{ run: MlflowRun }>(`runs/get?run_id=${id}`)).run;
  const last = Math.max(...stored);
  expect(data.metrics.map(({ value }) => value)).toEqual(keys.map(() => last));
  expect(data.tags).toContainEqual({ key: 'last', value: String(last) });
  const numbers = new Set(stored.map((step) => String(step % 100)));
  expect(new Set(data.params.map(({ value }) => value))).toEqual(numbers);
}

it(`${rounds * acknowledgements} batches over HTTP: what was acknowledged before a SIGKILL is there once, the rest whole or not at all`, async () => {
  const all = await Promise.all(Array.from({ length: writers }, createWriter));
  for (let round = 0; round < rounds; round += 1) {
    let left = acknowledgements;
    const onAcknowledged = () => {
      left -= 1;
      if (left === 0) server.kill('SIGKILL');
    };
    await Promise.all(all.map((writer) => write(writer, onAcknowledged)));
    await server.exited;
    expect(left).toBeLessThanOrEqual(0);
    server = await startServer({ dataFolder: site.dataFolder, port: site.port });
  }
  for (const writer of all) await check(writer);
});
