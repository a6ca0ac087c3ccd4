import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { WrittenArtifact } from '../core/ports/artifacts.js';
import { stampOf } from './stamp.js';

/** Makes a durable file that was not there: EEXIST if it was. */
export async function writeNew(
  path: string,
  mode: number,
  bytes: AsyncIterable<Uint8Array>,
): Promise<WrittenArtifact> {
  const hash = createHash('sha256');
  const handle = await open(path, 'wx', mode);
  try {
    for await (const chunk of bytes) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    await handle.sync();
    const { size, modifiedAt } = stampOf(await handle.stat());
    return { size, modifiedAt, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}
