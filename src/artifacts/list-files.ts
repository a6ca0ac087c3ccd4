import { lstat, readdir } from 'node:fs/promises';
import { type ArtifactPath, type ArtifactRoot, childPath } from '../core/artifact-path.js';
import type { ArtifactEntry } from '../core/ports/artifacts.js';
import { codeOf } from './errors.js';
import { type Folder, inFolder } from './folders.js';
import { stampOf } from './stamp.js';

/** So many files are looked at together. */
const batchSize = 256;

/** The names that lead from the folder of all roots to this one. */
export function namesOf(root: ArtifactRoot, folder: ArtifactPath | null): readonly string[] {
  return folder === null ? [root] : [root, ...folder.split('/')];
}

/** See ArtifactStore.list. Holds the names of one folder a level, and no file or folder open between batches. */
export async function* listFiles(
  top: string,
  root: ArtifactRoot,
  folder: ArtifactPath | null,
  recursive: boolean,
): AsyncGenerator<readonly ArtifactEntry[]> {
  let batch: ArtifactEntry[] = [];
  for (const entry of await candidates(top, root, folder)) {
    if (!(recursive && entry.kind === 'folder')) batch.push(entry);
    const isDue = batch.length === batchSize || (recursive && entry.kind === 'folder');
    if (isDue && batch.length > 0) {
      yield* nonEmpty(await completed(top, root, folder, batch));
      batch = [];
    }
    if (recursive && entry.kind === 'folder') yield* listFiles(top, root, entry.path, true);
  }
  if (batch.length > 0) yield* nonEmpty(await completed(top, root, folder, batch));
}

function nonEmpty<T>(batch: readonly T[]): readonly (readonly T[])[] {
  return batch.length === 0 ? [] : [batch];
}

/** The folders and, without size and time yet, the files in a folder, in order. */
async function candidates(
  top: string,
  root: ArtifactRoot,
  folder: ArtifactPath | null,
): Promise<readonly ArtifactEntry[]> {
  const names = await whereThere([], () =>
    inFolder(top, namesOf(root, folder), false, (opened) => readdir(opened.path, { withFileTypes: true })),
  );
  return names
    .flatMap((entry): { key: Buffer; entry: ArtifactEntry }[] => {
      const path = childPath(folder, entry.name);
      if (path === null) return [];
      if (entry.isDirectory())
        return [{ key: Buffer.from(`${entry.name}/`), entry: { kind: 'folder', path } }];
      if (!entry.isFile()) return [];
      return [{ key: Buffer.from(entry.name), entry: { kind: 'file', path, size: 0, modifiedAt: 0 } }];
    })
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

/** The entries as they are now, without those that are gone. */
async function completed(
  top: string,
  root: ArtifactRoot,
  folder: ArtifactPath | null,
  batch: readonly ArtifactEntry[],
): Promise<readonly ArtifactEntry[]> {
  const entries = await whereThere([], () =>
    inFolder(top, namesOf(root, folder), false, (opened) =>
      Promise.all(batch.map((entry) => (entry.kind === 'folder' ? entry : entryAt(opened, entry.path)))),
    ),
  );
  return entries.flatMap((entry) => entry ?? []);
}

/** What is at a path whose last folder is open: null for nothing, for links and for what is neither file nor folder. */
export async function entryAt(parent: Folder, path: ArtifactPath): Promise<ArtifactEntry | null> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const found = await whereThere(null, () => lstat(parent.at(name)));
  if (found?.isDirectory()) return { kind: 'folder', path };
  if (!found?.isFile()) return null;
  return { kind: 'file', path, ...stampOf(found) };
}

/** What work gives; `otherwise` where its path leads to nothing, through a link or through a file. */
export async function whereThere<T, O>(otherwise: O, work: () => Promise<T>): Promise<T | O> {
  try {
    return await work();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error) ?? '')) return otherwise;
    throw error;
  }
}
