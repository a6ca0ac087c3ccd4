import type { ArtifactPath } from '../../../src/core/artifact-path.js';
import type { ArtifactEntry } from '../../../src/core/ports/index.js';
import type { FileInfo } from '../wire/artifact.js';

/** An entry as it is listed; an empty file has its size, too. */
function fromEntry(entry: ArtifactEntry, path: string): FileInfo {
  return entry.kind === 'file' ? { path, is_dir: false, file_size: entry.size } : { path, is_dir: true };
}

/** Entries as they are listed, one by one. */
export async function* fromEntries(
  batches: AsyncIterable<readonly ArtifactEntry[]>,
  pathOf: (path: ArtifactPath) => string,
): AsyncGenerator<FileInfo> {
  for await (const batch of batches) for (const entry of batch) yield fromEntry(entry, pathOf(entry.path));
}
