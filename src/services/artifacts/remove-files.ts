import type { ArtifactPath, ArtifactRoot } from '../../core/artifact-path.js';
import type { Ports } from '../context.js';

/**
 * Removes a file, a folder, or (null) a whole root from the store, and then what is kept of it beside: so a repeat after
 * a crash finds both, or what is left of them. False if no file was there.
 */
export async function removeFiles(
  { artifacts, store }: Ports,
  root: ArtifactRoot,
  path: ArtifactPath | null,
): Promise<boolean> {
  const wasThere = await artifacts.remove(root, path);
  await store.transaction((tx) => tx.digests.remove(root, path));
  return wasThere;
}
