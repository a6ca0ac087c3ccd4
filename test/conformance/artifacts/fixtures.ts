import { v7 } from 'uuid';
import { type ArtifactRoot, artifactPath, runRoot } from '../../../src/core/artifact-path.js';
import type { CoreErrorCode } from '../../../src/core/errors.js';
import type { RunId } from '../../../src/core/ids.js';
import type { ArtifactEntry, ArtifactStore } from '../../../src/core/ports/index.js';
import { bufferOf, bytesOf } from './tar.js';

/** A store that is open for the cases of a suite, and how to leave it. */
export interface OpenArtifactStore {
  readonly store: ArtifactStore;
  close(): Promise<void>;
}

/** A root that nobody has used. */
export function aRoot(): ArtifactRoot {
  return runRoot(v7() as RunId);
}

/** Writes a text to each path. */
export async function writeTexts(
  store: ArtifactStore,
  root: ArtifactRoot,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await store.write(root, artifactPath(path), bytesOf(text));
  }
}

/** The text at a path; null for none. */
export async function textAt(store: ArtifactStore, root: ArtifactRoot, path: string): Promise<string | null> {
  const content = await store.read(root, artifactPath(path));
  return content === null ? null : (await bufferOf(content.bytes)).toString();
}

/** All that a list gives. */
export async function listed(
  store: ArtifactStore,
  root: ArtifactRoot,
  folder: string | null = null,
  options: { recursive?: boolean } = {},
): Promise<ArtifactEntry[]> {
  const entries: ArtifactEntry[] = [];
  for await (const batch of store.list(root, folder === null ? null : artifactPath(folder), options)) {
    entries.push(...batch);
  }
  return entries;
}

/** The paths of all files of a root. */
export async function filesOf(store: ArtifactStore, root: ArtifactRoot): Promise<string[]> {
  return (await listed(store, root, null, { recursive: true })).map(({ path }) => path);
}

/** Every file of a root with its text. */
export async function treeOf(
  store: ArtifactStore,
  root: ArtifactRoot,
): Promise<Record<string, string | null>> {
  const tree: Record<string, string | null> = {};
  for (const path of await filesOf(store, root)) tree[path] = await textAt(store, root, path);
  return tree;
}

/** How work fails: the code of its CoreError; `none` if it does not. */
export async function codeOf(work: Promise<unknown>): Promise<CoreErrorCode | 'none'> {
  return work.then(
    () => 'none' as const,
    (error) => error.code,
  );
}
