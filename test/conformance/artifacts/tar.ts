import { createGzip, gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

/** An entry of a tar as a test makes it; a file unless it says otherwise. */
export type TarEntry = Partial<Header> & { readonly name: string; readonly text?: string };

/** A tar.gz of these entries, whatever they are. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  return gzipSync(await bareTarOf(entries));
}

/** The same without the gzip. */
export async function bareTarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { text = '', ...header } of entries) {
    if ((header.type ?? 'file') === 'file') tar.entry({ type: 'file', ...header }, text);
    else tar.entry(header);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The bytes in pieces of this size, as a network gives them. */
export async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** The bytes of a text. */
export function bytesOf(text: string): AsyncIterable<Uint8Array> {
  return inPieces(Buffer.from(text), 64 * 1024);
}

/** All bytes of a stream. */
export async function bufferOf(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The 512 bytes before a file of this size. */
export async function tarHeader(name: string, size: number): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name, size, type: 'file' });
  for await (const header of tar) return header as Buffer;
  throw new Error('every file has a header');
}

/** These bytes and 10 GB of zeros, gzipped as they are asked for: 10 MB. */
export function tenGigabytes(first: Uint8Array): AsyncIterable<Uint8Array> {
  const gzip = createGzip();
  const block = Buffer.alloc(1024 * 1024);
  let left = 10_000;
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!gzip.write(block)) return;
    }
    gzip.end();
  };
  gzip.on('drain', more);
  gzip.write(first);
  more();
  return gzip;
}

/** These bytes and 10 GB of zeros: 10 MB, made of one part over and over, so that whoever sends it has little to do. */
export async function* cheapBomb(first: Uint8Array): AsyncGenerator<Uint8Array> {
  yield gzipSync(first);
  const part = gzipSync(Buffer.alloc(100 * 1024 ** 2));
  for (let n = 0; n < 100; n += 1) yield part;
}
