import type { ArtifactPath } from '../../core/artifact-path.js';
import { notFound } from '../../core/errors.js';
import type { ArtifactContent, ArtifactEntry, ByteRange } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessFiles, type FilesRef } from './files.js';

/**
 * A file of a run or a model; its bytes must be read or closed.
 *
 * @throws CoreError `not_found` for the run, the model or the file; `invalid` for a range outside the file; `forbidden`.
 */
export async function readArtifact(
  ctx: Context,
  ref: FilesRef,
  path: ArtifactPath,
  range?: ByteRange,
): Promise<ArtifactContent> {
  const { root } = await accessFiles(ctx, ref, 'read');
  const content = await ctx.ports.artifacts.read(root, path, range);
  if (content === null) throw notFound('artifact');
  return content;
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
