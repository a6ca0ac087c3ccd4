import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hex, type Names, type Point } from './facts.js';
import { at, createPlatform, experiments, home, type Json, objectOf, type Platform } from './support.js';
import { logByDatabase } from './writers/submarine.js';
import { dashed, namesOf } from './writers/writer.js';

// Each run has 10^5 points.
vi.setConfig({ testTimeout: 120_000 });

const keys = Array.from({ length: 10 }, (_, place) => `m${place}`);
const length = 10_000;
const firstMs = Date.UTC(1971, 6);

/** Numbers of any bits: of every exponent, and some that are none. The same each time. */
function anyNumbers(seed: number): Float64Array {
  const words = new Uint32Array(length * 2);
  let state = seed;
  for (let place = 0; place < words.length; place += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[place] = state;
  }
  // One exponent of all bits stands for NaN, and is rare: so are the values below 10^-307 that are put in.
  return new Float64Array(words.buffer).map((value, place) => {
    if (place % 1000 === 1) return Number.NaN;
    if (place % 1000 === 2) return Number.POSITIVE_INFINITY;
    if (place % 1000 === 3) return Number.NEGATIVE_INFINITY;
    if (place % 1000 === 4) return value * 5e-324;
    return Number.isNaN(value) ? 0 : value;
  });
}

const logged = new Map(keys.map((key, place) => [key, anyNumbers(place + 1)]));

/** A metric as it was read: as many of each, in their order. */
interface Column {
  readonly values: Float64Array;
  readonly ms: Float64Array;
  readonly steps: Float64Array | null;
}

type Columns = Map<string, Column>;

const word = (value: number) => (Number.isFinite(value) ? value : String(value));

/** Values of all metrics at one step. */
function row(step: number): [key: string, value: number][] {
  return keys.map((key) => [key, logged.get(key)?.[step] ?? 0]);
}

const steps = Array.from({ length }, (_, step) => step);

/** A thousand points a time, as MLflow's clients send them. */
function batches(): { key: string; value: number | string; timestamp: number; step: number }[][] {
  return Array.from({ length: length / 100 }, (_, batch) =>
    steps
      .slice(batch * 100, batch * 100 + 100)
      .flatMap((step) =>
        row(step).map(([key, value]) => ({ key, value: word(value), timestamp: firstMs + step, step })),
      ),
  );
}

let platform: Platform;

beforeAll(async () => {
  platform = await createPlatform();
});

afterAll(() => platform.close());

async function send(path: string, body: unknown): Promise<void> {
  const answer = await platform.raw('POST', path, JSON.stringify(body));
  expect([path, answer.status]).toEqual([path, path.startsWith(home) ? 201 : 200]);
}

/** The seed's face logs as MLflow's does, once its requests are read. */
const writers = {
  async Polyaxon() {
    const { body } = await platform.polyaxon('POST', home, { is_managed: false });
    const names = await namesOf(platform, dashed(String(at(body, 'uuid'))));
    const rows = steps.map((step) => ({
      values: Object.fromEntries(row(step).map(([key, value]) => [key, word(value)])),
      created_at: new Date(firstMs + step).toISOString(),
    }));
    await send(`${home}/${names.number}/metrics`, rows);
    return names;
  },
  async Submarine() {
    const spec = { meta: { name: 'a', framework: 'PyTorch', cmd: 'a' }, spec: { Master: {} } };
    const { result } = await platform.submarine('POST', experiments, spec);
    const names = await namesOf(platform, String(at(result, 'uid')));
    const points = steps.flatMap((step) =>
      row(step).map(
        ([key, value]): Point => ({
          key,
          value,
          step: BigInt(step),
          ms: BigInt(firstMs + step),
          us: 0,
          request: 0,
        }),
      ),
    );
    await logByDatabase(platform, names, { points, params: [] });
    return names;
  },
  async MLflow() {
    const { body } = await platform.mlflow('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' });
    const run_id = String(at(body, 'run.info.run_id'));
    for (const metrics of batches()) await send('/api/2.0/mlflow/runs/log-batch', { run_id, metrics });
    return namesOf(platform, dashed(run_id));
  },
} as const;

async function jsonAt(path: string, body?: Json): Promise<unknown> {
  return (await platform.raw(body === undefined ? 'GET' : 'POST', path, body)).json();
}

/** Gathers points as they come, each to its metric. */
function gather(
  points: Iterable<readonly [key: string, value: number, ms: number, step: number | null]>,
): Columns {
  const lists = new Map(
    keys.map((key) => [key, { values: [], ms: [], steps: [] } as Record<string, number[]>]),
  );
  for (const [key, value, ms, step] of points) {
    const list = lists.get(key);
    list?.values?.push(value);
    list?.ms?.push(ms);
    if (step !== null) list?.steps?.push(step);
  }
  return new Map(
    [...lists].map(([key, { values = [], ms = [], steps = [] }]) => [
      key,
      { values: Float64Array.from(values), ms: Float64Array.from(ms), steps: Float64Array.from(steps) },
    ]),
  );
}

const readers = {
  async Polyaxon({ number }: Names) {
    const { results } = (await jsonAt(`${home}/${number}/metrics`)) as {
      results: { values: Record<string, number | string>; created_at: string }[];
    };
    return gather(
      results.flatMap(({ values, created_at }) =>
        Object.entries(values).map(
          ([key, value]) => [key, Number(value), Date.parse(created_at), null] as const,
        ),
      ),
    );
  },
  async Submarine({ experimentId: id }: Names) {
    const { result } = (await jsonAt('/api/metric/selective', { id })) as {
      result: { key: string; value: number; isNan: boolean; timestamp: string; step: number }[];
    };
    return gather(
      result.map(({ key, value, isNan, timestamp, step }) => [
        key,
        isNan ? Number.NaN : Math.abs(value) === Number.MAX_VALUE ? value * 2 : value,
        Date.parse(timestamp),
        step,
      ]),
    );
  },
  async MLflow({ uuid }: Names) {
    const histories = keys.map(async (key) => {
      const path = `/api/2.0/mlflow/metrics/get-history?run_id=${hex(uuid)}&metric_key=${key}`;
      const { metrics } = (await jsonAt(path)) as {
        metrics: { value: number | string; timestamp: number; step: number }[];
      };
      return metrics.map(({ value, timestamp, step }) => [key, Number(value), timestamp, step] as const);
    });
    return gather((await Promise.all(histories)).flat());
  },
  async Foundry({ uuid, project }: Names) {
    const model = `/api/v2/models/ri.models.main.model.${project}`;
    const all = [];
    for (const key of keys) {
      const path = `${model}/experiments/ri.models.main.experiment.${uuid}/series/${key}/parquet?preview=true`;
      const file = await (await platform.raw('GET', path)).arrayBuffer();
      const points = (await parquetReadObjects({ file })) as {
        value: number;
        timestamp: bigint;
        step: bigint;
      }[];
      for (const { value, timestamp, step } of points)
        all.push([key, value, Number(timestamp), Number(step)] as const);
    }
    return gather(all);
  },
} as const;

/** True for the same bits, but that 0 has no sign and NaN one form. */
function isSame(a: Float64Array, b: Float64Array): boolean {
  const plain = (numbers: Float64Array) => Buffer.from(numbers.map((number) => number + 0).buffer);
  return plain(a).equals(plain(b));
}

const expectedMs = Float64Array.from(steps, (step) => firstMs + step);

/** Polyaxon logs without steps, and shows none: MLflow and Submarine then say 0, Foundry the place. */
function expectedSteps(writer: string, reader: string): Float64Array {
  if (reader === 'Polyaxon') return new Float64Array();
  if (writer === 'Polyaxon' && reader !== 'Foundry') return new Float64Array(length);
  return Float64Array.from(steps);
}

const lastOf = (key: string) => (logged.get(key)?.at(-1) ?? 0) + 0;

/** Foundry's pages of JSON, which have the finite points alone. */
async function checkPages({ uuid, project }: Names): Promise<void> {
  const model = `/api/v2/models/ri.models.main.model.${project}`;
  const series = `${model}/experiments/ri.models.main.experiment.${uuid}/series/m0`;
  const all = [...(logged.get('m0') ?? [])].map((value, step) => ({
    value: value + 0,
    timestamp: firstMs + step,
    step,
  }));
  const finite = all.filter(({ value }) => Number.isFinite(value));
  for (const offset of [0, 4_321, finite.length - 7]) {
    const page = await jsonAt(`${series}/json?preview=true&pageSize=1000&offset=${offset}`);
    expect(page).toEqual({ type: 'doubleV1', series: finite.slice(offset, offset + 1000) });
  }
}

describe.each(Object.entries(writers))('10^5 points of a run of %s', (writer, write) => {
  it('are the same in every dialect, bit by bit', async () => {
    const names = await write();
    for (const [reader, read] of Object.entries(readers)) {
      const columns = await read(names);
      for (const key of keys) {
        const { values, ms, steps } = columns.get(key) ?? {};
        const same = [
          isSame(values ?? new Float64Array(), logged.get(key) ?? new Float64Array()),
          isSame(ms ?? new Float64Array(), expectedMs),
          isSame(steps ?? new Float64Array(), expectedSteps(writer, reader)),
        ];
        expect([reader, key, ...same]).toEqual([reader, key, true, true, true]);
      }
    }
    await checkPages(names);
    const seed = objectOf(await jsonAt(`/api/v1/experiments/runs/${hex(names.uuid)}`));
    expect(seed.metrics).toEqual(Object.fromEntries(keys.map((key) => [key, word(lastOf(key))])));
  });
});
