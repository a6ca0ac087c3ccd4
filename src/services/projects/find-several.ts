import type { ProjectKey } from '../../core/ids.js';
import type { Context } from '../context.js';
import { isInSight } from '../sight.js';

/** The projects of these numbers in the request's workspace; numbers that name none are passed over. */
export async function findProjectKeys(
  ctx: Context,
  numbers: readonly number[],
): Promise<readonly ProjectKey[]> {
  const { projects } = ctx.ports.store.read;
  const found = await projects.findByNumbers(ctx.workspace.key, [...new Set(numbers)]);
  return found.filter((project) => isInSight(ctx, project)).map(({ key }) => key);
}
