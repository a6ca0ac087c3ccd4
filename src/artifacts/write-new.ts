import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { WrittenArtifact } from '../core/ports/artifacts.js';

/** Makes a durable file that was not there: EEXIST if it was. */
export async function writeNew(
  path: string,
  mode: number,
  bytes: AsyncIterable<Uint8Array>,
): Promise<WrittenArtifact> {
  const hash = createHash('sha256');
  let size = 0;
  const handle = await open(path, 'wx', mode);
  try {
    for await (const chunk of bytes) {
      hash.update(chunk);
      size += chunk.length;
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { size, sha256: hash.digest('hex') };
}
