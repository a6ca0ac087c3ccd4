import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unavailable } from '../core/errors.js';
import { isUuid } from '../core/ids.js';
import type { LogRecord, LogStore, OutputRef } from '../core/ports/logs.js';
import { createFolderWatches } from './folder-watches.js';
import { followSegments } from './follow-segments.js';
import { logStart, readSegments } from './read-segments.js';
import { maxPartBytes, openSegmentWriter, type SegmentWriter } from './segments.js';
import { createLineSplitter } from './split-lines.js';

const maxOpenWriters = 64;

/** The folder of the lines that a run's client sent itself; no job has such an id. */
const ownFolder = 'own';

/** At most so often is a follower told that something was written, in milliseconds. */
const gatherMillis = 50;
/** How often followed folders are looked at even if the system's watches tell nothing, in milliseconds. */
const lookMillis = 5_000;

/** A LogStore in a folder of this machine. */
export interface FileLogStore extends LogStore {
  /** The folder of a job's segments, for a supervisor that writes them itself. */
  folderOf(ref: OutputRef): string;
  /** Closes the files that `append` keeps open, and tells followers no more. */
  close(): Promise<void>;
}

/** A store that keeps the output of a job in `<folder>/<run>/<job>/<number>.seg`, and what a run sent itself in `<folder>/<run>/own/`. */
export function createFileLogStore(folder: string): FileLogStore {
  const writers = new Map<string, SegmentWriter>();
  const watches = createFolderWatches({ root: folder, gatherMillis, lookMillis });

  function folderOfRun(runId: string): string {
    return join(folder, checkedId(runId));
  }

  function folderOf(ref: OutputRef): string {
    return join(folderOfRun(ref.runId), ref.jobId === null ? ownFolder : checkedId(ref.jobId));
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
        watches.changed(jobFolder);
      } catch (error) {
        closeWriters((name) => name === jobFolder);
        throw unavailable('the output could not be stored', error);
      }
    },
    read: (ref) => recordsOf(folderOf(ref)),
    follow: (ref, options) => followSegments(folderOf(ref), watches, options),
    async remove(runId) {
      const runFolder = folderOfRun(runId);
      closeWriters((name) => name.startsWith(join(runFolder, '/')));
      await rm(runFolder, { recursive: true, force: true });
    },
    async close() {
      watches.close();
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

async function* recordsOf(folder: string): AsyncGenerator<readonly LogRecord[]> {
  for await (const { records } of readSegments(folder, logStart)) {
    if (records.length > 0) yield records;
  }
}

function checkedId(id: string): string {
  if (!isUuid(id)) throw new TypeError('not an id');
  return id;
}
