import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { residentMegabytes, watchMemory } from '../support/memory.js';
import { type RunningServer, startServer } from '../support/server.js';
import { createSite, full, type Site } from './support.js';

const count = full ? 1_000_000 : 100_000;
const batchSize = 1000;

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

/** A value that no rounding hides: every bit of it is another one at the next step. */
function valueAt(step: number): number {
  return Math.sin(step + 1) * 10 ** ((step % 600) - 300);
}

async function post(path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(site.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status, path).toBe(200);
  return answer.json();
}

async function createRun(): Promise<string> {
  const { run } = (await post('/api/2.0/mlflow/runs/create', { experiment_id: '0' })) as {
    run: { info: { run_id: string } };
  };
  for (let start = 0; start < count; start += batchSize) {
    const metrics = Array.from({ length: batchSize }, (_, place) => {
      const step = start + place;
      return { key: 'loss', value: valueAt(step), timestamp: step, step };
    });
    await post('/api/2.0/mlflow/runs/log-batch', { run_id: run.info.run_id, metrics });
  }
  return run.info.run_id;
}

/** Checks the points of an answer as they come; gives how many there were. */
class Checker {
  #next = 0;
  get seen(): number {
    return this.#next;
  }
  take(value: number): void {
    if (value !== valueAt(this.#next)) throw new Error(`point ${this.#next} is ${value}`);
    this.#next += 1;
  }
}

/** Reads an answer piece by piece, and hands on each number that stands behind the words. */
async function scan(path: string, words: RegExp, take: (value: number) => void): Promise<void> {
  const answer = await fetch(site.url + path);
  expect(answer.status, path).toBe(200);
  let rest = '';
  const decoder = new TextDecoder();
  for await (const piece of answer.body ?? []) {
    rest += decoder.decode(piece as Uint8Array, { stream: true });
    let end = 0;
    for (const match of rest.matchAll(words)) {
      take(Number(match[1]));
      end = match.index + match[0].length;
    }
    rest = rest.slice(end);
  }
}

async function inLittleMemory(read: () => Promise<void>): Promise<void> {
  const before = residentMegabytes(server.pid);
  const highest = watchMemory(server.pid);
  await read();
  expect(highest() - before).toBeLessThan(100);
}

describe(`a history of ${count} points`, () => {
  it('is read whole in each dialect, bit by bit, in little memory', async () => {
    const id = await createRun();

    const paged = new Checker();
    await inLittleMemory(async () => {
      let token = '';
      do {
        const query = `run_id=${id}&metric_key=loss&max_results=25000&page_token=${token}`;
        const answer = await fetch(`${site.url}/api/2.0/mlflow/metrics/get-history?${query}`);
        const page = (await answer.json()) as { metrics: { value: number }[]; next_page_token?: string };
        for (const { value } of page.metrics) paged.take(value);
        token = page.next_page_token ?? '';
      } while (token !== '');
    });
    expect(paged.seen).toBe(count);

    for (const [path, words] of [
      [`/api/2.0/mlflow/metrics/get-history?run_id=${id}&metric_key=loss`, /"value":([-\d.e+]+)[,}]/g],
      ['/api/v1/root/Default/experiments/1/metrics', /"loss":([-\d.e+]+)[,}]/g],
    ] as const) {
      const whole = new Checker();
      await inLittleMemory(() => scan(path, words, (value) => whole.take(value)));
      expect([path, whole.seen]).toEqual([path, count]);
    }
  });
});
