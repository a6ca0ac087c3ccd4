import { runRoot } from '../../core/artifact-path.js';
import type { Run } from '../../core/model.js';
import type { Ports } from '../context.js';
import { removeFiles } from './remove-files.js';

/** Removes the outputs of a run that was deleted for good; but not those in which another run goes on. */
export async function releaseArtifacts(ports: Ports, run: Run): Promise<void> {
  if (await ports.store.read.runs.sharesArtifactRoot(run.artifactRoot, run.key)) return;
  await removeFiles(ports, runRoot(run.artifactRoot), null);
}
