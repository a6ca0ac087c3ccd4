/**
 * The form in which output is kept: numbered append-only files of records, one folder a job. Job
 * supervisors load this module, so it needs nothing but Node.
 *
 * A record is a header of 16 bytes and the bytes of a line or a part of one:
 *   0  uint32  how many bytes follow the header
 *   4  uint8   mark, so that a hole left by a power cut is not taken for a record
 *   5  uint8   flags: 1 stderr, 2 a newline followed
 *   8  int64   time, microseconds since 1970
 * All little-endian. A writer may die within a record: readers end before it, and the next writer cuts it off.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** The longest part of a line that is one record, in bytes. */
export const maxPartBytes = 64 * 1024;

/** The size at which a segment is full and the next one begins. */
export const segmentBytes = 8 * 1024 * 1024;

/** The size of a record without its bytes. */
export const headerBytes = 16;

const mark = 0xf7;
const stderrFlag = 1;
const endsLineFlag = 2;
const bufferBytes = 256 * 1024;

/** The two outputs of a process. */
export type Stream = 'stdout' | 'stderr';

/** A record in a segment; its bytes are a view. */
export interface SegmentRecord {
  readonly at: number;
  readonly stream: Stream;
  readonly bytes: Uint8Array;
  readonly endsLine: boolean;
}

/** Appends to the segments of one job. One writer a job at a time. All methods throw what the file system says. */
export interface SegmentWriter {
  /** Takes `source[start, end)` as one record of at most `maxPartBytes`; stored with the next flush, if not before. */
  add(stream: Stream, at: number, source: Uint8Array, start: number, end: number, endsLine: boolean): void;
  /** Gives all that was taken to the operating system. After an error what was taken is dropped and the file is as before. */
  flush(): void;
  /** Flushes, and returns when the disk has it. */
  close(): void;
}

/** The file name of the n-th segment, from 1. */
export function segmentName(number: number): string {
  return `${String(number).padStart(6, '0')}.seg`;
}

/** The numbers of the segments in a folder, in order; none if there is no such folder. */
export function listSegments(folder: string): number[] {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => /^\d{6,}\.seg$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/**
 * Reads the whole records in `bytes`. Gives how many bytes they take, and whether what follows is the
 * beginning of a record (`more`) or can never become one (`torn`).
 */
export function decodeRecords(
  bytes: Buffer,
  take: (record: SegmentRecord) => void,
): { readonly length: number; readonly rest: 'more' | 'torn' } {
  let offset = 0;
  while (offset + headerBytes <= bytes.length) {
    const length = bytes.readUInt32LE(offset);
    if (bytes[offset + 4] !== mark || length > maxPartBytes) return { length: offset, rest: 'torn' };
    const end = offset + headerBytes + length;
    if (end > bytes.length) break;
    const flags = bytes[offset + 5] ?? 0;
    take({
      at: bytes.readUInt32LE(offset + 8) + bytes.readInt32LE(offset + 12) * 2 ** 32,
      stream: flags & stderrFlag ? 'stderr' : 'stdout',
      bytes: bytes.subarray(offset + headerBytes, end),
      endsLine: (flags & endsLineFlag) !== 0,
    });
    offset = end;
  }
  return { length: offset, rest: 'more' };
}

/** Opens the segments of a folder, which need not exist yet, for appending. The first file is made by the first flush. */
export function openSegmentWriter(folder: string, limitBytes: number = segmentBytes): SegmentWriter {
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let filled = 0;
  let file: OpenSegment | null = null;

  function current(): OpenSegment {
    if (file !== null && file.size >= limitBytes) {
      closeDurably(file.descriptor);
      file = createSegment(folder, file.number + 1);
    }
    file ??= openLastSegment(folder);
    return file;
  }

  function flush(): void {
    if (filled === 0) return;
    const length = filled;
    filled = 0;
    const segment = current();
    try {
      writeFully(segment.descriptor, buffer.subarray(0, length), segment.size);
    } catch (error) {
      fs.ftruncateSync(segment.descriptor, segment.size);
      throw error;
    }
    segment.size += length;
  }

  return {
    add(stream, at, source, start, end, endsLine) {
      const length = end - start;
      if (length > maxPartBytes) throw new RangeError(`a record of ${length} bytes is too long`);
      if (filled + headerBytes + length > bufferBytes) flush();
      buffer.writeUInt32LE(length, filled);
      buffer[filled + 4] = mark;
      buffer[filled + 5] = (stream === 'stderr' ? stderrFlag : 0) | (endsLine ? endsLineFlag : 0);
      buffer[filled + 6] = 0;
      buffer[filled + 7] = 0;
      buffer.writeUInt32LE(at % 2 ** 32, filled + 8);
      buffer.writeInt32LE(Math.floor(at / 2 ** 32), filled + 12);
      buffer.set(source.subarray(start, end), filled + headerBytes);
      filled += headerBytes + length;
    },
    flush,
    close() {
      try {
        flush();
      } finally {
        if (file !== null) closeDurably(file.descriptor);
        file = null;
      }
    },
  };
}

interface OpenSegment {
  readonly descriptor: number;
  readonly number: number;
  size: number;
}

function createSegment(folder: string, number: number): OpenSegment {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const descriptor = fs.openSync(path.join(folder, segmentName(number)), 'wx', 0o600);
  return { descriptor, number, size: 0 };
}

function openLastSegment(folder: string): OpenSegment {
  const number = listSegments(folder).at(-1);
  if (number === undefined) return createSegment(folder, 1);
  const descriptor = fs.openSync(path.join(folder, segmentName(number)), 'r+');
  const size = wholeLength(descriptor);
  fs.ftruncateSync(descriptor, size);
  return { descriptor, number, size };
}

/** How many bytes of a segment are whole records. */
function wholeLength(descriptor: number): number {
  const chunk = Buffer.allocUnsafe(bufferBytes);
  let position = 0;
  for (;;) {
    const read = fs.readSync(descriptor, chunk, 0, chunk.length, position);
    const { length } = decodeRecords(chunk.subarray(0, read), () => {});
    if (length === 0) return position;
    position += length;
  }
}

function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += fs.writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

function closeDurably(descriptor: number): void {
  try {
    fs.fdatasyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
