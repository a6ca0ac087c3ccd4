import { createHash } from 'node:crypto';
import type { ArtifactPath, ArtifactRoot } from '../../core/artifact-path.js';
import { CoreError, notFound } from '../../core/errors.js';
import type { ArtifactContent, ArtifactEntry, ByteRange, FileDigest } from '../../core/ports/index.js';
import type { Context, Ports } from '../context.js';
import { accessFiles, type FilesRef } from './files.js';

interface Place {
  readonly root: ArtifactRoot;
  readonly path: ArtifactPath;
}

/** A file that is being read. */
export interface ReadArtifact extends ArtifactContent {
  /** Of the whole file, in hex; null as long as nobody has written it through Franca or read it whole. */
  readonly sha256: string | null;
}

/**
 * A file of a run or a model; its bytes must be read or closed. The digest of one that is read whole is kept.
 *
 * @throws CoreError `not_found` for the run, the model or the file; `invalid` for a range outside the file; `forbidden`.
 */
export async function readArtifact(
  ctx: Context,
  ref: FilesRef,
  path: ArtifactPath,
  range?: ByteRange,
): Promise<ReadArtifact> {
  const { root } = await accessFiles(ctx, ref, 'read');
  const content = await ctx.ports.artifacts.read(root, path, range);
  if (content === null) throw notFound('artifact');
  const known = await ctx.ports.store.read.digests.find(root, path);
  const isSame = known?.size === content.size && known.modifiedAt === content.modifiedAt;
  if (isSame) return { ...content, sha256: known.sha256 };
  if (range !== undefined) return { ...content, sha256: null };
  return { ...content, sha256: null, bytes: digested(ctx.ports, { root, path }, content) };
}

/**
 * The bytes, whose digest is kept when the last of them is read. Not a generator: to give up one that was never begun
 * would not close the file.
 */
function digested(ports: Ports, place: Place, { bytes, size, modifiedAt }: ArtifactContent) {
  const hash = createHash('sha256');
  const given = bytes[Symbol.asyncIterator]();
  let read = 0;
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      const step = await given.next();
      if (step.done === true) return { done: true, value: undefined };
      hash.update(step.value);
      read += step.value.byteLength;
      if (read === size) await keep(ports, place, { size, modifiedAt, sha256: hash.digest('hex') });
      return step;
    },
    async return() {
      await given.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** Whoever reads is served, too, where this cannot be: the next one who reads the whole keeps it. */
async function keep({ artifacts, store }: Ports, { root, path }: Place, digest: FileDigest): Promise<void> {
  try {
    // Not of a file that was removed while it was read.
    if ((await artifacts.stat(root, path)) === null) return;
    await store.transaction((tx) => tx.digests.put(root, path, digest));
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
  }
}

/**
 * What is at a path of the files of a run or a model.
 *
 * @throws CoreError `not_found` for the run, the model or the path; `forbidden`.
 */
export async function statArtifact(ctx: Context, ref: FilesRef, path: ArtifactPath): Promise<ArtifactEntry> {
  const { root } = await accessFiles(ctx, ref, 'read');
  const entry = await ctx.ports.artifacts.stat(root, path);
  if (entry === null) throw notFound('artifact');
  return entry;
}
