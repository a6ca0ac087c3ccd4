import { type ArtifactPath, runRoot } from '../../core/artifact-path.js';
import { notFound } from '../../core/errors.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/**
 * Removes a file, or a folder with all that is in it, of a run's artifacts.
 *
 * @throws CoreError `not_found` for the run or the path; `forbidden`.
 */
export async function removeArtifact(ctx: Context, ref: RunRef, path: ArtifactPath): Promise<void> {
  const run = await accessRun(ctx, ref, 'write');
  if (!(await ctx.ports.artifacts.remove(runRoot(run.artifactRoot), path))) throw notFound('artifact');
}
