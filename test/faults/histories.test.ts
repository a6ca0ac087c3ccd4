import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidToHex } from '../../src/core/ids.js';
import { classify, type MetricPoint } from '../../src/core/metrics.js';
import { openStore } from '../../src/store/open.js';
import { aPlace, aRun, now } from '../conformance/store/fixtures.js';
import { residentMegabytes, watchMemory } from '../support/memory.js';
import { startServer } from '../support/server.js';
import { createSite, full, type Site } from './support.js';

const count = full ? 1_000_000 : 300_000;
const begin = 1_795_254_000_000;
/** How much the server may grow by, in MB. */
const allowance = 100;

/** Any double at all for each place, the same each time; some are NaN and infinities. */
function valueAt(place: number): number {
  if (place % 1000 === 7) return Number.NaN;
  if (place % 1000 === 8) return Number.NEGATIVE_INFINITY;
  if (place % 1000 === 9) return Number.POSITIVE_INFINITY;
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, Math.imul(place + 1, 2_654_435_761) >>> 0);
  view.setUint32(4, Math.imul(place + 1, 40_503) >>> 0);
  const value = view.getFloat64(0);
  return Number.isFinite(value) && value !== 0 ? value : place / 3;
}

function pointAt(place: number): MetricPoint {
  const at = { step: BigInt(place), timestampMs: BigInt(begin + place), timestampUs: 0 };
  return { key: 'loss', ...classify(valueAt(place)), ...at };
}

/** A point as a client reads it: value, milliseconds, and the step where it is shown. */
type Read = readonly [value: number, timestampMs: number, step?: number];

/** Where the run is found in each dialect. */
let paths: { readonly mlflow: string; polyaxon: string; foundry: string; submarineId: string };
let site: Site;
let env: Record<string, string>;

beforeAll(async () => {
  site = await createSite();
  const store = await openStore({ dataFolder: site.dataFolder, url: null, now });
  const { workspace, project } = await aPlace(store);
  const run = await aRun(store, project);
  for (let first = 0; first < count; first += 10_000) {
    const points = Array.from({ length: 10_000 }, (_, index) => pointAt(first + index));
    await store.transaction((tx) => tx.metrics.append(run.key, points, now()));
  }
  paths = {
    mlflow: `/api/2.0/mlflow/metrics/get-history?run_id=${uuidToHex(run.id)}&metric_key=loss`,
    polyaxon: `/api/v1/${workspace.name}/${project.name}/experiments/${run.number}/metrics`,
    foundry: `/api/v2/models/ri.models.main.model.${project.id}/experiments/ri.models.main.experiment.${run.id}/series/loss`,
    submarineId: `experiment_${store.createdAtMs}_${String(run.key).padStart(4, '0')}`,
  };
  env = { FRANCA_WORKSPACE: workspace.name };
  await store.close();
}, 900_000);

afterAll(() => site.remove());

async function ask(path: string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(site.url + path, init);
  expect(answer.status, path).toBe(200);
  return answer;
}

/** An item of a list and the comma before it; it may hold one object. */
const item = /,?(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})/gy;

/** The items of the first list of a document, as they come. */
async function* itemsOf<T>(answer: Response): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let hasBegun = false;
  let rest = '';
  for await (const piece of answer.body ?? []) {
    rest += decoder.decode(piece as Uint8Array, { stream: true });
    if (!hasBegun) {
      if (!rest.includes('[')) continue;
      rest = rest.slice(rest.indexOf('[') + 1);
      hasBegun = true;
    }
    let end = 0;
    for (const match of rest.matchAll(item)) {
      yield JSON.parse(match[1] ?? '') as T;
      end = match.index + match[0].length;
    }
    rest = rest.slice(end);
  }
}

interface MlflowPoint {
  readonly value: number | string;
  readonly timestamp: number;
  readonly step: number;
}

const fromMlflow = ({ value, timestamp, step }: MlflowPoint): Read => [Number(value), timestamp, step];

async function* readMlflowPages(): AsyncGenerator<Read> {
  let token: string | undefined = '';
  while (token !== undefined) {
    const answer = await ask(`${paths.mlflow}&max_results=25000&page_token=${token}`);
    const page = (await answer.json()) as { metrics: MlflowPoint[]; next_page_token?: string };
    yield* page.metrics.map(fromMlflow);
    token = page.next_page_token;
  }
}

async function* readMlflowWhole(): AsyncGenerator<Read> {
  for await (const point of itemsOf<MlflowPoint>(await ask(paths.mlflow))) yield fromMlflow(point);
}

async function* readPolyaxon(): AsyncGenerator<Read> {
  interface Row {
    readonly created_at: string;
    readonly values: { readonly loss: number | string };
  }
  for await (const row of itemsOf<Row>(await ask(paths.polyaxon))) {
    yield [Number(row.values.loss), Date.parse(row.created_at)];
  }
}

async function* readFoundryPages(): AsyncGenerator<Read> {
  for (let offset = 0, length = 1; length > 0; offset += length) {
    const answer = await ask(`${paths.foundry}/json?offset=${offset}&pageSize=1000&preview=true`);
    const { series } = (await answer.json()) as {
      series: { value: number; timestamp: number; step: number }[];
    };
    for (const { value, timestamp, step } of series) yield [value, timestamp, step];
    length = series.length;
  }
}

async function* readParquet(): AsyncGenerator<Read> {
  const file = await (await ask(`${paths.foundry}/parquet?preview=true`)).arrayBuffer();
  const rows = await parquetReadObjects({ file });
  for (const { value, timestamp, step } of rows) yield [value, Number(timestamp), Number(step)];
}

async function* readSubmarine(): AsyncGenerator<Read> {
  interface Row {
    readonly value: number;
    readonly timestamp: string;
    readonly step: number;
    readonly isNan: boolean;
  }
  const body = JSON.stringify({ id: paths.submarineId });
  const headers = { 'content-type': 'application/json' };
  const answer = await ask('/api/metric/selective', { method: 'POST', headers, body });
  for await (const { value, timestamp, step, isNan } of itemsOf<Row>(answer)) {
    yield [isNan ? Number.NaN : value, Date.parse(timestamp), step];
  }
}

/** An infinity as Submarine's table has it: the greatest double. */
function bounded(value: number): number {
  return Number.isNaN(value) ? value : Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}

describe(`a history of ${count} points`, () => {
  it.each<{
    name: string;
    read: () => AsyncIterable<Read>;
    /** What the dialect shows of a value; null if nothing. */
    shown?: (value: number) => number | null;
  }>([
    { name: 'MLflow by page_token', read: readMlflowPages },
    { name: 'MLflow in one answer', read: readMlflowWhole },
    { name: 'Polyaxon in one answer', read: readPolyaxon },
    {
      name: 'Foundry by offset',
      read: readFoundryPages,
      shown: (value) => (Number.isFinite(value) ? value : null),
    },
    { name: 'Foundry as Parquet', read: readParquet },
    { name: 'Submarine in one answer', read: readSubmarine, shown: bounded },
  ])(
    'is read by $name, bit by bit, in little memory of a server that has just started',
    async ({ read, shown = (value) => value }) => {
      const server = await startServer({ dataFolder: site.dataFolder, port: site.port, env });
      try {
        const before = residentMegabytes(server.pid);
        const highest = watchMemory(server.pid);
        let place = 0;
        const pass = () => {
          while (place < count && shown(valueAt(place)) === null) place += 1;
        };
        for await (const point of read()) {
          pass();
          const wanted = [shown(valueAt(place)), begin + place, place];
          if (point.some((part, index) => !Object.is(part, wanted[index]))) {
            throw new Error(`point ${place} is ${point}, not ${wanted}`);
          }
          place += 1;
        }
        pass();
        expect(place).toBe(count);
        expect(highest() - before).toBeLessThan(allowance);
      } finally {
        await server.stop();
      }
    },
  );
});
