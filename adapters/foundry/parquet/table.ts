import type { TableCells } from '../../../src/core/ports/index.js';
import { type ParquetColumn, type RowGroup, writeParquet } from './write.js';

/** What the cells of a column have all been so far. */
type Kind = 'none' | 'boolean' | 'integer' | 'number' | 'text' | 'mixed';

/** Groups of rows end at so many rows, or so many characters of JSON. */
const groupLimits = { rows: 10_000, characters: 4 * 1024 * 1024 } as const;

const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * A JSON table as a Parquet file. A column is of truths, whole numbers, numbers or texts where all its cells are (or are
 * null); any other has each cell's JSON as a text. So the table is read twice.
 *
 * @throws what its rows throw, before the first byte.
 */
export async function tableParquet({ columns, rows }: TableCells): Promise<AsyncIterable<Uint8Array>> {
  const kinds: Kind[] = columns.map(() => 'none');
  for await (const cells of rows()) {
    for (const [place, cell] of cells.entries()) kinds[place] = joined(kinds[place] ?? 'none', kindOf(cell));
  }
  const described = columns.map((name, place): ParquetColumn => {
    const type = typeOf[kinds[place] ?? 'none'];
    return { name, type, nullable: true, encoding: type === 'INT64' ? 'DELTA_BINARY_PACKED' : 'PLAIN' };
  });
  return writeParquet(described, groupsOf(rows(), kinds));
}

const typeOf = {
  none: 'STRING',
  boolean: 'BOOLEAN',
  integer: 'INT64',
  number: 'DOUBLE',
  text: 'STRING',
  mixed: 'STRING',
} as const satisfies Record<Kind, ParquetColumn['type']>;

function kindOf(cell: string): Kind {
  if (cell === 'null') return 'none';
  if (cell === 'true' || cell === 'false') return 'boolean';
  if (cell.startsWith('"')) return 'text';
  if (cell.startsWith('[') || cell.startsWith('{')) return 'mixed';
  if (isInteger(cell)) return 'integer';
  return Number.isFinite(Number(cell)) ? 'number' : 'mixed';
}

function isInteger(cell: string): boolean {
  if (!/^-?\d{1,19}$/.test(cell) || cell === '-0') return false;
  const value = BigInt(cell);
  return value >= least && value <= greatest;
}

function joined(a: Kind, b: Kind): Kind {
  if (a === b || b === 'none') return a;
  if (a === 'none') return b;
  const areNumbers = [a, b].every((kind) => kind === 'integer' || kind === 'number');
  return areNumbers ? 'number' : 'mixed';
}

/** A cell as a value of its column. */
function cellValue(cell: string, kind: Kind): boolean | bigint | number | string | null {
  if (cell === 'null') return null;
  switch (kind) {
    case 'integer':
      return BigInt(cell);
    case 'mixed':
      return cell;
    default:
      return JSON.parse(cell) as boolean | number | string;
  }
}

async function* groupsOf(
  rows: AsyncIterable<readonly string[]>,
  kinds: readonly Kind[],
): AsyncGenerator<RowGroup> {
  let columns: ReturnType<typeof cellValue>[][] = kinds.map(() => []);
  let [length, characters] = [0, 0];
  for await (const cells of rows) {
    for (const [place, cell] of cells.entries()) {
      const kind = kinds[place] ?? 'mixed';
      // The file is another one than that which the columns were made for.
      if (joined(kind, kindOf(cell)) !== kind) throw new Error('the table has changed while it was read');
      columns[place]?.push(cellValue(cell, kind));
      characters += cell.length;
    }
    length += 1;
    if (length < groupLimits.rows && characters < groupLimits.characters) continue;
    yield columns;
    columns = kinds.map(() => []);
    [length, characters] = [0, 0];
  }
  yield columns;
}
