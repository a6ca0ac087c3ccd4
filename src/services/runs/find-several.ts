import { CoreError } from '../../core/errors.js';
import type { Run } from '../../core/model.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from './find.js';

/**
 * Those of the named runs that there are, each once, in the order of their keys: the order in which
 * transactions hold several.
 *
 * @throws CoreError `forbidden` if the caller may not read one of them.
 */
export async function findSeveral(ctx: Context, refs: readonly RunRef[]): Promise<readonly Run[]> {
  const found = new Map<number, Run>();
  for (const ref of refs) {
    try {
      const run = await accessRun(ctx, ref, 'read');
      found.set(run.key, run);
    } catch (error) {
      if (!(error instanceof CoreError) || error.code !== 'not_found') throw error;
    }
  }
  return [...found.values()].sort((a, b) => a.key - b.key);
}
