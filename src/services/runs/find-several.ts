import { CoreError } from '../../core/errors.js';
import type { Run } from '../../core/model.js';
import type { Context } from '../context.js';
import { accessRun, type RunRef } from './find.js';

/**
 * Those of the named runs that there are, in the order of their names, and as often.
 *
 * @throws CoreError `forbidden` if the caller may not read one of them.
 */
export async function findInOrder(ctx: Context, refs: readonly RunRef[]): Promise<readonly Run[]> {
  const found: Run[] = [];
  for (const ref of refs) {
    try {
      found.push(await accessRun(ctx, ref, 'read'));
    } catch (error) {
      if (!(error instanceof CoreError) || error.code !== 'not_found') throw error;
    }
  }
  return found;
}

/**
 * Those of the named runs that there are, each once, in the order of their keys: the order in which
 * transactions hold several.
 *
 * @throws CoreError `forbidden` if the caller may not read one of them.
 */
export async function findSeveral(ctx: Context, refs: readonly RunRef[]): Promise<readonly Run[]> {
  const found = new Map((await findInOrder(ctx, refs)).map((run) => [run.key, run]));
  return [...found.values()].sort((a, b) => a.key - b.key);
}
