import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath } from 'node:fs/promises';
import { codeOf } from './errors.js';

/**
 * An open folder. Names are looked up in the folder that was opened, whatever its path leads to by now: on
 * Linux `/proc/self/fd/<n>/<name>` does what openat(2) does, which Node has not. So a job that puts a symbolic
 * link in the place of a folder, at any moment, leads nobody out of its root.
 */
export interface Folder {
  /** The path of a name in this folder, until it is closed. The last name is the caller's not to follow. */
  at(name: string): string;
  /** A path by which the folder itself can be read, until it is closed. */
  readonly path: string;
  /** Makes the names in it durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const hasDescriptorPaths = process.platform === 'linux';

/** Opens a folder at a path of ours, which no job can change. */
export async function openFolder(path: string): Promise<Folder> {
  return folderOf(await open(path, O_RDONLY | O_DIRECTORY), await realpath(path));
}

function folderOf(handle: FileHandle, realPath: string): Folder {
  const path = hasDescriptorPaths ? `/proc/self/fd/${handle.fd}` : realPath;
  return {
    path,
    at: (name) => `${path}/${name}`,
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/** Opens a folder in a folder. Rejects ENOENT; ENOTDIR or ELOOP for a link and anything else. */
async function openIn(parent: Folder, name: string): Promise<Folder> {
  const path = parent.at(name);
  const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (hasDescriptorPaths) return folderOf(handle, path);
  // Without openat there is no more than this: a parent may have become a link since it was opened.
  if ((await realpath(path)) !== path) {
    await handle.close();
    throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR', syscall: 'open' });
  }
  return folderOf(handle, path);
}

async function makeIn(parent: Folder, name: string): Promise<Folder> {
  try {
    return await openIn(parent, name);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  try {
    await mkdir(parent.at(name), { mode: 0o700 });
    await parent.sync();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return openIn(parent, name);
}

/**
 * Runs work in a folder, reached from `top` name by name.
 *
 * @param make true to make the folders that are missing; else rejects ENOENT.
 */
export async function inFolder<T>(
  top: string,
  names: readonly string[],
  make: boolean,
  work: (folder: Folder) => Promise<T>,
): Promise<T> {
  let folder = await openFolder(top);
  try {
    for (const name of names) {
      const next = await (make ? makeIn(folder, name) : openIn(folder, name));
      await folder.close();
      folder = next;
    }
    return await work(folder);
  } finally {
    await folder.close();
  }
}

/** Opens a regular file in a folder for reading; null for anything else and for nothing. */
export async function openFile(folder: Folder, name: string): Promise<FileHandle | null> {
  const path = folder.at(name);
  try {
    // Not opened to see: opening a device can do something.
    if (!(await lstat(path)).isFile()) return null;
    // O_NONBLOCK: a pipe that took the file's place must not hold us.
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return null;
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(codeOf(error) ?? '')) return null;
    throw error;
  }
}
