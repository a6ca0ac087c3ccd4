import { randomUUID } from 'node:crypto';
import { chmod, lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './errors.js';
import { inFolder } from './folders.js';

/**
 * Moves a file or folder, whatever its rights: a folder that may not be written cannot be moved either.
 *
 * @returns false if nothing is there.
 */
export async function moveAway(from: string | Buffer, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    if (codeOf(error) !== 'EACCES') throw error;
  }
  await chmod(from, 0o700);
  await rename(from, to);
  return true;
}

/**
 * Removes `<scratch>/<name>` and all that is in it. Folders are lifted out one level at a time, so that neither
 * the depth of a tree nor the length of its paths matters, and no link is ever followed.
 */
export async function removeTree(scratch: string, name: string): Promise<void> {
  const pending = [name];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const path = join(scratch, next);
    if (await isFolder(path)) pending.push(...(await removeFolder(scratch, next)));
    else await rm(path, { force: true });
  }
}

/** Removes a folder and its files; gives the names that its folders have in the scratch folder now. */
async function removeFolder(scratch: string, name: string): Promise<string[]> {
  const path = join(scratch, name);
  await chmod(path, 0o700);
  const lifted: string[] = [];
  await inFolder(scratch, [name], false, async (folder) => {
    // Names as bytes: a job may have made some that are no text.
    for (const entry of await readdir(folder.path, { withFileTypes: true, encoding: 'buffer' })) {
      const inside = Buffer.concat([Buffer.from(folder.at('')), entry.name]);
      if (entry.isDirectory()) {
        const place = `${randomUUID()}.gone`;
        if (await moveAway(inside, join(scratch, place))) lifted.push(place);
      } else await rm(inside, { force: true });
    }
  });
  try {
    await rmdir(path);
  } catch (error) {
    // Somebody who had it open has put something in.
    if (codeOf(error) !== 'ENOTEMPTY') throw error;
    lifted.push(name);
  }
  return lifted;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
