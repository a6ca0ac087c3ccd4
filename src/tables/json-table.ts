import type { RowRange, TableCells } from '../core/ports/index.js';
import { unreadable } from './errors.js';
import { cellsOf, columnsOf } from './json-cells.js';
import { JsonTableScan, ScanError, type TableListener } from './json-scan.js';

/** The bytes of a file from its beginning; may be asked for more than once. */
export type Bytes = () => AsyncIterable<Uint8Array>;

/** Files of more bytes are not read: each look at one goes through the whole of it. */
export const largestJson = 64 * 1024 * 1024;

const nothing = { columns: () => {}, wants: () => false, row: () => {} } satisfies TableListener;

/** How many rows there are. Rejects `invalid`. */
export async function countRows(bytes: Bytes): Promise<number> {
  const scan = new JsonTableScan(nothing);
  await readWhole(scan, bytes);
  return scan.rows;
}

/** The names of the columns. Rejects `invalid`; also where two are the same. */
export async function readColumns(bytes: Bytes): Promise<readonly string[]> {
  let names: readonly string[] | null = null;
  const scan = new JsonTableScan({
    ...nothing,
    columns(text) {
      names = columnsOf(text);
    },
  });
  try {
    for await (const piece of bytes()) {
      scan.push(piece);
      if (names !== null) return names;
    }
    scan.end();
  } catch (error) {
    throw explained(error);
  }
  throw unreadable('it has no columns');
}

/** The cells of these rows, as JSON texts. Rejects `invalid`. */
export async function* readCells(
  bytes: Bytes,
  columns: readonly string[],
  { offset, limit }: RowRange,
): AsyncGenerator<readonly string[]> {
  const end = offset + limit;
  let waiting: (readonly string[])[] = [];
  const scan = new JsonTableScan({
    ...nothing,
    wants: (index) => index >= offset && index < end,
    row(text, index) {
      waiting.push(cellsOf(text, columns.length, index));
    },
  });
  if (limit === 0) return;
  for await (const piece of bytes()) {
    push(scan, piece);
    yield* waiting;
    waiting = [];
    if (scan.rows >= end) return;
  }
  close(scan);
}

/** The table as its cells. Rejects `invalid` for columns that cannot be. */
export async function openJson(bytes: Bytes): Promise<TableCells> {
  const columns = await readColumns(bytes);
  return { columns, rows: () => readCells(bytes, columns, { offset: 0, limit: Number.POSITIVE_INFINITY }) };
}

async function readWhole(scan: JsonTableScan, bytes: Bytes): Promise<void> {
  for await (const piece of bytes()) push(scan, piece);
  close(scan);
}

function push(scan: JsonTableScan, piece: Uint8Array): void {
  try {
    scan.push(piece);
  } catch (error) {
    throw explained(error);
  }
}

function close(scan: JsonTableScan): void {
  try {
    scan.end();
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): unknown {
  return error instanceof ScanError ? unreadable(error.message) : error;
}
