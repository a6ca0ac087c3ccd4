import { fileURLToPath } from 'node:url';
import { Semaphore } from 'async-mutex';
import { notFound, unavailable } from '../core/errors.js';
import type {
  ArtifactContent,
  ArtifactStore,
  FilePlace,
  RowRange,
  TableReader,
} from '../core/ports/index.js';
import { longestRows } from './child-protocol.js';
import { createCounts } from './counts.js';
import { unreadable } from './errors.js';
import { objectsOf } from './json-cells.js';
import { type Bytes, countRows, largestJson, openJson, readCells, readColumns } from './json-table.js';
import { footerLength, mark, rowsInFooter, tailLength } from './parquet-footer.js';
import { readParquetRows } from './parquet-process.js';

/** What a reader is made of. */
export interface TableReaderOptions {
  readonly artifacts: ArtifactStore;
  /** The compiled program that reads a Parquet file; by default the one beside this module. */
  readonly program?: string;
}

/** How many Parquet files are read at once, each by a process of its own, and how many may wait for that. */
const most = { atOnce: 2, waiting: 32 } as const;

/** The largest metadata of a Parquet file that is looked into, in bytes. */
const largestFooter = 16 * 1024 * 1024;

/** A TableReader of the files of this store. */
export function createTableReader({ artifacts, program }: TableReaderOptions): TableReader {
  const child = program ?? fileURLToPath(new URL('./parquet-child.js', import.meta.url));
  const counts = createCounts();
  const slots = new Semaphore(most.atOnce);
  let waiting = 0;

  async function contentOf({ root, path }: FilePlace): Promise<ArtifactContent> {
    const content = await artifacts.read(root, path);
    if (content === null) throw notFound('artifact');
    return content;
  }

  async function bytesAt({ root, path }: FilePlace, start: number, end: number): Promise<Uint8Array> {
    if (start >= end) return new Uint8Array();
    const content = await artifacts.read(root, path, { start, end: end - 1 });
    if (content === null) throw notFound('artifact');
    return gathered(content.bytes);
  }

  async function isParquet(place: FilePlace, size: number): Promise<boolean> {
    return size >= mark.length && mark.equals(await bytesAt(place, 0, mark.length));
  }

  async function sizeOf({ root, path }: FilePlace): Promise<number> {
    const entry = await artifacts.stat(root, path);
    if (entry?.kind !== 'file') throw notFound('artifact');
    return entry.size;
  }

  async function parquetCount(place: FilePlace, size: number): Promise<number | null> {
    const tail = size - tailLength;
    const length = tail < mark.length ? null : footerLength(await bytesAt(place, tail, size));
    if (length === null || length > largestFooter || length > tail - mark.length) return null;
    return rowsInFooter(await bytesAt(place, tail - length, tail));
  }

  /** The bytes of a JSON file, from its beginning each time. */
  function bytesOf(place: FilePlace, size: number): Bytes {
    if (size > largestJson) throw unreadable(`JSON of more than ${largestJson} bytes is not looked into`);
    return async function* () {
      yield* (await contentOf(place)).bytes;
    };
  }

  async function parquetRows(place: FilePlace, size: number, range: RowRange): Promise<string> {
    if (waiting >= most.waiting) throw unavailable('too many tables are read at once');
    waiting += 1;
    const read = (start: number, end: number) => bytesAt(place, start, end);
    try {
      return await slots.runExclusive(() => readParquetRows(child, { size, read }, range));
    } finally {
      waiting -= 1;
    }
  }

  async function counted(place: FilePlace, size: number): Promise<number | null> {
    return (await isParquet(place, size)) ? parquetCount(place, size) : countRows(bytesOf(place, size));
  }

  return {
    count(root, file) {
      return counts.of(root, file, () => counted({ root, path: file.path }, file.size));
    },

    async rows(place, range) {
      const size = await sizeOf(place);
      if (await isParquet(place, size)) return parquetRows(place, size, range);
      const bytes = bytesOf(place, size);
      const columns = await readColumns(bytes);
      return objectsOf(columns, await all(readCells(bytes, columns, range)));
    },

    async open(place) {
      const size = await sizeOf(place);
      if (await isParquet(place, size)) return { kind: 'parquet', content: await contentOf(place) };
      return { kind: 'cells', cells: await openJson(bytesOf(place, size)) };
    },
  };
}

/** The rows, if all of them together are no longer than an answer may be. */
async function all(rows: AsyncIterable<readonly string[]>): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  let length = 0;
  for await (const cells of rows) {
    for (const cell of cells) length += cell.length;
    if (length > longestRows) throw unreadable(`the rows are longer than ${longestRows} characters`);
    found.push(cells);
  }
  return found;
}

async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const each of pieces) all.push(each);
  return Buffer.concat(all);
}
