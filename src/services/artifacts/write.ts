import { type ArtifactPath, runRoot } from '../../core/artifact-path.js';
import { notFound } from '../../core/errors.js';
import type { WrittenArtifact } from '../../core/ports/index.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from '../runs/find.js';
import { releaseArtifacts } from './release.js';

/**
 * Makes or replaces one file of a run's artifacts as a whole; resolves when it is durable.
 *
 * @throws CoreError `not_found` for the run, also if it was deleted for good meanwhile; `invalid` where a
 * folder is; `unavailable` without room; `forbidden`. What the stream of bytes throws, as it is.
 */
export async function writeArtifact(
  ctx: Context,
  ref: RunRef,
  path: ArtifactPath,
  bytes: AsyncIterable<Uint8Array>,
): Promise<WrittenArtifact> {
  const { artifacts, store } = ctx.ports;
  const run = await accessRun(ctx, ref, 'write');
  const written = await artifacts.write(runRoot(run.artifactRoot), path, bytes);
  // An upload takes its time: the run's files may have been removed before this one came.
  const now = await store.read.runs.findByKey(run.key);
  if (now !== null && now.purgeAt === null) return written;
  await releaseArtifacts(ctx.ports, run);
  throw notFound('run');
}
