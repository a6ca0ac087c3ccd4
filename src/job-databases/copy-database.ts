import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UnreadableDatabase } from '../core/ports/job-databases.js';

/** What ends a journal that names another file, which SQLite would then read, and might remove. */
const superJournalMagic = Buffer.from('d9d505f920a163d7', 'hex');

const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Copies a database with what its last writer left beside it into a new folder there, in which it can be recovered.
 * Links are not followed.
 *
 * @returns the copy of the database, alone in its folder.
 */
export async function copyDatabase(file: string, byteLimit: number): Promise<string> {
  const folder = await mkdtemp(join(dirname(file), '.copy-'));
  const copy = join(folder, 'database');
  try {
    for (const suffix of ['', '-journal', '-wal'])
      await copyFile(`${file}${suffix}`, `${copy}${suffix}`, byteLimit);
    return copy;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function copyFile(from: string, to: string, byteLimit: number): Promise<void> {
  const handle = await openFile(from);
  if (handle === null) return;
  try {
    const { size } = await handle.stat();
    if (size > byteLimit) throw new UnreadableDatabase('it is too large');
    if (await namesSuperJournal(handle, size)) throw new UnreadableDatabase('its journal names another file');
    const bytes = handle.createReadStream({ start: 0, end: Math.max(0, size - 1), autoClose: false });
    await pipeline(bytes, createWriteStream(to, { flags: 'wx', mode: 0o600 }));
  } finally {
    await handle.close();
  }
}

/** The plain file of this name; null for none. */
export async function openFile(file: string): Promise<FileHandle | null> {
  const handle = await open(file, openFlags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new UnreadableDatabase(`it cannot be opened (${error.code})`, { cause: error });
  });
  if (handle === null || (await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new UnreadableDatabase('it is not a file');
}

async function namesSuperJournal(handle: FileHandle, size: number): Promise<boolean> {
  const length = superJournalMagic.length;
  if (size < length) return false;
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.equals(superJournalMagic);
}
