import type { RunScope } from '../../../src/core/ports/index.js';

/** What of the trash a list shows; only what is in use unless the request says. */
export function lifecycleOf(
  viewType: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL' = 'ACTIVE_ONLY',
): RunScope['lifecycle'] {
  return ({ ACTIVE_ONLY: 'active', DELETED_ONLY: 'deleted', ALL: 'any' } as const)[viewType];
}
