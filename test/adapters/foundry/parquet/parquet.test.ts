import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { seriesParquet } from '../../../../adapters/foundry/parquet/series.js';
import { tableParquet } from '../../../../adapters/foundry/parquet/table.js';
import { classify, type StoredPoint } from '../../../../src/core/metrics.js';
import type { TableCells } from '../../../../src/core/ports/index.js';
import { bufferOf } from '../../../conformance/artifacts/tar.js';

async function rowsIn(file: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: Uint8Array.from(file).buffer });
}

/** Names of columns with their types and whether values may be missing. */
function schemaOf(file: Uint8Array): unknown[] {
  return parquetMetadata(file)
    .schema.slice(1)
    .map(({ name, type, converted_type, repetition_type }) => [
      name,
      converted_type ?? type,
      repetition_type,
    ]);
}

const int64 = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const number = fc.oneof(
  fc.double(),
  fc.constantFrom(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    5e-324,
    1.7976931348623157e308,
  ),
);

function stored(value: number, timestampMs: bigint, step: bigint | null): StoredPoint {
  return { key: 'k', ...classify(value), step, timestampMs, timestampUs: 0, row: 1, seq: 1 };
}

async function* pages<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

describe('a series as Parquet', () => {
  it('has each point bit by bit', async () => {
    const point = fc.tuple(number, int64, fc.option(int64));
    const property = fc.asyncProperty(fc.array(point, { maxLength: 300 }), async (given) => {
      const points = given.map(([value, timestamp, step]) => stored(value, timestamp, step));
      const file = await bufferOf(seriesParquet(pages(points, 7)));
      expect(schemaOf(file)).toEqual([
        ['value', 'DOUBLE', 'REQUIRED'],
        ['timestamp', 'INT64', 'REQUIRED'],
        ['step', 'INT64', 'REQUIRED'],
      ]);
      const wanted = given.map(([value, timestamp, step], place) => {
        return { value: value === 0 ? 0 : value, timestamp, step: step ?? BigInt(place) };
      });
      expect(await rowsIn(file)).toEqual(wanted);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('is written in groups, and goes on counting over them', async () => {
    const points = Array.from({ length: 40_000 }, (_, index) => stored(index / 3, BigInt(index), null));
    const pieces: Uint8Array[] = [];
    for await (const piece of seriesParquet(pages(points, 1000))) pieces.push(piece);
    expect(pieces).toHaveLength(4);
    const file = Buffer.concat(pieces);
    expect(parquetMetadata(file).row_groups).toHaveLength(3);
    const rows = await rowsIn(file);
    expect(rows).toHaveLength(40_000);
    expect(rows[39_999]).toEqual({ value: 39_999 / 3, timestamp: 39_999n, step: 39_999n });
  });
});

function cellsOf(columns: readonly string[], data: readonly (readonly string[])[]): TableCells {
  return {
    columns,
    async *rows() {
      yield* data;
    },
  };
}

describe('a JSON table as Parquet', () => {
  it.each([
    { name: 'truths', cells: ['true', 'null', 'false'], type: 'BOOLEAN', values: [true, null, false] },
    {
      name: 'whole numbers',
      cells: ['1', '-9223372036854775808', '9223372036854775807'],
      type: 'INT64',
      values: [1n, -(2n ** 63n), 2n ** 63n - 1n],
    },
    { name: 'numbers', cells: ['1', '0.5', 'null', '1e3'], type: 'DOUBLE', values: [1, 0.5, null, 1000] },
    { name: 'a whole number that is none', cells: ['-0'], type: 'DOUBLE', values: [-0] },
    { name: 'a number of 65 bits', cells: ['9223372036854775808'], type: 'DOUBLE', values: [2 ** 63] },
    { name: 'texts', cells: ['"é\\n"', 'null', '""'], type: 'UTF8', values: ['é\n', null, ''] },
    { name: 'nothing', cells: ['null', 'null'], type: 'UTF8', values: [null, null] },
    { name: 'lists', cells: ['[1, 2]', 'null'], type: 'UTF8', values: ['[1, 2]', null] },
    { name: 'a number beyond all', cells: ['1e999'], type: 'UTF8', values: ['1e999'] },
    { name: 'this and that', cells: ['1', '"a"', 'true'], type: 'UTF8', values: ['1', '"a"', 'true'] },
  ])('$name are a column of $type', async ({ cells, type, values }) => {
    const file = await bufferOf(
      await tableParquet(
        cellsOf(
          ['a'],
          cells.map((cell) => [cell]),
        ),
      ),
    );
    expect(schemaOf(file)).toEqual([['a', type, 'OPTIONAL']]);
    expect((await rowsIn(file)).map(({ a }) => a)).toEqual(values);
  });

  it('has its columns and rows in their order, and may have no rows', async () => {
    const file = await bufferOf(
      await tableParquet(
        cellsOf(
          ['b', 'a.b', 'ü'],
          [
            ['1', '"x"', 'null'],
            ['2', '"y"', '3'],
          ],
        ),
      ),
    );
    expect(await rowsIn(file)).toEqual([
      { b: 1n, 'a.b': 'x', ü: null },
      { b: 2n, 'a.b': 'y', ü: 3n },
    ]);
    const empty = await bufferOf(await tableParquet(cellsOf(['a', 'b'], [])));
    expect(schemaOf(empty)).toHaveLength(2);
    expect(await rowsIn(empty)).toEqual([]);
  });

  it('is written in groups', async () => {
    const data = Array.from({ length: 25_000 }, (_, index) => [String(index)]);
    const file = await bufferOf(await tableParquet(cellsOf(['n'], data)));
    expect(parquetMetadata(file).row_groups).toHaveLength(3);
    expect((await rowsIn(file))[24_999]).toEqual({ n: 24_999n });
    const large = Array.from({ length: 10 }, () => [JSON.stringify('x'.repeat(1_000_000))]);
    expect(
      parquetMetadata(await bufferOf(await tableParquet(cellsOf(['t'], large)))).row_groups,
    ).toHaveLength(2);
  });

  it('fails when its file becomes another one between the two times that it is read', async () => {
    let times = 0;
    const changing: TableCells = {
      columns: ['a'],
      async *rows() {
        times += 1;
        yield [times === 1 ? '1' : '"x"'];
      },
    };
    await expect(bufferOf(await tableParquet(changing))).rejects.toThrow('the table has changed');
  });
});
