import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFolderArtifactStore } from '../../src/artifacts/folder-store.js';
import { type ArtifactRoot, artifactPath } from '../../src/core/artifact-path.js';
import type { ArtifactStore, TableCells, TableReader } from '../../src/core/ports/index.js';
import { largestJson } from '../../src/tables/json-table.js';
import { createTableReader } from '../../src/tables/table-reader.js';
import { aRoot } from '../conformance/artifacts/fixtures.js';
import { bytesOf, inPieces } from '../conformance/artifacts/tar.js';
import { parquetChild } from '../support/compiled.js';
import { residentMegabytes, watchMemory } from '../support/memory.js';
import { type Claims, craftedParquet, fileWith, nestedLists, parquetOf, varint } from './parquet-files.js';

let folder: string;
let artifacts: ArtifactStore;
let reader: TableReader;
let root: ArtifactRoot;
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'franca-tables-'));
  artifacts = createFolderArtifactStore(folder);
  reader = createTableReader({ artifacts, program: parquetChild });
  root = aRoot();
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Stores a file under a new name. */
async function stored(content: string | Buffer, extension = 'parquet') {
  files += 1;
  const path = artifactPath(`table-${files}.${extension}`);
  await artifacts.write(root, path, inPieces(Buffer.from(content), 64 * 1024));
  return { root, path };
}

async function countOf(place: Awaited<ReturnType<typeof stored>>): Promise<number | null> {
  const entry = await artifacts.stat(place.root, place.path);
  if (entry?.kind !== 'file') throw new Error('the file is there');
  return reader.count(place.root, entry);
}

const all = { offset: 0, limit: 100 };
const refusal = (words: string) => ({
  detail: { code: 'invalid', issues: [{ path: 'artifact', message: expect.stringContaining(words) }] },
});

describe('a Parquet table', () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => index);
  const columns = [
    { name: 'id', data: BigInt64Array.from(numbers, (n) => 2n ** 60n + BigInt(n)), type: 'INT64' as const },
    { name: 'text', data: numbers.map((n) => (n % 3 === 0 ? null : `é${n}"`)), type: 'STRING' as const },
    {
      name: 'score',
      data: numbers.map((n) => [n / 7, Number.NaN, Number.POSITIVE_INFINITY][n % 3]),
      type: 'DOUBLE' as const,
    },
  ];

  it.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI'] as const)(
    'packed by %s is counted and read',
    async (codec) => {
      const place = await stored(parquetOf(columns, { codec, rowGroupSize: 1000, pageSize: 500 }));
      expect(await countOf(place)).toBe(5000);
      expect(await reader.rows(place, { offset: 999, limit: 3 })).toBe(
        `[{"id":${2n ** 60n + 999n},"text":null,"score":${999 / 7}},` +
          `{"id":${2n ** 60n + 1000n},"text":"é1000\\"","score":null},` +
          `{"id":${2n ** 60n + 1001n},"text":"é1001\\"","score":null}]`,
      );
      expect(JSON.parse(await reader.rows(place, { offset: 4990, limit: 100 }))).toHaveLength(10);
      expect(await reader.rows(place, { offset: 5000, limit: 100 })).toBe('[]');
      expect(await reader.rows(place, { offset: Number.MAX_SAFE_INTEGER - 1, limit: 1 })).toBe('[]');
    },
  );

  it('has times in ISO 8601, bytes in base64, and nested values', async () => {
    const place = await stored(
      parquetOf([
        { name: 'at', data: [new Date('1969-12-31T23:59:59.999Z'), null], type: 'TIMESTAMP' },
        { name: 'bytes', data: [Buffer.of(0, 255), null], type: 'BYTE_ARRAY' },
        { name: 'yes', data: [true, false], type: 'BOOLEAN' },
        { name: 'json', data: [{ a: [1, { b: null }] }, 'x'], type: 'JSON' },
        { name: '__proto__x', data: [1, 2], type: 'INT32' },
      ]),
    );
    expect(JSON.parse(await reader.rows(place, all))).toEqual([
      {
        at: '1969-12-31T23:59:59.999Z',
        bytes: 'AP8=',
        yes: true,
        json: { a: [1, { b: null }] },
        __proto__x: 1,
      },
      { at: null, bytes: null, yes: false, json: 'x', __proto__x: 2 },
    ]);
  });

  it('is given whole as it is', async () => {
    const file = parquetOf(columns);
    const content = await reader.open(await stored(file));
    if (content.kind !== 'parquet') throw new Error('it is Parquet');
    const pieces: Uint8Array[] = [];
    for await (const piece of content.content.bytes) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(file)).toBe(true);
  });
});

async function cellsIn(cells: TableCells): Promise<(readonly string[])[]> {
  const rows = [];
  for await (const row of cells.rows()) rows.push(row);
  return rows;
}

describe('a JSON table', () => {
  const text =
    '{"columns":["a","b\\"c",0],"index":[7],"data":[ [1, "x,]\\"", null],[9007199254740993,[1,{"q":"]"}] ,1e400],["",true,-0]]}';

  it('is counted, and read as it stands there', async () => {
    const place = await stored(text, 'json');
    expect(await countOf(place)).toBe(3);
    expect(await reader.rows(place, all)).toBe(
      '[{"a":1,"b\\"c":"x,]\\"","0":null},{"a":9007199254740993,"b\\"c":[1,{"q":"]"}],"0":1e400},{"a":"","b\\"c":true,"0":-0}]',
    );
    expect(await reader.rows(place, { offset: 1, limit: 1 })).toContain('9007199254740993');
    expect(await reader.rows(place, { offset: 3, limit: 1 })).toBe('[]');
    expect(await reader.rows(place, { offset: 0, limit: 0 })).toBe('[]');
    const content = await reader.open(place);
    if (content.kind !== 'cells') throw new Error('it is JSON');
    expect(content.cells.columns).toEqual(['a', 'b"c', '0']);
    const rows = await cellsIn(content.cells);
    expect(rows[1]).toEqual(['9007199254740993', '[1,{"q":"]"}]', '1e400']);
    expect(await cellsIn(content.cells)).toEqual(rows);
  });

  it('may have its rows first, and none', async () => {
    const place = await stored('{"data":[[1]],"columns":["a"]}', 'json');
    expect(await reader.rows(place, all)).toBe('[{"a":1}]');
    expect(await reader.rows(await stored('{"columns":["a"],"data":[]}', 'json'), all)).toBe('[]');
  });

  it.each<[string, string]>([
    ['{"columns":["a","a"],"data":[]}', 'two columns have the same name'],
    ['{"columns":[0,"0"],"data":[]}', 'two columns have the same name'],
    ['{"columns":[],"data":[]}', 'columns is no list of names'],
    ['{"columns":{},"data":[]}', 'columns is no list of names'],
    ['{"columns":[null],"data":[]}', 'the name of a column is no text'],
    ['{"columns":[tru],"data":[]}', 'columns is no JSON'],
    [`{"columns":[${'0,'.repeat(20_000)}0],"data":[]}`, 'it has more than 10000 columns'],
    ['{"columns":["a"],"data":[[1,2]]}', 'row 0 has 2 cells, and there are 1 columns'],
    ['{"columns":["a"],"data":[[1],[]]}', 'row 1 has 0 cells, and there are 1 columns'],
    ['{"columns":["a"],"data":[[NaN]]}', 'row 0 is no JSON'],
    ['{"columns":["a"],"data":[[1]', 'it ends too early'],
    ['hello', 'it is not of the form'],
    ['', 'it ends too early'],
    [`{"columns":["a"],"data":[["${'x'.repeat(2_000_000)}"]]}`, 'are larger than 1048576 bytes'],
    [
      `{"columns":["a"],"data":[${'["'}${'x'.repeat(900_000)}"]${`,["${'x'.repeat(900_000)}"]`.repeat(20)}]}`,
      'the rows are longer than',
    ],
    [`{"columns":["a"],"data":[["${'x'.repeat(largestJson)}"]]}`, `JSON of more than ${largestJson} bytes`],
  ])('that is wrong in one way is refused', async (content, words) => {
    await expect(reader.rows(await stored(content, 'json'), all)).rejects.toMatchObject(refusal(words));
  });
});

describe('what is no table', () => {
  it('has no count, and is looked at again only when it changes', async () => {
    const path = artifactPath('changing.json');
    const write = async (text: string) => {
      await artifacts.write(root, path, bytesOf(text));
      return countOf({ root, path });
    };
    expect(await write('{"columns":["a"],"data":[[1]]}')).toBe(1);
    expect(await write('{"columns":["a"],"data":[[1],')).toBeNull();
    expect(await write('{"columns":["a"],"data":[[1],[2]]}')).toBe(2);
    expect(
      await reader.count(root, { kind: 'file', path: artifactPath('gone'), size: 5, modifiedAt: 1 }),
    ).toBeNull();
  });

  it('is not found without a file', async () => {
    for (const path of ['gone', 'table-1.parquet/x'].map((name) => artifactPath(name))) {
      await expect(reader.rows({ root, path }, all)).rejects.toMatchObject({ code: 'not_found' });
      await expect(reader.open({ root, path })).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it.each([
    ['nothing', ''],
    ['a mark alone', 'PAR1'],
    ['two marks', 'PAR1PAR1'],
    ['a length of its metadata that is larger than it', Buffer.from('PAR1\xff\xff\xff\x7fPAR1', 'latin1')],
  ])('a Parquet file that is %s is refused', async (_name, content) => {
    const place = await stored(content);
    expect(await countOf(place)).toBeNull();
    await expect(reader.rows(place, all)).rejects.toMatchObject(refusal(''));
  });
});

/** One value that a run-length repeats as often as it says. */
const repeated = (times: number) => Buffer.concat([Buffer.of(1), varint(times * 2), Buffer.of(0)]);
const plain: Claims = { rows: 1, type: 2, codec: 0, unpacked: 8, encoding: 0, values: 1 };
const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const zeros = (length: number) => Buffer.alloc(length);

const hostile: Readonly<Record<string, () => Buffer>> = {
  'lists of 30 million in its metadata': () => fileWith(nestedLists(1000, 30_000_000)),
  'lists of 2 billion in its metadata': () => fileWith(nestedLists(1000, 2 ** 31 - 1)),
  'metadata nested 10^6 levels deep': () => fileWith(nestedLists(1_000_000, 1)),
  'a value repeated 10^9 times': () =>
    craftedParquet(repeated(1e9), { ...plain, encoding: 8, unpacked: repeated(1e9).length }),
  '2 billion values in 8 bytes': () =>
    craftedParquet(zeros(8), { ...plain, values: 2 ** 31 - 1, rows: 2n ** 31n }),
  '30 million truths in 8 bytes': () =>
    craftedParquet(zeros(8), { ...plain, type: 0, values: 30_000_000, rows: 30_000_000 }),
  'texts of 4 GB in 8 bytes': () => craftedParquet(Buffer.alloc(8, 255), { ...plain, type: 6 }),
  'a page of 2 GB in 8 bytes': () => craftedParquet(zeros(8), { ...plain, codec: 1, unpacked: 2 ** 31 - 1 }),
  'a page of -1 bytes': () => craftedParquet(zeros(8), { ...plain, codec: 1, unpacked: -1 }),
  '300 MB of zeros in a gzip': () =>
    craftedParquet(gzipSync(zeros(300_000_000), { level: 1 }), { ...plain, codec: 2, unpacked: 300_000_000 }),
  '300 MB of zeros in a gzip that says 8': () =>
    craftedParquet(gzipSync(zeros(300_000_000), { level: 1 }), { ...plain, codec: 2, unpacked: 8 }),
  '100 MB of zeros in a brotli that says 8': () =>
    craftedParquet(brotliCompressSync(zeros(100_000_000), quick), { ...plain, codec: 4, unpacked: 8 }),
  'a zstd of 4 GB of one byte': () => {
    const block = Buffer.of(0x02 | (0xffff8 & 0xf8), 0xff, 0x0f, 0x61);
    const frame = Buffer.concat([
      Buffer.from('28b52ffd0050', 'hex'),
      ...Array.from({ length: 32_000 }, () => block),
    ]);
    return craftedParquet(frame, { ...plain, codec: 6, unpacked: 8 });
  },
  'a codec that nobody has': () => craftedParquet(zeros(8), { ...plain, codec: 3 }),
  'an encoding that nobody has': () => craftedParquet(zeros(8), { ...plain, encoding: 77 }),
  'a column behind the end': () => craftedParquet(zeros(8), { ...plain, offset: 2n ** 40n }),
  'a column before the beginning': () => craftedParquet(zeros(8), { ...plain, offset: -5 }),
  'a column of 2^60 bytes': () => craftedParquet(zeros(8), { ...plain, length: 2n ** 60n }),
  'a column of -2^60 bytes': () => craftedParquet(zeros(8), { ...plain, length: -(2n ** 60n) }),
};

describe('a hostile Parquet file', () => {
  it.each(Object.keys(hostile))(
    'of %s is refused in little memory',
    async (name) => {
      const place = await stored(hostile[name]?.() ?? '');
      const before = residentMegabytes(process.pid);
      const highest = watchMemory(process.pid);
      await expect(reader.rows(place, all)).rejects.toMatchObject(refusal('is no table that can be read'));
      expect(highest() - before).toBeLessThan(60);
    },
    60_000,
  );

  it('that claims more rows than it has costs no more than it has', async () => {
    const place = await stored(craftedParquet(zeros(8), { ...plain, rows: 2 ** 52 }));
    expect(await countOf(place)).toBe(2 ** 52);
    expect(JSON.parse(await reader.rows(place, all))).toHaveLength(100);
    await expect(reader.rows(place, { offset: 2 ** 51, limit: 100 })).resolves.toMatch(/^\[/);
  });

  it('keeps others waiting only for a while, and too many of them are sent away', async () => {
    const place = await stored(parquetOf([{ name: 'a', data: [1], type: 'INT32' }]));
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => reader.rows(place, all)));
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ reason: { code: 'unavailable' } });
    expect(await reader.rows(place, all)).toBe('[{"a":1}]');
  }, 60_000);
});
