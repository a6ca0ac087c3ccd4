import type { FileHandle } from 'node:fs/promises';
import { invalid, unavailable } from '../core/errors.js';
import type { ArtifactContent, ByteRange } from '../core/ports/artifacts.js';
import { translating } from './errors.js';
import { stampOf } from './stamp.js';

/** What a client that stops reading makes us hold is two or three of these. */
const chunkBytes = 64 * 1024;

/**
 * The content of an open file, which it closes at the end.
 *
 * @throws CoreError `invalid` for a range that does not begin in the file; the file is then closed.
 */
export async function contentOf(handle: FileHandle, range?: ByteRange): Promise<ArtifactContent> {
  const { size, modifiedAt } = stampOf(await handle.stat());
  const start = range?.start ?? 0;
  const end = Math.min(size, (range?.end ?? size - 1) + 1);
  if (range !== undefined && !(Number.isInteger(start) && start >= 0 && start < end)) {
    await handle.close();
    throw invalid('range', `does not begin within the ${size} bytes of the file`);
  }
  return {
    size,
    modifiedAt,
    start,
    length: end - start,
    bytes: bytesOf(handle, start, end),
    close: () => handle.close(),
  };
}

/** Not a generator: one that was never begun runs no `finally`, and would leave the file open. */
function bytesOf(handle: FileHandle, start: number, end: number): AsyncIterable<Uint8Array> {
  let position = start;
  const done = async () => {
    await handle.close();
    return { done: true as const, value: undefined };
  };
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      if (position >= end) return done();
      try {
        const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - position));
        const { bytesRead } = await translating(() => handle.read(buffer, 0, buffer.length, position));
        if (bytesRead === 0) throw unavailable('the file was cut short while it was read');
        position += bytesRead;
        return { done: false, value: buffer.subarray(0, bytesRead) };
      } catch (error) {
        await done();
        throw error;
      }
    },
    return: done,
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
