import { lstat, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JobDatabases, UnreadableDatabase } from '../core/ports/job-databases.js';
import { copyDatabase, openFile } from './copy-database.js';
import { type ReaderLimits, readRows } from './reader-process.js';

export interface JobDatabasesOptions extends Partial<ReaderLimits> {
  /** The compiled reader; by default the one beside this module. */
  readonly program?: string;
  /** Of a database that has to be copied. */
  readonly byteLimit?: number;
}

/** Jobs' databases in SQLite files. */
export function createJobDatabases({
  program = fileURLToPath(new URL('./reader.js', import.meta.url)),
  byteLimit = 1024 ** 3,
  silenceMillis = 30_000,
  rowLimit = 20_000_000,
}: JobDatabasesOptions = {}): JobDatabases {
  return {
    async stamp(file) {
      const found = await lstat(file, { bigint: true }).catch(() => null);
      return found === null ? null : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
    },
    async *read(file, request) {
      const state = await stateOf(file);
      if (state === 'absent') return;
      const isRecovered = state === 'unsettled' && request.ended;
      const copy = isRecovered ? await copyDatabase(file, byteLimit) : null;
      try {
        const from = { file: copy ?? file, mayRecover: isRecovered };
        yield* readRows(program, { ...request, ...from }, { silenceMillis, rowLimit });
      } finally {
        if (copy !== null) await rm(dirname(copy), { recursive: true, force: true });
      }
    },
  };
}

/**
 * Unsettled is a database with a journal, which its last writer had no time to end, or one that is always written
 * by way of a log: to read either, SQLite has to write.
 */
async function stateOf(file: string): Promise<'absent' | 'settled' | 'unsettled'> {
  if (!(await isFolder(dirname(file)))) return 'absent';
  const handle = await openFile(file);
  if (handle === null) return 'absent';
  try {
    const { buffer } = await handle.read(Buffer.alloc(100), 0, 100, 0);
    // The format's versions for writing and for reading: 2 stands for the log.
    if (buffer[18] === 2 || buffer[19] === 2) return 'unsettled';
  } finally {
    await handle.close();
  }
  const beside = await Promise.all(['-journal', '-wal'].map((suffix) => exists(`${file}${suffix}`)));
  return beside.includes(true) ? 'unsettled' : 'settled';
}

/** Throws for a link: it may lead anywhere. */
async function isFolder(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null);
  if (found === null || found.isDirectory()) return found !== null;
  throw new UnreadableDatabase('its folder is none');
}

async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => null)) !== null;
}
