import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unavailable } from '../core/errors.js';
import { isUuid } from '../core/ids.js';
import type { LogRecord, LogRef, LogStore } from '../core/ports/logs.js';
import {
  decodeRecords,
  listSegments,
  maxPartBytes,
  openSegmentWriter,
  type SegmentWriter,
  segmentName,
} from './segments.js';
import { createLineSplitter } from './split-lines.js';

const readBytes = 80 * 1024;
const maxOpenWriters = 64;

/** A LogStore in a folder of this machine. */
export interface FileLogStore extends LogStore {
  /** The folder of a job's segments, for a supervisor that writes them itself. */
  folderOf(ref: LogRef): string;
  /** Closes the files that `append` keeps open. */
  close(): Promise<void>;
}

/** A store that keeps the output of a job in `<folder>/<run>/<job>/<number>.seg`. */
export function createFileLogStore(folder: string): FileLogStore {
  const writers = new Map<string, SegmentWriter>();

  function folderOfRun(runId: string): string {
    return join(folder, checkedId(runId));
  }

  function folderOf(ref: LogRef): string {
    return join(folderOfRun(ref.runId), checkedId(ref.jobId));
  }

  /** The job's writer; the one that was used longest ago is closed when too many are open. */
  function writerFor(jobFolder: string): SegmentWriter {
    const writer = writers.get(jobFolder) ?? openSegmentWriter(jobFolder);
    writers.delete(jobFolder);
    writers.set(jobFolder, writer);
    const [oldest] = writers.keys();
    if (writers.size > maxOpenWriters && oldest !== undefined) closeWriters((name) => name === oldest);
    return writer;
  }

  function closeWriters(which: (jobFolder: string) => boolean): void {
    for (const [name, writer] of writers) {
      if (!which(name)) continue;
      writers.delete(name);
      writer.close();
    }
  }

  return {
    folderOf,
    async append(ref, records) {
      const jobFolder = folderOf(ref);
      try {
        const writer = writerFor(jobFolder);
        for (const record of records) addRecord(writer, record);
        writer.flush();
      } catch (error) {
        closeWriters((name) => name === jobFolder);
        throw unavailable('the output could not be stored', error);
      }
    },
    read(ref) {
      return readSegments(folderOf(ref));
    },
    async remove(runId) {
      const runFolder = folderOfRun(runId);
      closeWriters((name) => name.startsWith(join(runFolder, '/')));
      await rm(runFolder, { recursive: true, force: true });
    },
    async close() {
      closeWriters(() => true);
    },
  };
}

function addRecord(writer: SegmentWriter, { at, stream, bytes, endsLine }: LogRecord): void {
  if (bytes.length <= maxPartBytes) {
    writer.add(stream, at, bytes, 0, bytes.length, endsLine);
    return;
  }
  const splitter = createLineSplitter((source, start, end, ends) =>
    writer.add(stream, at, source, start, end, ends),
  );
  splitter.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (endsLine) splitter.push(newline);
  splitter.end();
}

const newline = Buffer.from('\n');

async function* readSegments(folder: string): AsyncGenerator<readonly LogRecord[]> {
  const chunk = Buffer.allocUnsafe(readBytes);
  for (const number of segmentNumbers(folder)) {
    yield* readSegment(join(folder, segmentName(number)), chunk, () =>
      listSegments(folder).some((n) => n > number),
    );
  }
}

/** The numbers of the segments that there are when each is asked for. */
function* segmentNumbers(folder: string): Generator<number> {
  let last = 0;
  for (;;) {
    const next = listSegments(folder).find((number) => number > last);
    if (next === undefined) return;
    last = next;
    yield next;
  }
}

async function* readSegment(
  file: string,
  chunk: Buffer,
  isSealed: () => boolean,
): AsyncGenerator<readonly LogRecord[]> {
  const handle = await openIfThere(file);
  if (handle === null) return;
  try {
    let position = 0;
    let sealed = false;
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
      const records: LogRecord[] = [];
      const { length, rest } = decodeRecords(chunk.subarray(0, bytesRead), (record) => records.push(record));
      position += length;
      if (records.length > 0) yield records;
      if (rest === 'torn') return;
      if (length > 0) continue;
      // The writer may have added to this segment between our read and its start of the next one.
      if (sealed || !isSealed()) return;
      sealed = true;
    }
  } finally {
    await handle.close();
  }
}

async function openIfThere(file: string) {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function checkedId(id: string): string {
  if (!isUuid(id)) throw new TypeError('not an id');
  return id;
}
