import type { ArtifactRoot } from '../core/artifact-path.js';
import type { RunId, RunKey } from '../core/ids.js';
import type { RunRepository } from '../core/ports/index.js';
import { prepare, type Session } from './statement.js';

/**
 * A root of another run stands in the column; a run's own root is its id. A run that is being purged
 * needs its root no more: so of two that are purged at once, both may remove it, and one will.
 */
const selectSharing = prepare<{ root: RunId; except: RunKey }>()(({ db }, given) =>
  db
    .selectFrom('run')
    .select('key')
    .where('artifact_root', '=', given.root)
    .where('key', '!=', given.except)
    .where('purge_at', 'is', null)
    .limit(1),
);

const selectOwning = prepare<{ root: RunId; except: RunKey }>()(({ db }, given) =>
  db
    .selectFrom('run')
    .select('key')
    .where('id', '=', given.root)
    .where('artifact_root', 'is', null)
    .where('key', '!=', given.except)
    .where('purge_at', 'is', null),
);

const selectUsingCode = prepare<{ root: ArtifactRoot; except: RunKey }>()(({ db }, given) =>
  db
    .selectFrom('run')
    .select('key')
    .where('code_root', '=', given.root)
    .where('key', '!=', given.except)
    .where('purge_at', 'is', null)
    .limit(1),
);

/** No run has this key. */
const nobody = 0 as RunKey;

/** Who else needs the files of a run. */
export function createSharedRoots(session: Session): Pick<RunRepository, 'sharesArtifactRoot' | 'usesCode'> {
  return {
    async sharesArtifactRoot(root, except) {
      const sharing = await selectSharing.first(session, { root, except });
      return (sharing ?? (await selectOwning.first(session, { root, except }))) !== undefined;
    },
    async usesCode(root, except) {
      return (await selectUsingCode.first(session, { root, except: except ?? nobody })) !== undefined;
    },
  };
}
