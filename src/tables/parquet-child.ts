/**
 * Reads rows of one Parquet file in a process of its own with little memory, started by parquet-process.ts. A
 * hostile file can have any decoder ask for a great amount of memory at once; then it is this process that ends.
 * (Measured on Node 20: a thread with resourceLimits takes the whole server along.)
 */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as zstdDecompress } from 'fzstd';
import { type Compressors, parquetMetadataAsync, parquetReadObjects, snappyUncompress } from 'hyparquet';
import { type FromChild, longestRows, mostBytes, pieceLength, type ToChild } from './child-protocol.js';
import { parsers, rowsJson } from './parquet-json.js';

let unpacked = 0;

/** Lets so many bytes more be unpacked; the file says how many they will be. */
function admit(length: number): number {
  unpacked += length;
  if (!(length >= 0 && unpacked <= mostBytes.unpacked)) throw new Error('its rows are too large unpacked');
  return length;
}

/** None of them gives more bytes than the file says, however many are in it. */
const compressors: Compressors = {
  SNAPPY(input, length) {
    const output = new Uint8Array(admit(length));
    snappyUncompress(input, output);
    return output;
  },
  // Of zlib a limit of none is no limit.
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, admit(length)) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, admit(length)) }),
  ZSTD: (input, length) => zstdDecompress(input, new Uint8Array(admit(length))),
};

function say(message: FromChild): void {
  process.send?.(message);
}

/** Who waits for the bytes that were asked for last. */
let take: (bytes: Uint8Array) => void = () => {};
let before: Promise<unknown> = Promise.resolve();

function piece(start: number, end: number): Promise<Uint8Array> {
  return new Promise((resolve) => {
    take = resolve;
    say({ kind: 'want', start, end });
  });
}

async function slice(start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  for (let at = start; at < end; at += pieceLength)
    bytes.set(await piece(at, Math.min(at + pieceLength, end)), at - start);
  return bytes.buffer;
}

/** The file, of which one part is asked for at a time. */
function fileOf(size: number) {
  let asked = 0;
  return {
    byteLength: size,
    async slice(start: number, end: number = size): Promise<ArrayBuffer> {
      if (!(start >= 0 && start <= end && end <= size)) throw new Error('it names a place outside of itself');
      asked += end - start;
      if (asked > mostBytes.read) throw new Error('its groups of rows are too large');
      const bytes = before.then(() => slice(start, end));
      before = bytes.catch(() => {});
      return bytes;
    },
  };
}

async function read(size: number, offset: number, limit: number): Promise<string> {
  const file = fileOf(size);
  const options = { parsers, geoparquet: false } as const;
  const metadata = await parquetMetadataAsync(file, options);
  const range = { rowStart: offset, rowEnd: Math.min(offset + limit, Number(metadata.num_rows)) };
  if (range.rowStart >= range.rowEnd) return '[]';
  const rows = await parquetReadObjects({
    ...options,
    ...range,
    file,
    metadata,
    compressors,
    utf8: false,
    useOffsetIndex: true,
  });
  return rowsJson(rows, longestRows);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.on('message', (message: ToChild) => {
  if (message.kind === 'bytes') return take(message.bytes);
  read(message.size, message.offset, message.limit).then(
    (json) => say({ kind: 'rows', json }),
    (error: unknown) => say({ kind: 'refused', reason: reasonOf(error) }),
  );
});
// The first fault was told; others of the same file have nothing to say.
process.on('unhandledRejection', () => {});
// Whoever asked is gone.
process.on('disconnect', () => process.exit());
