import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonTableScan, longestPart, ScanError } from '../../src/tables/json-scan.js';

interface Scanned {
  readonly columns: string | null;
  readonly rows: readonly (readonly [number, string])[];
  readonly count: number;
}

/** All that a scan tells of a text that comes in pieces of this many bytes. */
function scanned(text: string, piece = 1_000_000, wants = (_index: number) => true): Scanned {
  let columns: string | null = null;
  const rows: [number, string][] = [];
  const scan = new JsonTableScan({
    columns(part) {
      columns = part;
    },
    wants,
    row: (part, index) => void rows.push([index, part]),
  });
  const bytes = Buffer.from(text);
  // One buffer is filled again and again, as a reader of files may do.
  const buffer = Buffer.alloc(piece);
  for (let at = 0; at < bytes.length; at += piece) {
    const length = bytes.copy(buffer, 0, at, at + piece);
    scan.push(buffer.subarray(0, length));
  }
  scan.end();
  return { columns, rows, count: scan.rows };
}

const cell = fc.oneof(
  fc.constantFrom('[', ']', '{"a":[1,"]"]}', '\\', '"', '\\"', ',', ']}', 'é😀', ''),
  fc.jsonValue({ maxDepth: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

describe('the scan of a JSON table', () => {
  it('finds the columns and every row, wherever the pieces are cut', () => {
    const table = fc.record({
      columns: fc.array(fc.string(), { maxLength: 4 }),
      data: fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 6 }),
      index: fc.array(fc.integer()),
      other: fc.jsonValue(),
    });
    const keys = fc.shuffledSubarray(['columns', 'data', 'index', 'other'] as const, { minLength: 4 });
    const style = fc.record({ spaces: fc.constantFrom(0, 1, '\t'), piece: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(table, keys, style, (given, order, { spaces, piece }) => {
        const text = JSON.stringify(Object.fromEntries(order.map((key) => [key, given[key]])), null, spaces);
        const { columns, rows, count } = scanned(text, piece);
        expect(JSON.parse(columns ?? '')).toEqual(JSON.parse(JSON.stringify(given.columns)));
        expect(rows.map(([index, row]) => [index, JSON.parse(row)])).toEqual(
          given.data.map((row, index) => [index, JSON.parse(JSON.stringify(row))]),
        );
        expect(count).toBe(given.data.length);
      }),
      { numRuns: 500 },
    );
  });

  it('gives rows exactly as they stand there, and only those that are wanted', () => {
    const text = '{"data":[ [1,  9007199254740993] ,["a"],[1e2]],"columns":["x"]}';
    expect(scanned(text, 3, (index) => index !== 1)).toEqual({
      columns: '["x"]',
      rows: [
        [0, '[1,  9007199254740993]'],
        [2, '[1e2]'],
      ],
      count: 3,
    });
  });

  it.each([
    ['', 'it ends too early'],
    ['[]', 'it is not of the form'],
    ['{"columns":["a"]}', 'it has no columns or no data'],
    ['{"data":[]}', 'it has no columns or no data'],
    ['{"columns":["a"],"data":[[1]', 'it ends too early'],
    ['{"columns":["a"],"data":[["x', 'it ends too early'],
    ['{"columns":["a"],"data":{"a":1}}', 'it is not of the form'],
    ['{"columns":["a"],"data":"x"}', 'it is not of the form'],
    ['{"columns":["a"],"data":[{"a":1}]}', 'it is not of the form'],
    ['{"columns":["a"],"data":[1]}', 'it is not of the form'],
    ['{"columns":["a"],"data":[]}}', 'something stands behind its end'],
    ['{"columns":["a"],"data":[]} x', 'something stands behind its end'],
    ['{"columns" ["a"],"data":[]}', 'it is not of the form'],
    ['{columns:["a"],"data":[]}', 'it is not of the form'],
    ['{"data":[],"data":[],"columns":[]}', 'a key stands in it twice'],
    ['{"columns":[],"col\\u0075mns":[],"data":[]}', 'a key stands in it twice'],
    ['{"\\x":1}', 'a key in it is no JSON'],
    ['{"columns":}', 'it is not of the form'],
  ])('refuses %j: %s', (text, reason) => {
    const scanning = () => scanned(text, 4);
    expect(scanning).toThrow(ScanError);
    expect(scanning).toThrow(reason);
  });

  it('keeps no more of a row than may be shown, and nothing of one that is not wanted', () => {
    const text = `{"columns":["a"],"data":[["${'x'.repeat(longestPart)}"]]}`;
    expect(() => scanned(text)).toThrow(`a row or its columns are larger than ${longestPart} bytes`);
    expect(scanned(text, 65_536, () => false).count).toBe(1);
    expect(
      scanned(`{"columns":[],"data":[${'['.repeat(1e6)}${']'.repeat(1e6)}]}`, 65_536, () => false).count,
    ).toBe(1);
  });
});
