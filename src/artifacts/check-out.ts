import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TarFile } from './write-tar.js';

/**
 * Writes files into a folder that nobody else uses, with the folders that they need. Not durable: it is quick
 * for thousands of small files, and who needs them after a power cut writes them anew.
 */
export async function checkOut(files: AsyncIterable<TarFile>, target: string): Promise<void> {
  let made = target;
  for await (const { name, executable, bytes } of files) {
    const path = join(target, name);
    if (dirname(path) !== made) {
      made = dirname(path);
      await mkdir(made, { recursive: true, mode: 0o700 });
    }
    const handle = await open(path, 'wx', executable ? 0o700 : 0o600);
    try {
      for await (const chunk of bytes) await handle.writeFile(chunk);
    } finally {
      await handle.close();
    }
  }
}
