import type { Context } from '../context.js';
import { accessRun, type RunRef } from './find.js';
import { type RunRow, type RunView, rowsOf, viewRun } from './view.js';

/**
 * One run.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function getRun(ctx: Context, ref: RunRef): Promise<RunView> {
  return viewRun(ctx.ports.store.read, await accessRun(ctx, ref, 'read'));
}

/**
 * One run with what lists show of it.
 *
 * @throws CoreError `not_found`, `forbidden`.
 */
export async function getRunRow(ctx: Context, ref: RunRef): Promise<RunRow> {
  const [row] = await rowsOf(ctx.ports.store.read, [await accessRun(ctx, ref, 'read')]);
  if (row === undefined) throw new Error('a row is made for every run');
  return row;
}
