import { type ArtifactPath, runRoot } from '../../core/artifact-path.js';
import type { ArtifactEntry } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';

/**
 * What lies directly in a folder of a run's artifacts (null: in all), or with `recursive` every file below
 * it; see ArtifactStore.list. Empty where no folder is.
 *
 * @throws CoreError `not_found` for the run, `forbidden`; both before the first batch.
 */
export async function listArtifacts(
  ctx: Context,
  ref: RunRef,
  folder: ArtifactPath | null,
  options: { readonly recursive?: boolean } = {},
): Promise<AsyncIterable<readonly ArtifactEntry[]>> {
  const run = await accessRun(ctx, ref, 'read');
  return ctx.ports.artifacts.list(runRoot(run.artifactRoot), folder, options);
}
