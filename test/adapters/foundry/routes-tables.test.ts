import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../../src/services/context.js';
import { hostilePaths } from '../../conformance/artifacts/paths.js';
import { parquetOf } from '../../tables/parquet-files.js';
import { type Client, createClient, errorOf } from './harness.js';
import { contextOf, type Made, makeRun } from './site.js';

let client: Client;
let ctx: Context;
let made: Made;

const parquet = parquetOf([
  { name: 'id', data: Array.from({ length: 250 }, (_, index) => BigInt(index)), type: 'INT64' },
  {
    name: 'score',
    data: Array.from({ length: 250 }, (_, index) => (index === 3 ? Number.NaN : index / 4)),
    type: 'DOUBLE',
  },
]);
const table = (path: string) => ({ path, type: 'table' });

beforeAll(async () => {
  client = await createClient();
  ctx = await contextOf(client.site);
  made = await makeRun(ctx, {
    tags: [
      {
        key: 'mlflow.loggedArtifacts',
        value: JSON.stringify([
          table('eval/a b.json'),
          table('damaged.json'),
          table('named'),
          table('gone.json'),
        ]),
      },
    ],
    files: {
      'folder/t.parquet': parquet,
      'eval/a b.json': '{"columns":["x","y"],"data":[[1,"a"],[2,null],[9007199254740993,"<script>"]]}',
      'damaged.json': '{"columns":["x"],"data":[[1,2]]}',
      'damaged.parquet': 'PAR1 and no more',
      'empty.parquet': '',
      'cut.parquet': parquet.subarray(0, -20),
      named: parquet,
      'other.json': '{"columns":["x"],"data":[[1]]}',
      'notes.txt': 'hello',
    },
  });
});

afterAll(() => client.close());

const at = (name: string, what: 'json' | 'parquet', query = '') =>
  `${made.path}/artifactTables/${encodeURIComponent(name)}/${what}?preview=true${query}`;

async function rows(name: string, query = ''): Promise<readonly unknown[]> {
  const answer = await client.raw('GET', at(name, 'json', query));
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename=/);
  return JSON.parse(await answer.text());
}

describe('rows of a table', () => {
  it('are 10, 100 at most, behind those that are passed over', async () => {
    const from = (first: number, count: number) =>
      Array.from({ length: count }, (_, place) => {
        const id = first + place;
        return { id, score: id === 3 ? null : id / 4 };
      });
    expect(await rows('folder/t.parquet')).toEqual(from(0, 10));
    expect(await rows('folder/t.parquet', '&offset=5&pageSize=2')).toEqual(from(5, 2));
    expect(await rows('folder/t.parquet', '&pageSize=5000')).toEqual(from(0, 100));
    expect(await rows('folder/t.parquet', '&pageSize=100&offset=200')).toEqual(from(200, 50));
    expect(await rows('folder/t.parquet', '&offset=250')).toEqual([]);
    expect(await rows('named', '&pageSize=1')).toEqual(from(0, 1));
  });

  it('may come from JSON, as they stand there', async () => {
    const answer = await client.raw('GET', at('eval/a b.json', 'json'));
    expect(await answer.text()).toBe(
      '[{"x":1,"y":"a"},{"x":2,"y":null},{"x":9007199254740993,"y":"<script>"}]',
    );
    expect(answer.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await rows('eval/a b.json', '&offset=1&pageSize=1')).toEqual([{ x: 2, y: null }]);
  });

  it.each([
    ['pageSize=0', 'InvalidPageSize', { pageSize: 0 }],
    ['pageSize=x', 'Conjure:InvalidArgument', {}],
    ['offset=-1', 'Conjure:InvalidArgument', {}],
  ])('are refused for %s', async (query, name, parameters) => {
    expect(errorOf(await client.call('GET', at('named', 'json', `&${query}`)))).toEqual([
      400,
      name,
      parameters,
    ]);
  });
});

describe('a whole table', () => {
  it('is its Parquet file as it is', async () => {
    const answer = await client.raw('GET', at('folder/t.parquet', 'parquet'));
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(parquet.length)]);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="t.parquet"');
    // Parts are not served here, so they are not promised.
    expect(answer.headers.get('accept-ranges')).toBeNull();
    expect(Buffer.from(await answer.arrayBuffer()).equals(parquet)).toBe(true);
  });

  it('becomes Parquet where it is JSON', async () => {
    const answer = await client.raw('GET', at('eval/a b.json', 'parquet'));
    expect(await parquetReadObjects({ file: await answer.arrayBuffer() })).toEqual([
      { x: 1n, y: 'a' },
      { x: 2n, y: null },
      { x: 9007199254740993n, y: '<script>' },
    ]);
  });

  it('is not read for HEAD', async () => {
    for (const name of ['folder/t.parquet', 'eval/a b.json']) {
      const answer = await client.raw('HEAD', at(name, 'parquet'));
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    }
  });
});

describe('what is no table', () => {
  it.each([
    'none',
    'other.json',
    'notes.txt',
    'folder',
    'eval/a',
    'gone.json',
    'folder/none.parquet',
    'named/x',
    '%2e%2e',
    'a?#.parquet',
  ])('%j is not found', async (artifactName) => {
    const { modelRid, experimentRid } = made;
    for (const what of ['json', 'parquet'] as const)
      expect(errorOf(await client.call('GET', at(artifactName, what)))).toEqual([
        404,
        'ExperimentArtifactNotFound',
        { modelRid, experimentRid, artifactName },
      ]);
  });

  it.each(['damaged.json', 'damaged.parquet', 'empty.parquet', 'cut.parquet'])(
    '%s is refused',
    async (name) => {
      const answer = await client.call('GET', at(name, 'json'));
      expect(errorOf(answer)).toEqual([400, 'Conjure:InvalidArgument', {}]);
      expect(answer.text).toContain('artifact: is no table that can be read');
    },
  );

  it('is refused as a whole where it would have to be read', async () => {
    expect(errorOf(await client.call('GET', at('damaged.json', 'parquet')))).toEqual([
      400,
      'Conjure:InvalidArgument',
      {},
    ]);
    expect(errorOf(await client.call('GET', at('empty.parquet', 'parquet')))).toEqual([
      400,
      'Conjure:InvalidArgument',
      {},
    ]);
  });

  it.each(hostilePaths.filter(([path]) => path !== '' && !/[\ud800-\udfff]/u.test(path)))(
    '%j climbs nowhere',
    async (path) => {
      const answer = await client.raw('GET', at(path, 'json'));
      expect([400, 404]).toContain(answer.status);
      expect(await answer.text()).not.toMatch(/root:|SQLite/);
    },
  );
});
