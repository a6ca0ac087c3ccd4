import type { Micros } from './time.js';

/**
 * Where a run or a project stands: in use; in the trash, from which it can be restored; or on its way out
 * for good, and then nobody sees it any more.
 */
export type Stage = 'active' | 'trashed' | 'purging';

/** Of which stages things are listed: in use, in the trash, or both; what is on its way out is in no list. */
export type Lifecycle = 'active' | 'deleted' | 'any';

/** The stage that these two times say. */
export function stageOf(thing: {
  readonly deletedAt: Micros | null;
  readonly purgeAt: Micros | null;
}): Stage {
  if (thing.purgeAt !== null) return 'purging';
  return thing.deletedAt === null ? 'active' : 'trashed';
}
