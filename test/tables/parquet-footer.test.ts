import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { footerLength, rowsInFooter } from '../../src/tables/parquet-footer.js';
import { craftedParquet, nestedLists, parquetOf } from './parquet-files.js';

/** The metadata of a file, cut out by its own length. */
function footerOf(file: Buffer): Buffer {
  const length = footerLength(file.subarray(-8)) ?? 0;
  return file.subarray(file.length - 8 - length, -8);
}

const claims = { rows: 1, type: 2, codec: 0, unpacked: 8, encoding: 0, values: 1 };

describe('the metadata of a Parquet file', () => {
  it.each([0, 1, 5000])('tell how many rows there are: %i', (count) => {
    const numbers = Array.from({ length: count }, (_, index) => index);
    const file = parquetOf([
      { name: 'a', data: numbers, type: 'DOUBLE' },
      { name: 'b', data: numbers.map(String), type: 'STRING' },
    ]);
    expect(rowsInFooter(footerOf(file))).toBe(count);
  });

  it.each([
    [-1, null],
    [2n ** 62n, null],
    [2 ** 53 - 1, 2 ** 53 - 1],
  ])('that claim %s rows say %s', (rows, said) => {
    expect(rowsInFooter(footerOf(craftedParquet(Buffer.alloc(8), { ...claims, rows })))).toBe(said);
  });

  it('say nothing when they are cut or of no such form', () => {
    const footer = footerOf(craftedParquet(Buffer.alloc(8), claims));
    // What tells the rows ends before the groups of rows begin.
    for (let length = 0; length < 20; length += 1)
      expect(rowsInFooter(footer.subarray(0, length))).toBeNull();
    expect(rowsInFooter(Buffer.from('hello, this is no Thrift'))).toBeNull();
  });

  it('are passed over whatever sizes and depths they name', () => {
    for (const size of [1_000_000_000, 2n ** 40n, 2n ** 63n])
      expect(rowsInFooter(Buffer.concat([nestedLists(1, size), Buffer.alloc(100)]))).toBeNull();
    expect(rowsInFooter(nestedLists(100_000, 100_000))).toBeNull();
    expect(rowsInFooter(Buffer.alloc(1_000_000, 0x1c))).toBeNull();
    expect(rowsInFooter(Buffer.alloc(1_000_000, 0xff))).toBeNull();
  });

  it('never fail in another way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const rows = rowsInFooter(bytes);
        expect(rows === null || (Number.isSafeInteger(rows) && rows >= 0)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('have their length in the last eight bytes, before the mark', () => {
    expect(footerLength(Buffer.from([5, 1, 0, 0, 0x50, 0x41, 0x52, 0x31]))).toBe(261);
    expect(footerLength(Buffer.from([5, 1, 0, 0, 0x50, 0x41, 0x52, 0x45]))).toBeNull();
    expect(footerLength(Buffer.from('PAR1'))).toBeNull();
  });
});
