import { parquetRead } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classify, type MetricPoint } from '../../src/core/metrics.js';
import { openStore } from '../../src/store/open.js';
import { aPlace, aRun, now } from '../conformance/store/fixtures.js';
import { residentMegabytes, watchMemory } from '../support/memory.js';
import { type RunningServer, startServer } from '../support/server.js';
import { createSite, full, type Site } from './support.js';

const count = full ? 1_000_000 : 300_000;
const begin = 1_795_254_000_000;

/** Any double at all for each place, the same each time; some are NaN and infinities. */
function valueAt(place: number): number {
  if (place % 1000 === 7) return Number.NaN;
  if (place % 1000 === 8) return Number.NEGATIVE_INFINITY;
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, Math.imul(place + 1, 2_654_435_761) >>> 0);
  view.setUint32(4, Math.imul(place + 1, 40_503) >>> 0);
  const value = view.getFloat64(0);
  return Number.isFinite(value) && value !== 0 ? value : place / 3;
}

function pointAt(key: string, place: number): MetricPoint {
  const at = { step: BigInt(place), timestampMs: BigInt(begin + place), timestampUs: 0 };
  return { key, ...classify(valueAt(place)), ...at };
}

let site: Site;
let server: RunningServer;
let path: string;

beforeEach(async () => {
  site = await createSite();
  const store = await openStore({ dataFolder: site.dataFolder, url: null, now });
  // Where the server looks, whose user and workspace are named so.
  const { workspace, project } = await aPlace(store);
  const run = await aRun(store, project);
  for (const [key, length] of [
    ['small', 100_000],
    ['big', count],
  ] as const) {
    for (let first = 0; first < length; first += 10_000) {
      const points = Array.from({ length: 10_000 }, (_, index) => pointAt(key, first + index));
      await store.transaction((tx) => tx.metrics.append(run.key, points, now()));
    }
  }
  await store.close();
  path = `/api/v2/models/ri.models.main.model.${project.id}/experiments/ri.models.main.experiment.${run.id}`;
  const env = { FRANCA_WORKSPACE: workspace.name };
  server = await startServer({ dataFolder: site.dataFolder, port: site.port, env });
}, 600_000);

afterEach(async () => {
  await server.stop();
  await site.remove();
});

describe(`a series of ${count} points`, () => {
  it('is read whole as Parquet and by offset as JSON, bit by bit, in little memory', async () => {
    const get = (rest: string, name = 'big') =>
      fetch(`${server.url}${path}/series/${name}${rest}preview=true`);
    // A server that has worked has a larger heap, whatever it did.
    for (let round = 0; round < 2; round += 1) {
      await (await get('/parquet?', 'small')).arrayBuffer();
      await (await get('/json?pageSize=1000&', 'small')).arrayBuffer();
    }
    const before = residentMegabytes(server.pid);
    const highest = watchMemory(server.pid);

    const file = await (await get('/parquet?')).arrayBuffer();
    const wrong: number[] = [];
    let rows = 0;
    await parquetRead({
      file,
      onChunk: ({ columnName, columnData, rowStart }) => {
        for (let index = 0; index < columnData.length; index += 1) {
          const place = rowStart + index;
          const wanted = { value: valueAt(place), timestamp: BigInt(begin + place), step: BigInt(place) };
          if (!Object.is(columnData[index], wanted[columnName as keyof typeof wanted])) wrong.push(place);
        }
        if (columnName === 'value') rows += columnData.length;
      },
    });
    expect([rows, wrong]).toEqual([count, []]);

    const finite = Array.from({ length: count }, (_, place) => place).filter((place) =>
      Number.isFinite(valueAt(place)),
    );
    for (let offset = 0; offset <= finite.length; offset += 1000) {
      const answer = await get(`/json?offset=${offset}&pageSize=1000&`);
      const { series } = (await answer.json()) as { series: { value: number; step: number }[] };
      const places = finite.slice(offset, offset + 1000);
      expect(series.map(({ step }) => step)).toEqual(places);
      expect(series.filter(({ value, step }) => !Object.is(value, valueAt(step)))).toEqual([]);
    }
    expect(highest() - before).toBeLessThan(100);
  }, 900_000);
});
