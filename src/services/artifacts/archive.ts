import { type ArtifactPath, runRoot } from '../../core/artifact-path.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/**
 * A folder of a run's artifacts (null: all of them) as a tar.gz; a valid empty one where nothing is.
 *
 * @throws CoreError `not_found` for the run, `forbidden`; both before the first byte.
 */
export async function archiveArtifacts(
  ctx: Context,
  ref: RunRef,
  folder: ArtifactPath | null,
): Promise<AsyncIterable<Uint8Array>> {
  const run = await accessRun(ctx, ref, 'read');
  return ctx.ports.artifacts.archive(runRoot(run.artifactRoot), folder);
}
