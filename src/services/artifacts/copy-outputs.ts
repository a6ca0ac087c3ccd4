import { type ArtifactRoot, runRoot } from '../../core/artifact-path.js';
import { CoreError } from '../../core/errors.js';
import type { Run } from '../../core/model.js';
import type { Ports } from '../context.js';
import { removeFiles } from './remove-files.js';

/**
 * Gives a run that was made as a copy the outputs of the one that it was made of, before any of its jobs has
 * started. What is in its outputs already is left alone: then an earlier call has done it, or a client has
 * written what shall be there.
 *
 * @returns false if the other run was deleted for good, before or meanwhile, and its outputs are not there.
 * @throws CoreError `unavailable` without room; then nothing of the copy is there.
 */
export async function copyOutputs(ports: Ports, run: Run): Promise<boolean> {
  const { artifacts } = ports;
  const to = runRoot(run.artifactRoot);
  if (await holdsAnything(ports, to)) return true;
  const from = await rootOfOrigin(ports, run);
  if (from === null) return false;
  try {
    await artifacts.copy(from, to);
  } catch (error) {
    if (error instanceof CoreError && error.detail.code === 'conflict') return true;
    throw error;
  }
  // Its files may have been going away while they were read.
  if ((await rootOfOrigin(ports, run)) !== null) return true;
  await removeFiles(ports, to, null);
  return false;
}

async function rootOfOrigin({ store }: Ports, { originKey }: Run): Promise<ArtifactRoot | null> {
  const origin = originKey === null ? null : await store.read.runs.findByKey(originKey);
  return origin === null || origin.purgeAt !== null ? null : runRoot(origin.artifactRoot);
}

async function holdsAnything({ artifacts }: Ports, root: ArtifactRoot): Promise<boolean> {
  for await (const batch of artifacts.list(root, null)) if (batch.length > 0) return true;
  return false;
}
