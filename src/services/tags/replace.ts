import type { RunKey } from '../../core/ids.js';
import type { Tag } from '../../core/params.js';
import type { Repositories, TagRepository } from '../../core/ports/index.js';

/** Pure: the tags of a thing from now on, of those that it has. */
export type Retag = (present: readonly Tag[]) => readonly Tag[];

/** Inside a transaction: makes a run's tags what `retag` makes of them. */
export async function replaceTags(tx: Repositories, runKey: RunKey, retag: Retag): Promise<void> {
  await replaceTagsOf(tx.tags, runKey, (await tx.tags.list([runKey])).get(runKey) ?? [], retag);
}

/** Inside a transaction: the same of what these tags are of; only what differs is written. */
export async function replaceTagsOf<Owner>(
  tags: TagRepository<Owner>,
  owner: Owner,
  present: readonly Tag[],
  retag: Retag,
): Promise<void> {
  const wanted = new Map(retag(present).map(({ key, value }) => [key, value]));
  const known = new Map(present.map(({ key, value }) => [key, value]));
  const gone = [...known.keys()].filter((key) => !wanted.has(key));
  const changed = [...wanted]
    .filter(([key, value]) => known.get(key) !== value)
    .map(([key, value]) => ({ key, value }));
  if (gone.length > 0) await tags.remove(owner, gone);
  if (changed.length > 0) await tags.upsert(owner, changed);
}
