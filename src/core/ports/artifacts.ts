import type { ArtifactPath, ArtifactRoot } from '../artifact-path.js';
import type { Micros } from '../time.js';
import type { FileDigest } from './digests.js';

/** A file. */
export interface ArtifactFile {
  readonly kind: 'file';
  readonly path: ArtifactPath;
  /** In bytes. */
  readonly size: number;
  readonly modifiedAt: Micros;
}

/** A folder. It is there because files are below it; whether an empty one is shown is up to the store. */
export interface ArtifactFolder {
  readonly kind: 'folder';
  readonly path: ArtifactPath;
}

export type ArtifactEntry = ArtifactFile | ArtifactFolder;

/** Bytes of a file, counted from 0, both ends included; without `end`, to the end of the file. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/** A file that is being read. The bytes must be read, in part at least, or given up by `close`. */
export interface ArtifactContent {
  /** Of the whole file, in bytes. */
  readonly size: number;
  readonly modifiedAt: Micros;
  /** The first byte that is given, and how many; the whole file where no range was asked for. */
  readonly start: number;
  readonly length: number;
  /**
   * Those bytes, once. They are of the file as it was when it was opened, though it be replaced meanwhile; a
   * file that is cut short meanwhile, by the job that writes it, ends them with an error.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** What was written. */
export type WrittenArtifact = FileDigest;

/** How much an archive may hold. */
export interface UnpackLimits {
  /** Files and folders together. */
  readonly maxEntries: number;
  /** Of the unpacked archive, with its headers. */
  readonly maxBytes: number;
  /** Times that it may be larger unpacked than packed; the first 16 MiB are free. */
  readonly maxRatio: number;
}

/** What an archive held. */
export interface Unpacked {
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
}

/**
 * Keeps the files of runs and the code of projects, as trees below roots. What is no regular file (links, pipes,
 * devices), lies behind a link, or has a name that is no ArtifactPath is never shown, read or followed.
 * Memory does not grow with the size of a file.
 *
 * Every method rejects with a CoreError `unavailable` when the store has no room or cannot answer, and
 * otherwise as it says; what was given to it is then not visible in any part. So it is when a stream that was
 * given in fails; that failure is passed on as it is.
 */
export interface ArtifactStore {
  /** The roots whose names begin so, as they are when they are reached. */
  roots(prefix: string): AsyncIterable<ArtifactRoot>;
  /**
   * What lies directly in a folder (null: the root itself), or with `recursive` every file below it, in
   * the order of the bytes of the paths, where a folder counts as if it ended in `/`. In batches, as they are
   * when they are reached. Empty if nothing is there.
   */
  list(
    root: ArtifactRoot,
    folder: ArtifactPath | null,
    options?: { readonly recursive?: boolean },
  ): AsyncIterable<readonly ArtifactEntry[]>;
  /** What is at a path; null for nothing. */
  stat(root: ArtifactRoot, path: ArtifactPath): Promise<ArtifactEntry | null>;
  /** A file's bytes; null where no file is. Rejects `invalid` for a `range` that does not begin in the file. */
  read(root: ArtifactRoot, path: ArtifactPath, range?: ByteRange): Promise<ArtifactContent | null>;
  /**
   * Makes or replaces a file as a whole, and the folders that it needs; resolves when it is durable. Of two
   * writers of one path the last to finish wins. Rejects `invalid` where a folder is, and may where the path
   * leads through a file.
   */
  write(root: ArtifactRoot, path: ArtifactPath, bytes: AsyncIterable<Uint8Array>): Promise<WrittenArtifact>;
  /** Removes a file, a folder with all that is in it, or (null) the whole root; false if nothing was there. */
  remove(root: ArtifactRoot, path: ArtifactPath | null): Promise<boolean>;
  /** Copies every file of a root into one that holds nothing yet, all at once; else rejects `conflict`. */
  copy(from: ArtifactRoot, to: ArtifactRoot): Promise<void>;
  /** All files of a folder (null: of the root), with their paths below it, as a tar.gz. */
  archive(root: ArtifactRoot, folder: ArtifactPath | null): AsyncIterable<Uint8Array>;
  /**
   * Replaces all that is in a root by the content of a tar.gz. Rejects, and leaves the root as it was, with
   * `invalid` for `archive`: damaged, with a path that is no ArtifactPath, a link, a device, or the same file
   * twice; with `too_large` beyond a limit, which is noticed before more than that is stored.
   */
  unpack(root: ArtifactRoot, archive: AsyncIterable<Uint8Array>, limits: UnpackLimits): Promise<Unpacked>;
}
