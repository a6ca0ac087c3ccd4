import type { ArtifactRoot } from '../core/artifact-path.js';
import { CoreError } from '../core/errors.js';
import type { ArtifactFile } from '../core/ports/index.js';

/** How many counts are remembered; the one that was not asked for for the longest time goes. */
const most = 10_000;

/** Remembers how many rows files have, for as long as they stay as they are. */
export interface Counts {
  /** The count of a file, or what `count` finds; null where that rejects as for no table. */
  of(root: ArtifactRoot, file: ArtifactFile, count: () => Promise<number | null>): Promise<number | null>;
}

interface Known {
  readonly size: number;
  readonly modifiedAt: number;
  readonly rows: number | null;
}

/** Knows of no file yet. */
export function createCounts(): Counts {
  const known = new Map<string, Known>();
  return {
    async of(root, { path, size, modifiedAt }, count) {
      const name = `${root}/${path}`;
      const before = known.get(name);
      known.delete(name);
      const isSame = before?.size === size && before.modifiedAt === modifiedAt;
      const entry = isSame ? before : { size, modifiedAt, rows: await orNull(count) };
      known.set(name, entry);
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
      return entry.rows;
    },
  };
}

/** What is no table, and what is gone meanwhile, has no rows to count. */
async function orNull(count: () => Promise<number | null>): Promise<number | null> {
  try {
    return await count();
  } catch (error) {
    if (error instanceof CoreError && (error.code === 'invalid' || error.code === 'not_found')) return null;
    throw error;
  }
}
