import { sql } from 'kysely';
import type { ArtifactPath, ArtifactRoot } from '../core/artifact-path.js';
import type { DigestRepository, FileDigest } from '../core/ports/index.js';
import { prepare, type Session } from './statement.js';

interface Place {
  readonly root: ArtifactRoot;
  readonly path: ArtifactPath;
}

const select = prepare<Place>()(({ db }, given) =>
  db
    .selectFrom('file_digest')
    .select(['size', 'modified_at', 'sha256'])
    .where('root', '=', given.root)
    .where('path', '=', given.path),
);

const upsert = prepare<Place & FileDigest>()(({ db }, given) => {
  const { size, sha256, modifiedAt: modified_at } = given;
  return db
    .insertInto('file_digest')
    .values({ root: given.root, path: given.path, size, modified_at, sha256 })
    .onConflict((conflict) => conflict.columns(['root', 'path']).doUpdateSet({ size, modified_at, sha256 }));
});

const removeAll = prepare<{ root: ArtifactRoot }>()(({ db }, given) =>
  db.deleteFrom('file_digest').where('root', '=', given.root),
);

/** The paths below a folder are those from `folder/` to before `folder0`, the sign that follows the slash. */
const removeBelow = prepare<Place & { from: string; before: string }>()(({ db }, given) =>
  db
    .deleteFrom('file_digest')
    .where('root', '=', given.root)
    .where(sql<boolean>`(path = ${given.path} or (path >= ${given.from} and path < ${given.before}))`),
);

/** The digests of files, in this session. */
export function createDigests(session: Session): DigestRepository {
  return {
    async find(root, path) {
      const row = await select.first(session, { root, path });
      if (row === undefined) return null;
      return { size: row.size, modifiedAt: row.modified_at, sha256: row.sha256 };
    },
    async put(root, path, digest) {
      await upsert.all(session, { root, path, ...digest });
    },
    async remove(root, path) {
      if (path === null) await removeAll.all(session, { root });
      else await removeBelow.all(session, { root, path, from: `${path}/`, before: `${path}0` });
    },
  };
}
