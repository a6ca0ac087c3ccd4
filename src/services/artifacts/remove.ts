import type { ArtifactPath } from '../../core/artifact-path.js';
import { notFound } from '../../core/errors.js';
import type { Context } from '../context.js';
import { accessFiles, type FilesRef } from './files.js';
import { removeFiles } from './remove-files.js';

/**
 * Removes a file, or a folder with all that is in it, of a run or a model.
 *
 * @throws CoreError `not_found` for the run, the model or the path; `forbidden`.
 */
export async function removeArtifact(ctx: Context, ref: FilesRef, path: ArtifactPath): Promise<void> {
  const { root } = await accessFiles(ctx, ref, 'write');
  if (!(await removeFiles(ctx.ports, root, path))) throw notFound('artifact');
}
