import { once } from 'node:events';
import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';

/** A file on its way into an archive. */
export interface TarFile {
  readonly name: string;
  readonly size: number;
  readonly modifiedAt: Date;
  readonly executable: boolean;
  /** As many as `size` says. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Models and images hardly shrink: the quickest level is five times as fast as the usual one. */
const gzipLevel = 1;

/** A tar.gz of the files, made while it is read. Fails if a file fails. */
export async function* writeTar(files: AsyncIterable<TarFile>): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const tar = pack();
  const gzip = createGzip({ level: gzipLevel, chunkSize: 128 * 1024 });
  const feeding = feed(tar, files, stop.signal).catch((error: Error) => void tar.destroy(error));
  // The callback has nothing to do: the loop below gets the error from gzip, which is destroyed with it.
  pipeline(tar, gzip, () => {});
  try {
    for await (const chunk of gzip) yield chunk;
  } finally {
    stop.abort();
    tar.destroy();
    await feeding;
  }
}

async function feed(tar: Pack, files: AsyncIterable<TarFile>, signal: AbortSignal): Promise<void> {
  for await (const file of files) {
    const entry = tar.entry({
      name: file.name,
      size: file.size,
      mtime: file.modifiedAt,
      mode: file.executable ? 0o755 : 0o644,
      type: 'file',
    });
    // When the tar fails its entry does too; an error that nobody listened for would end the process.
    entry.on('error', () => {});
    for await (const chunk of file.bytes) {
      if (!entry.write(chunk)) await once(entry, 'drain', { signal });
    }
    entry.end(null);
    await once(entry, 'close', { signal });
  }
  tar.finalize();
}
