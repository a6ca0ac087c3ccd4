import type { RunKey } from '../../core/ids.js';
import type { Tag } from '../../core/params.js';
import type { Repositories } from '../../core/ports/index.js';

/** Pure: a run's tags from now on, of those that it has. */
export type Retag = (present: readonly Tag[]) => readonly Tag[];

/** Inside a transaction: makes a run's tags what `retag` makes of them. */
export async function replaceTags(tx: Repositories, runKey: RunKey, retag: Retag): Promise<void> {
  const present = (await tx.tags.list([runKey])).get(runKey) ?? [];
  const wanted = retag(present);
  const keys = new Set(wanted.map((tag) => tag.key));
  const gone = present.map((tag) => tag.key).filter((key) => !keys.has(key));
  if (gone.length > 0) await tx.tags.remove(runKey, gone);
  await tx.tags.upsert(runKey, wanted);
}
