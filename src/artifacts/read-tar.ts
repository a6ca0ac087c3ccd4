import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract, type Header } from 'tar-stream';
import { type ArtifactPath, artifactPath } from '../core/artifact-path.js';
import { CoreError, invalid } from '../core/errors.js';
import type { Unpacked, UnpackLimits } from '../core/ports/artifacts.js';

type Entry = AsyncIterable<unknown> & { readonly header: Header };

/** Where an archive's content goes. */
export interface TarTarget {
  makeFolder(path: ArtifactPath): Promise<void>;
  /** Rejects `invalid` if the file is there already. */
  makeFile(path: ArtifactPath, executable: boolean, bytes: AsyncIterable<Uint8Array>): Promise<void>;
}

/** As much may come out of an archive whatever its size: small ones of repeated text shrink enormously. */
const freeBytes = 16 * 1024 * 1024;

/**
 * Reads a tar.gz into a target, entry by entry.
 *
 * @throws CoreError `invalid` for `archive`, or `too_large`; what the archive's own stream or the target
 * throws, as it is. The target may then hold a part.
 */
export async function readTar(
  archive: AsyncIterable<Uint8Array>,
  limits: UnpackLimits,
  target: TarTarget,
): Promise<Unpacked> {
  const meter = createMeter(archive, limits);
  const entries = extract();
  const gunzip = createGunzip({ chunkSize: 128 * 1024 });
  const feeding = pipeline(meter.packed(), gunzip, meter.unpacked, entries).then(
    () => null,
    (error: unknown) => error,
  );
  try {
    const unpacked = await takeAll(entries, limits, target);
    const error = await feeding;
    if (error !== null) throw error;
    return unpacked;
  } catch (error) {
    if (meter.failure() !== undefined) throw meter.failure();
    if (error instanceof CoreError || isSystemError(error)) throw error;
    // What is left is zlib's and tar-stream's word on the bytes.
    throw invalid('archive', 'is not a whole tar.gz');
  }
}

async function takeAll(entries: Extract, limits: UnpackLimits, target: TarTarget): Promise<Unpacked> {
  let seen = 0;
  let files = 0;
  let bytes = 0;
  for await (const entry of entries) {
    seen += 1;
    if (seen > limits.maxEntries) throw tooLarge(`holds more than ${limits.maxEntries} entries`);
    const size = entry.header.size ?? 0;
    if (size > limits.maxBytes - bytes) throw tooLarge(`holds more than ${limits.maxBytes} bytes`);
    const isFile = await take(entry, target);
    if (isFile) files += 1;
    bytes += size;
  }
  return { files, bytes };
}

/** @returns true for a file. */
async function take(entry: Entry, target: TarTarget): Promise<boolean> {
  const { name, type, mode = 0 } = entry.header;
  const isFile = type === 'file' || type === 'contiguous-file';
  if (!isFile && type !== 'directory') {
    throw invalid('archive', `the entry ${shown(name)} is neither a file nor a folder`);
  }
  const path = pathOf(name, isFile);
  if (isFile && path === null) throw invalid('archive', `the entry ${shown(name)} has no name`);
  if (path !== null && isFile)
    await target.makeFile(path, (mode & 0o100) !== 0, entry as AsyncIterable<Uint8Array>);
  else if (path !== null) await target.makeFolder(path);
  return isFile;
}

/** The path of an entry; null for the folder that was packed itself, which `tar` calls `./`. */
function pathOf(name: string, isFile: boolean): ArtifactPath | null {
  const bare = name.replace(/^(?:\.\/)+/, '');
  const tidy = isFile ? bare : bare.replace(/\/$/, '');
  if (tidy === '' || tidy === '.') return null;
  try {
    return artifactPath(tidy);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw invalid('archive', `the entry ${shown(name)}: ${error.message}`);
  }
}

/** Counts what goes into the decompressor and what comes out, and ends the flow where the limits do. */
function createMeter(archive: AsyncIterable<Uint8Array>, limits: UnpackLimits) {
  let packedBytes = 0;
  let unpackedBytes = 0;
  let failure: unknown;

  async function* packed(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of archive) {
        packedBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  }

  async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      unpackedBytes += chunk.length;
      if (unpackedBytes > limits.maxBytes) failure = tooLarge(`holds more than ${limits.maxBytes} bytes`);
      if (unpackedBytes > Math.max(freeBytes, packedBytes * limits.maxRatio)) failure = tooLarge('swells');
      if (failure !== undefined) throw failure;
      yield chunk;
    }
  }

  return { packed, unpacked, failure: () => failure };
}

function tooLarge(what: string): CoreError {
  return new CoreError({ code: 'too_large' }, `the archive ${what}`);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function shown(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}
