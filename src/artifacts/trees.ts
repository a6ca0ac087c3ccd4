import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactPath, ArtifactRoot } from '../core/artifact-path.js';
import { CoreError, invalid } from '../core/errors.js';
import { codeOf, translated } from './errors.js';
import { inFolder, openFolder } from './folders.js';
import type { TarTarget } from './read-tar.js';
import { moveAway, removeTree } from './remove-tree.js';
import { writeNew } from './write-new.js';

/** Fills a tree that nobody sees yet. */
type TreeWork<T> = (tree: TarTarget) => Promise<T>;

/** Makes whole roots: each is filled in the scratch folder, and shown by one rename. Nothing is left of a failure. */
export interface Trees {
  /** Makes a root that holds nothing yet; else rejects `conflict`. */
  makeNew<T>(root: ArtifactRoot, work: TreeWork<T>): Promise<T>;
  /** Makes a root in the place of what is there. */
  replace<T>(root: ArtifactRoot, work: TreeWork<T>): Promise<T>;
}

/** Trees in `folder`, made in `scratch` on the same disk. */
export function createTrees(folder: string, scratch: string): Trees {
  /** Runs work on a new tree, and puts it in its place by `publish`. */
  async function withTree<T>(work: TreeWork<T>, publish: (path: string) => Promise<void>): Promise<T> {
    const tree = `${randomUUID()}.tree`;
    try {
      await mkdir(join(scratch, tree), { mode: 0o700 });
      const result = await work(targetOf(scratch, tree));
      await syncTree(scratch, tree);
      await publish(join(scratch, tree));
      await syncFolder(folder);
      return result;
    } catch (error) {
      await removeTree(scratch, tree);
      throw translated(error);
    }
  }

  async function publishNew(tree: string, root: ArtifactRoot): Promise<void> {
    try {
      await rename(tree, join(folder, root));
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
      throw new CoreError({ code: 'conflict' }, 'there are artifacts already', { cause: error });
    }
  }

  async function publishInstead(tree: string, root: ArtifactRoot): Promise<void> {
    for (;;) {
      const old = `${root}.${randomUUID()}.old`;
      await moveAway(join(folder, root), join(scratch, old));
      try {
        await rename(tree, join(folder, root));
        return await removeTree(scratch, old);
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) {
          await moveAway(join(scratch, old), join(folder, root));
          throw error;
        }
        // Another one has replaced it between the two renames: what it found gone is ours to remove, and now it is our turn.
        await removeTree(scratch, old);
      }
    }
  }

  return {
    makeNew: (root, work) => withTree(work, (tree) => publishNew(tree, root)),
    replace: (root, work) => withTree(work, (tree) => publishInstead(tree, root)),
  };
}

function targetOf(scratch: string, tree: string): TarTarget {
  return {
    makeFile: (path, executable, bytes) => makeFile(scratch, tree, path, executable, bytes),
    makeFolder: (path) => inFolder(scratch, [tree, ...path.split('/')], true, async () => {}),
  };
}

async function makeFile(
  scratch: string,
  tree: string,
  path: ArtifactPath,
  executable: boolean,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const names = [tree, ...path.split('/')];
  try {
    await inFolder(scratch, names.slice(0, -1), true, (parent) =>
      writeNew(parent.at(names.at(-1) ?? ''), executable ? 0o700 : 0o600, bytes),
    );
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) throw error;
    throw invalid('archive', `the path ${JSON.stringify(path)} is there twice`);
  }
}

async function syncFolder(path: string): Promise<void> {
  const opened = await openFolder(path);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** Makes the names in all folders of a new tree durable. */
async function syncTree(scratch: string, tree: string): Promise<void> {
  const path = join(scratch, tree);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncTree(scratch, join(tree, entry.name));
  }
  await syncFolder(path);
}
