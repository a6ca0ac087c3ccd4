import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, lstat, opendir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type ArtifactPath,
  type ArtifactRoot,
  isArtifactName,
  isArtifactRoot,
} from '../core/artifact-path.js';
import { notFound } from '../core/errors.js';
import type { ArtifactStore } from '../core/ports/artifacts.js';
import type { OutputsLink } from '../core/ports/services.js';
import { checkOut } from './check-out.js';
import { codeOf, translated, translating } from './errors.js';
import { contentOf } from './file-bytes.js';
import { type Folder, inFolder, openFile } from './folders.js';
import { entryAt, listFiles, namesOf, whereThere } from './list-files.js';
import { readTar } from './read-tar.js';
import { moveAway, removeTree } from './remove-tree.js';
import { createTrees } from './trees.js';
import { writeNew } from './write-new.js';
import { type TarFile, writeTar } from './write-tar.js';

/** An ArtifactStore in a folder of this machine. */
export interface FolderArtifactStore extends ArtifactStore {
  /** The absolute path of a root's folder, made if need be: for jobs on this machine, which write there themselves. */
  localFolder(root: ArtifactRoot): Promise<string>;
  /**
   * Puts symbolic links to other roots into a root, for programs on this machine that look at several; the store
   * itself never shows them. What has such a name already stays; a root that is linked need not be there.
   */
  link(root: ArtifactRoot, links: readonly OutputsLink[]): Promise<void>;
  /**
   * Copies every file of a root into an empty folder that nobody else uses yet; not durable. Rejects `not_found`
   * where no such root is.
   */
  checkout(root: ArtifactRoot, target: string): Promise<void>;
  /** Removes what a killed server had half written or half removed. Only while nobody else uses the store. */
  removeLeftovers(): Promise<void>;
}

/**
 * A store that keeps a root in `<folder>/<root>`. What is not whole yet, or is going away, lies in
 * `<folder>/.tmp`, on the same disk, so that one rename shows or hides it:
 * `*.part` a file, `*.tree` a root, `*.gone` what is being removed, `<root>.<id>.old` a root that is being replaced.
 */
export function createFolderArtifactStore(folder: string): FolderArtifactStore {
  const scratch = join(folder, '.tmp');
  mkdirSync(scratch, { recursive: true, mode: 0o700 });

  function checked(root: ArtifactRoot): ArtifactRoot {
    if (!isArtifactRoot(root)) throw new TypeError('not a root');
    return root;
  }

  const trees = createTrees(folder, scratch);

  async function* tarFiles(root: ArtifactRoot, below: ArtifactPath | null): AsyncGenerator<TarFile> {
    const skipped = below === null ? 0 : below.length + 1;
    for await (const batch of listFiles(folder, root, below, true)) {
      for (const { path } of batch) {
        const handle = await openAt(folder, root, path);
        if (handle !== null) yield* tarFile(handle, path.slice(skipped));
      }
    }
  }

  return {
    async *roots(prefix) {
      try {
        for await (const entry of await opendir(folder)) {
          if (entry.isDirectory() && isArtifactRoot(entry.name) && entry.name.startsWith(prefix)) {
            yield entry.name as ArtifactRoot;
          }
        }
      } catch (error) {
        throw translated(error);
      }
    },

    async *list(root, below, { recursive = false } = {}) {
      try {
        yield* listFiles(folder, checked(root), below, recursive);
      } catch (error) {
        throw translated(error);
      }
    },

    stat(root, path) {
      return translating(() => inParent(folder, checked(root), path, (parent) => entryAt(parent, path)));
    },

    read(root, path, range) {
      return translating(async () => {
        const handle = await openAt(folder, checked(root), path);
        return handle === null ? null : contentOf(handle, range);
      });
    },

    async write(root, path, bytes) {
      const names = namesOf(checked(root), path);
      const part = `${randomUUID()}.part`;
      try {
        const written = await writeNew(join(scratch, part), 0o600, bytes);
        await inFolder(folder, names.slice(0, -1), true, async (parent) => {
          await rename(join(scratch, part), parent.at(names.at(-1) ?? ''));
          await parent.sync();
        });
        return written;
      } catch (error) {
        await rm(join(scratch, part), { force: true });
        throw translated(error);
      }
    },

    remove(root, path) {
      return translating(async () => {
        const gone = `${randomUUID()}.gone`;
        const names = namesOf(checked(root), path);
        const wasThere = await whereThere(false, () =>
          inFolder(folder, names.slice(0, -1), false, async (parent) => {
            const moved = await moveAway(parent.at(names.at(-1) ?? ''), join(scratch, gone));
            if (moved) await parent.sync();
            return moved;
          }),
        );
        if (wasThere) await removeTree(scratch, gone);
        return wasThere;
      });
    },

    async copy(from, to) {
      checked(to);
      await trees.makeNew(to, async (tree) => {
        for await (const { name, executable, bytes } of tarFiles(checked(from), null)) {
          await tree.makeFile(name as ArtifactPath, executable, bytes);
        }
      });
    },

    async *archive(root, below) {
      try {
        yield* writeTar(tarFiles(checked(root), below));
      } catch (error) {
        throw translated(error);
      }
    },

    async unpack(root, archive, limits) {
      return trees.replace(checked(root), (tree) => readTar(archive, limits, tree));
    },

    async localFolder(root) {
      await translating(() => inFolder(folder, [checked(root)], true, async () => {}));
      return resolve(folder, root);
    },

    link(root, links) {
      return translating(() =>
        inFolder(folder, [checked(root)], true, async (opened) => {
          for (const { name, root: target } of links) await makeLink(opened, name, checked(target));
        }),
      );
    },

    async checkout(root, target) {
      if ((await whereThere(null, () => lstat(join(folder, checked(root))))) === null) {
        throw notFound('artifact', 'the files are not there any more');
      }
      await translating(() => checkOut(tarFiles(root, null), target));
    },

    async removeLeftovers() {
      for (const name of await readdir(scratch)) {
        const root = /^(.+)\.[^.]+\.old$/.exec(name)?.[1];
        const isLost =
          root !== undefined && (await whereThere(null, () => lstat(join(folder, root)))) === null;
        if (isLost) await rename(join(scratch, name), join(folder, root));
        else await removeTree(scratch, name);
      }
    },
  };
}

async function makeLink(folder: Folder, name: string, target: ArtifactRoot): Promise<void> {
  if (!isArtifactName(name)) throw new TypeError('not a name');
  try {
    await symlink(join('..', target), folder.at(name));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Runs work in the folder that a path ends in; null where that is none. */
function inParent<T>(
  top: string,
  root: ArtifactRoot,
  path: ArtifactPath,
  work: (parent: Folder, name: string) => Promise<T>,
): Promise<T | null> {
  const names = namesOf(root, path);
  return whereThere(null, () =>
    inFolder(top, names.slice(0, -1), false, (parent) => work(parent, names.at(-1) ?? '')),
  );
}

/** Opens a regular file; null where none is. */
function openAt(top: string, root: ArtifactRoot, path: ArtifactPath): Promise<FileHandle | null> {
  return inParent(top, root, path, openFile);
}

async function* tarFile(handle: FileHandle, name: string): AsyncGenerator<TarFile> {
  try {
    const { mode, mtime } = await handle.stat();
    const { size, bytes } = await contentOf(handle);
    yield { name, size, modifiedAt: mtime, executable: (mode & 0o100) !== 0, bytes };
  } finally {
    await handle.close();
  }
}
