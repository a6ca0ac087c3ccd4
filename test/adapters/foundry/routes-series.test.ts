import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../../src/services/context.js';
import { type Client, createClient, errorOf, objectOf } from './harness.js';
import { contextOf, type Made, makeRun, point } from './site.js';

let client: Client;
let ctx: Context;
let made: Made;

beforeAll(async () => {
  client = await createClient();
  ctx = await contextOf(client.site);
  made = await makeRun(ctx, {
    points: [
      ...Array.from({ length: 1200 }, (_, index) =>
        point('long', index / 8, index, 1_795_254_000_000 + index),
      ),
      point('mixed', 1, null, 1),
      point('mixed', Number.NaN, null, 2),
      point('mixed', null, null, 3),
      point('mixed', 0.1, null, 4),
      point('mixed', Number.NEGATIVE_INFINITY, 2n ** 63n - 1n, 5),
      point('mixed', -5e-324, -(2n ** 63n), 2n ** 63n - 1n),
      point('nan', Number.NaN, 1),
      point('null', null, 1),
      point('a/b c%2F?#é', 3, 1),
      point('json', 4, 1),
    ],
  });
});

afterAll(() => client.close());

const series = (name: string, query = '') =>
  client.call('GET', `${made.path}/series/${encodeURIComponent(name)}/json?preview=true${query}`);

async function values(name: string, query = ''): Promise<readonly unknown[]> {
  const { http, body } = await series(name, query);
  expect([http, objectOf(body).type]).toEqual([200, 'doubleV1']);
  return (objectOf(body).series as readonly object[]).map((one) => objectOf(one).value);
}

async function rowsOf(name: string): Promise<unknown[]> {
  const answer = await client.raw(
    'GET',
    `${made.path}/series/${encodeURIComponent(name)}/parquet?preview=true`,
  );
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename=/);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  return parquetReadObjects({ file: await answer.arrayBuffer() });
}

describe('a series as JSON', () => {
  it('has 200 points, 1000 at most, behind those that are passed over', async () => {
    const from = (first: number, count: number) =>
      Array.from({ length: count }, (_, index) => (first + index) / 8);
    expect(await values('long')).toEqual(from(0, 200));
    expect(await values('long', '&pageSize=3&offset=5')).toEqual(from(5, 3));
    expect(await values('long', '&pageSize=5000')).toEqual(from(0, 1000));
    expect(await values('long', '&pageSize=1000&offset=1000')).toEqual(from(1000, 200));
    expect(await values('long', '&offset=1200')).toEqual([]);
    expect(await values('long', '&offset=999999999999999')).toEqual([]);
  });

  it('leaves out what JSON has no number for, and keeps integers of 64 bits', async () => {
    expect(objectOf((await series('mixed')).body).series).toEqual([
      { value: 1, timestamp: 1, step: 0 },
      // The place among all points, which Parquet has, too.
      { value: 0.1, timestamp: 4, step: 2 },
      { value: -5e-324, timestamp: 9223372036854775807n, step: -9223372036854775808n },
    ]);
    expect(await values('nan')).toEqual([]);
  });

  it('has any name, each sign in it as itself', async () => {
    expect(await values('a/b c%2F?#é')).toEqual([3]);
    expect(await values('json')).toEqual([4]);
  });

  it('is not found where there are no points of that name', async () => {
    const { modelRid, experimentRid } = made;
    for (const seriesName of [
      'none',
      'LONG',
      'null',
      'a',
      'a%2Fb',
      "' or 1=1 --",
      '__proto__',
      '…',
      'x'.repeat(3000),
    ]) {
      const wanted = [404, 'ExperimentSeriesNotFound', { modelRid, experimentRid, seriesName }];
      expect(errorOf(await series(seriesName))).toEqual(wanted);
      const at = `${made.path}/series/${encodeURIComponent(seriesName)}/parquet?preview=true`;
      expect(errorOf(await client.call('GET', at))).toEqual(wanted);
    }
  });

  it.each([
    ['pageSize=0', 'InvalidPageSize', { pageSize: 0 }],
    ['pageSize=-1', 'InvalidPageSize', { pageSize: -1 }],
    ['pageSize=x', 'Conjure:InvalidArgument', {}],
    ['pageSize=1.5', 'Conjure:InvalidArgument', {}],
    ['pageSize=', 'Conjure:InvalidArgument', {}],
    ['pageSize=1e3', 'Conjure:InvalidArgument', {}],
    ['pageSize=9999999999999999', 'Conjure:InvalidArgument', {}],
    ['pageSize=1&pageSize=2', 'Conjure:InvalidArgument', {}],
    ['offset=-1', 'Conjure:InvalidArgument', {}],
    ['offset=x', 'Conjure:InvalidArgument', {}],
    ['offset=99999999999999999999', 'Conjure:InvalidArgument', {}],
  ])('refuses %s', async (query, name, parameters) => {
    expect(errorOf(await series('long', `&${query}`))).toEqual([400, name, parameters]);
  });
});

describe('a series as Parquet', () => {
  it('has every point but nulls, bit by bit', async () => {
    expect(await rowsOf('mixed')).toEqual([
      { value: 1, timestamp: 1n, step: 0n },
      { value: Number.NaN, timestamp: 2n, step: 1n },
      { value: 0.1, timestamp: 4n, step: 2n },
      { value: Number.NEGATIVE_INFINITY, timestamp: 5n, step: 2n ** 63n - 1n },
      { value: -5e-324, timestamp: 2n ** 63n - 1n, step: -(2n ** 63n) },
    ]);
    expect(await rowsOf('long')).toHaveLength(1200);
    expect(await rowsOf('nan')).toEqual([{ value: Number.NaN, timestamp: 1_795_254_000_000n, step: 1n }]);
    expect(await rowsOf('a/b c%2F?#é')).toHaveLength(1);
  });

  it('is not read for HEAD', async () => {
    const answer = await client.raw('HEAD', `${made.path}/series/long/parquet?preview=true`);
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });
});
