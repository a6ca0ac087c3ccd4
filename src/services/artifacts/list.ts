import type { ArtifactPath } from '../../core/artifact-path.js';
import type { ArtifactEntry } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessFiles, type FilesRef } from './files.js';

/**
 * What lies directly in a folder of the files of a run or a model (null: in all), or with `recursive` every file
 * below it; see ArtifactStore.list. Empty where no folder is.
 *
 * @throws CoreError `not_found` for the run or model, `forbidden`; both before the first batch.
 */
export async function listArtifacts(
  ctx: Context,
  ref: FilesRef,
  folder: ArtifactPath | null,
  options: { readonly recursive?: boolean } = {},
): Promise<AsyncIterable<readonly ArtifactEntry[]>> {
  const { root } = await accessFiles(ctx, ref, 'read');
  return ctx.ports.artifacts.list(root, folder, options);
}
