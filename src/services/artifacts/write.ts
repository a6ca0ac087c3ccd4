import type { ArtifactPath } from '../../core/artifact-path.js';
import type { WrittenArtifact } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessFiles, type FilesRef } from './files.js';

/**
 * Makes or replaces one file of a run or a model as a whole; resolves when it is durable.
 *
 * @throws CoreError `not_found` for the run or model, also if it was deleted for good meanwhile; `invalid` where a
 * folder is; `unavailable` without room; `forbidden`. What the stream of bytes throws, as it is.
 */
export async function writeArtifact(
  ctx: Context,
  ref: FilesRef,
  path: ArtifactPath,
  bytes: AsyncIterable<Uint8Array>,
): Promise<WrittenArtifact> {
  const files = await accessFiles(ctx, ref, 'write');
  const written = await ctx.ports.artifacts.write(files.root, path, bytes);
  // Before the owner is looked at: if it is on its way out, this goes with its files.
  await ctx.ports.store.transaction((tx) => tx.digests.put(files.root, path, written));
  await files.confirm();
  return written;
}
