import type { ArtifactPath, ArtifactRoot } from '../artifact-path.js';
import type { Micros } from '../time.js';

/** What a file of the artifact store held when it had this size and time: if it has others now, nothing is known. */
export interface FileDigest {
  /** In bytes. */
  readonly size: number;
  readonly modifiedAt: Micros;
  /** Of its bytes, in hex. */
  readonly sha256: string;
}

/** The digests of files, beside them: the files themselves are the truth, and jobs write them, too. */
export interface DigestRepository {
  find(root: ArtifactRoot, path: ArtifactPath): Promise<FileDigest | null>;
  put(root: ArtifactRoot, path: ArtifactPath, digest: FileDigest): Promise<void>;
  /** Forgets a file and what is below it where it is a folder, or (null) the whole root. */
  remove(root: ArtifactRoot, path: ArtifactPath | null): Promise<void>;
}
