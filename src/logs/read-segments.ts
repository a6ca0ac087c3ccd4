import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogBatch, LogPosition, LogRecord } from '../core/ports/logs.js';
import { decodeRecords, listSegments, segmentName } from './segments.js';

/** More than the longest record, so that a full chunk always holds one. */
const readBytes = 80 * 1024;

/** The place before the first record. */
export const logStart: LogPosition = { segment: 0, offset: 0 };

/**
 * The records from a place on, to the end of what is stored when it is reached. A segment is left for the
 * next one only once that exists: so a place stays true while a writer goes on where it points to.
 */
export async function* readSegments(folder: string, from: LogPosition): AsyncGenerator<LogBatch> {
  const reader = createChunkReader();
  let place = from;
  for (;;) {
    const segment = listSegments(folder).find((number) => number >= place.segment);
    if (segment === undefined) return;
    if (segment !== place.segment) place = { segment, offset: 0 };
    const sealed = yield* readSegment(folder, place, reader);
    if (!sealed) return;
    place = { segment: segment + 1, offset: 0 };
  }
}

/** @returns true if the segment was read to the end that it will always have. */
async function* readSegment(
  folder: string,
  from: LogPosition,
  reader: ChunkReader,
): AsyncGenerator<LogBatch, boolean> {
  const handle = await openIfThere(join(folder, segmentName(from.segment)));
  if (handle === null) return true;
  try {
    let { offset } = from;
    let sealed = false;
    for (;;) {
      const { size } = await handle.stat();
      if (size < offset) {
        // The writer took back records that the disk had no room for.
        offset = size;
        yield { records: [], next: { segment: from.segment, offset } };
      }
      const records: LogRecord[] = [];
      const bytes = await reader.read(handle, offset, size);
      const { length } = decodeRecords(bytes, (record) => records.push(record));
      offset += length;
      if (length > 0) {
        yield { records, next: { segment: from.segment, offset } };
        continue;
      }
      // The writer may have added to this segment between our read and its start of the next one. What
      // is torn stays unread: the next writer overwrites it, here or, after a failure, by a new segment.
      if (sealed) return true;
      sealed = listSegments(folder).some((number) => number > from.segment);
      if (!sealed) return false;
    }
  } finally {
    await handle.close();
  }
}

interface ChunkReader {
  /** The bytes between two places of a file, or the first of them; a view that the next call overwrites. */
  read(handle: FileHandle, start: number, end: number): Promise<Buffer>;
}

/** Its buffer is no larger than what there is to read: most followers read a line now and then. */
function createChunkReader(): ChunkReader {
  let chunk = Buffer.alloc(0);
  return {
    async read(handle, start, end) {
      const wanted = Math.min(readBytes, Math.max(0, end - start));
      if (chunk.length < wanted) chunk = Buffer.allocUnsafe(wanted);
      if (wanted === 0) return chunk.subarray(0, 0);
      const { bytesRead } = await handle.read(chunk, 0, wanted, start);
      return chunk.subarray(0, bytesRead);
    },
  };
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
