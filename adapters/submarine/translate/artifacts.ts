import type { ArtifactEntry } from '../../../src/core/ports/index.js';

/**
 * The address of a file or folder as Submarine's server lists it: in the bucket that its SDK writes to, a folder with a
 * slash at its end (`Client.listArtifact`). The path behind the experiment's id is that of all dialects.
 */
export function artifactAddress(experimentId: string, { kind, path }: ArtifactEntry): string {
  return `s3://submarine/experiment/${experimentId}/${path}${kind === 'file' ? '' : '/'}`;
}
