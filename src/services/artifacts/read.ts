import { type ArtifactPath, runRoot } from '../../core/artifact-path.js';
import { notFound } from '../../core/errors.js';
import type { ArtifactContent, ArtifactEntry, ByteRange } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/**
 * A file of a run's artifacts; its bytes must be read or closed.
 *
 * @throws CoreError `not_found` for the run or the file; `invalid` for a range outside the file; `forbidden`.
 */
export async function readArtifact(
  ctx: Context,
  ref: RunRef,
  path: ArtifactPath,
  range?: ByteRange,
): Promise<ArtifactContent> {
  const run = await accessRun(ctx, ref, 'read');
  const content = await ctx.ports.artifacts.read(runRoot(run.artifactRoot), path, range);
  if (content === null) throw notFound('artifact');
  return content;
}

/**
 * What is at a path of a run's artifacts.
 *
 * @throws CoreError `not_found` for the run or the path; `forbidden`.
 */
export async function statArtifact(ctx: Context, ref: RunRef, path: ArtifactPath): Promise<ArtifactEntry> {
  const run = await accessRun(ctx, ref, 'read');
  const entry = await ctx.ports.artifacts.stat(runRoot(run.artifactRoot), path);
  if (entry === null) throw notFound('artifact');
  return entry;
}
