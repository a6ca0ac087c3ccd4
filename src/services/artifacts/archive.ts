import type { ArtifactPath } from '../../core/artifact-path.js';
import type { Context } from '../context.js';
import { accessFiles, type FilesRef } from './files.js';

/**
 * A folder of the files of a run or a model (null: all of them) as a tar.gz; a valid empty one where nothing is.
 *
 * @throws CoreError `not_found` for the run or model, `forbidden`; both before the first byte.
 */
export async function archiveArtifacts(
  ctx: Context,
  ref: FilesRef,
  folder: ArtifactPath | null,
): Promise<AsyncIterable<Uint8Array>> {
  const { root } = await accessFiles(ctx, ref, 'read');
  return ctx.ports.artifacts.archive(root, folder);
}
